import { z } from 'zod';
import type { ClockReading } from '../../shared/domain';
import { bestReading, localNow, measureClock } from '../hosts/clock';
import type { HostSession } from './session';

/** The host's clock again, at the end of a collection: by command, or by the engine's word where only that is there. */
export async function measureSessionClock(session: HostSession): Promise<ClockReading | undefined> {
  if (session.host.transport !== 'engine only') return measureClock(session.host);
  if (!session.engine) return undefined;
  const askedMs = localNow();
  const { SystemTime } = await session.engine.json(z.object({ SystemTime: z.string().optional() }), '/info');
  const answeredMs = localNow();
  const hostMs = Date.parse(SystemTime ?? '');
  return Number.isNaN(hostMs) ? undefined : bestReading([{ askedMs, answeredMs, hostMs, resolutionMs: 0 }]);
}
