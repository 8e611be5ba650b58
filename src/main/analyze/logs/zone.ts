import type { Readable } from 'node:stream';
import type { ExhibitRecord } from '../../../shared/domain';
import { readFrames } from '../formats/frames';
import { zoneOf } from '../formats/logs/time';

interface Reader {
  readonly exhibits: readonly ExhibitRecord[];
  stream(exhibit: ExhibitRecord): Readable;
  unreadable(exhibit: ExhibitRecord, reason: string): void;
}

/** Minutes east of UTC of a host's local time, by collection and host. */
export type Zones = ReadonlyMap<string, number>;

const keyOf = ({ collection, host }: ExhibitRecord) => JSON.stringify([collection, host?.id]);

/**
 * What `date` said on each host when it was collected from (`host.clock`). A zone with summer time was another in the other half of the
 * year: times that name no zone stay marked as assumed.
 */
export async function hostZones(ctx: Reader): Promise<Zones> {
  const zones = new Map<string, number>();
  for (const exhibit of ctx.exhibits) {
    if (exhibit.collector.id !== 'host.clock' || exhibit.kind !== 'frames') continue;
    try {
      const { frames } = await readFrames(ctx.stream(exhibit), { keep: 1024 });
      const said = frames.find(({ name }) => name === 'date.local')?.body.toString('latin1') ?? '';
      const minutes = zoneOf(/T\d\d:\d\d:\d\d([+-]\d{4})\b/.exec(said)?.[1] ?? '');
      if (minutes !== undefined) zones.set(keyOf(exhibit), minutes);
    } catch (error) {
      ctx.unreadable(exhibit, error instanceof Error ? error.message : String(error));
    }
  }
  return zones;
}

/** The zone in which a log of an exhibit was written: a host's own; inside of containers UTC is the rule, and nothing says otherwise. */
export function zoneMinutesOf(zones: Zones, exhibit: ExhibitRecord): number | undefined {
  return exhibit.target.kind === 'host' ? zones.get(keyOf(exhibit)) : undefined;
}
