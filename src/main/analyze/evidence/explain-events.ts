import { z } from 'zod';
import type { ExplainItem } from '../../../shared/contract/evidence';
import type { Db } from '../index/db';
import { isoMicros, readRows } from '../index/query';
import { eventsNear } from '../timeline/columns';

const Event = z.object({ us: z.number(), message: z.string(), exhibit: z.string(), locator: z.string() });
const Target = z.object({ id: z.number(), ms: z.number().nullable() });
/** Before and after the start, in µs: starts are sure to the second alone. */
const NEAR = 5_000_000;

/** What was logged of a process's container when the process began, on the corrected axis. */
export function eventItems(
  db: Db,
  own: { started: number | null; container: string | null; exhibit: string },
): ExplainItem[] {
  if (own.started === null || own.container === null) return [];
  const [target] = readRows(
    db,
    Target,
    `SELECT id, (SELECT clock_offset_ms FROM exhibits WHERE exhibit = ?) AS ms FROM targets
      WHERE kind = 'container' AND key = ?`,
    [own.exhibit, own.container],
  );
  if (!target) return [];
  const started = own.started - Math.round(target.ms ?? 0) * 1000;
  const near = eventsNear(db, target.id, started - NEAR, started + NEAR, 200);
  return readRows(
    db,
    Event,
    `SELECT us, message, exhibit, locator FROM events
      WHERE id IN (SELECT value FROM json_each(?)) ORDER BY us, id`,
    [JSON.stringify(near)],
  ).map(({ us, message, exhibit, locator }) => ({
    text: `${isoMicros(us)} ${message}`,
    notable: false,
    cites: [{ exhibit, locator }],
  }));
}
