import { useEffect, useState } from 'react';
import type { ByteSource } from '../model/source';
import { WHOLE_MAX } from './viewer';

const PIECE = 1_048_576;

/** The whole of a small exhibit, made into something by `make`; `made` and `error` are absent while it loads. */
export function useWhole<M>(
  source: ByteSource,
  make: (bytes: Uint8Array) => M,
): { made?: M; error?: unknown; tooLarge: boolean; loaded: number } {
  const [state, setState] = useState<{ made?: M; error?: unknown; loaded: number }>({ loaded: 0 });
  const tooLarge = source.total > WHOLE_MAX;
  useEffect(() => {
    setState({ loaded: 0 });
    if (source.total > WHOLE_MAX) return;
    let gone = false;
    const load = async () => {
      const whole = new Uint8Array(source.total);
      for (let at = 0; at < source.total && !gone; at += PIECE) {
        whole.set(await source.bytes(at, PIECE), at);
        if (!gone) setState({ loaded: at });
      }
      if (!gone) setState({ made: make(whole), loaded: source.total });
    };
    load().catch((error: unknown) => !gone && setState({ error, loaded: 0 }));
    return () => {
      gone = true;
    };
  }, [source, make]);
  return { ...state, tooLarge };
}
