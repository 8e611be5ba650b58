import type { CollectContext } from '../collector';
import { type CaptureSpec, capturePackets } from './capture';
import type { CaptureTold } from './input';
import { ownConnection } from './own';
import { beginSamples } from './samples';

export interface CaptureSession {
  source: string;
  target: string;
  told: CaptureTold;
  /** What is captured: one exhibit each, at once. */
  of: Pick<CaptureSpec, 'title' | 'file' | 'interface' | 'pid' | 'promiscuous'>[];
  /** Whose sockets are looked at meanwhile; the whole host's without it. */
  container?: { id: string; pid: number };
}

/** Captures with samples of the sockets before, during and after, so that connections can be told to their processes. */
export async function captureSession(ctx: CollectContext, { source, target, told, of, container }: CaptureSession) {
  const own = await ownConnection(ctx);
  const samples =
    told.socketsEvery === 0
      ? undefined
      : await beginSamples(ctx, {
          source: `${source}.sockets`,
          title: 'Sockets before, during and after the capture',
          target,
          container,
          everySeconds: told.socketsEvery,
          // it ends with the capture, which may begin late
          seconds: told.seconds + 120,
          bytes: 1e12,
        });
  await samples?.begun;
  const captures = await Promise.allSettled(
    of.map((one) => capturePackets(ctx, { ...one, source, target, told, own })),
  );
  samples?.stop();
  const ended = await Promise.allSettled([samples?.ended]);
  for (const one of [...captures, ...ended]) if (one.status === 'rejected') throw one.reason;
}
