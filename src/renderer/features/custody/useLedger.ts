import { useEffect, useState } from 'react';
import type { Entry } from '../../../shared/domain';
import { client } from '../../client';

const PIECE = 2000;

/**
 * The whole ledger, which only grows: each time the head moves, only what is new is fetched. `total` is known before all
 * entries are there.
 */
export function useLedger(path: string, headSeq: number): { entries: readonly Entry[]; total: number; error: unknown } {
  const [state, setState] = useState<{ path: string; entries: readonly Entry[]; total: number; error: unknown }>({
    path,
    entries: [],
    total: headSeq + 1,
    error: undefined,
  });
  const known = state.path === path ? state.entries : undefined;
  const next = (known?.at(-1)?.seq ?? -1) + 1;
  useEffect(() => {
    if (next > headSeq) return;
    const ending = new AbortController();
    client.custody.ledger({ case: path, from: next, limit: PIECE }, { signal: ending.signal }).then(
      ({ entries, total }) => {
        if (ending.signal.aborted) return;
        setState((old) => ({
          path,
          entries: [...(old.path === path ? old.entries : []), ...entries.filter((entry) => entry.seq >= next)],
          total,
          error: undefined,
        }));
      },
      (error: unknown) => {
        if (!ending.signal.aborted) setState((old) => ({ ...old, error }));
      },
    );
    return () => ending.abort();
  }, [path, headSeq, next]);
  return { entries: known ?? [], total: state.total, error: state.error };
}
