import type { ExhibitRecord } from '../../../../shared/domain';
import { asLadingError } from '../../../../shared/errors';
import { visible } from '../../../../shared/visible';
import type { LogRecord } from '../../formats/logs/record';
import { eachOnce, type Reading, type Tell } from '../../logs/once';
import { kindOf, readLog } from '../../logs/read';
import { holdsLogs, type LogSource, logSources } from '../../logs/sources';
import { hostZones, zoneMinutesOf } from '../../logs/zone';
import { defineIndexer, type IndexContext } from '../indexer';
import { correctionOf, eventTime } from '../lib/event';

/** Of a message so many characters are kept; its place names all of it. */
const MESSAGE_MAX = 4096;

/**
 * Entries of every log: of containers (json-file, local, CRI, as the engine gives them), the journal, syslog, web servers,
 * audit, logins, shell histories; also those that lie in a container's file system.
 */
export default defineIndexer({
  id: 'logs',
  version: '2',
  title: 'Logs',
  accepts: holdsLogs,
  async index(ctx, exhibits) {
    // Files of the engine say all that its API says, but for what came after they were read.
    const files = exhibits.filter(({ kind }) => kind !== 'docker log');
    const calls = exhibits.filter(({ kind }) => kind === 'docker log');
    const until = new Map<string, number>();
    const zones = await hostZones(ctx);
    for (const { exhibit, tell } of inOrder(files, calls)) {
      await ctx.pause();
      try {
        const zoneMinutes = zoneMinutesOf(zones, exhibit);
        for await (const found of logSources(ctx, exhibit)) {
          await write(ctx, { ...found, place: { ...found.place, zoneMinutes } }, until, tell);
        }
      } catch (error) {
        const { code, message } = asLadingError(error);
        if (code === 'CANCELLED' || code === 'DISK_FULL') throw error;
        ctx.unreadable(exhibit, message);
      }
    }
  },
});

/** Read one after the other: what an older one may tell is known when the newer one was read. */
function* inOrder(...lists: ExhibitRecord[][]): Generator<Reading> {
  for (const list of lists) yield* eachOnce(list);
}

/** One container in one collection. */
const keyOf = ({ collection, target }: ExhibitRecord) => JSON.stringify([collection, target.id]);
const ENGINE_FILES = new Set(['docker-json', 'docker-local']);

async function write(ctx: IndexContext, source: LogSource, until: Map<string, number>, tell: Tell): Promise<void> {
  const { exhibit, format, path } = source;
  const key = keyOf(exhibit);
  const from = format.id === 'docker-api' ? (until.get(key) ?? Number.NEGATIVE_INFINITY) : Number.NEGATIVE_INFINITY;
  const correction = correctionOf(exhibit);
  let last = Number.NEGATIVE_INFINITY;
  let untimed = 0;
  const take = (record: LogRecord) => {
    if (!record.time) {
      untimed += 1;
      return;
    }
    if (record.time.ms > last) last = record.time.ms;
    // asked first: what a file of this collection told, an older one need not tell either
    if (!tell(path, record) || record.time.ms <= from) return;
    const time = eventTime(record.time, correction);
    if (!time) {
      untimed += 1;
      return;
    }
    const message = record.message.slice(0, MESSAGE_MAX);
    const locator = source.locate(record);
    ctx.rows.event({
      exhibit: exhibit.id,
      locator,
      ...time,
      source: kindOf(format.id, record),
      timestamp_desc: record.desc,
      message,
    });
  };
  for (const { offset, reason } of await readLog(source, take, ctx.pause)) {
    ctx.unreadable(exhibit, `${visible(path, { max: 200 })}, byte ${offset}: ${visible(reason, { max: 300 })}`);
  }
  if (untimed > 0) {
    ctx.unreadable(exhibit, `${visible(path, { max: 200 })}: ${untimed} entries have no time that can be one.`);
  }
  if (ENGINE_FILES.has(format.id)) until.set(key, Math.max(last, until.get(key) ?? Number.NEGATIVE_INFINITY));
}
