import type { Citation } from '../../../shared/domain';
import { defineAnalyzer } from '../analyzer';
import { dockerLogReader, type LogEntry } from '../formats/docker-log';
import { jsonLogReader } from '../formats/json-log';
import { contentRules } from './lib/logs/content';
import { backwardTime } from './lib/logs/time';
import { eachExhibit, report } from './lib/rule';

/** Every rule on logs. */
export const logRules = [...contentRules, backwardTime];

/** So much of an entry is looked at, in bytes; the engine itself cuts at 16 KiB. */
const KEPT = 16 * 1024;

/** Files of the driver json-file, as they lay on the engine's disk. */
const FILES = ['import.container-log', 'import.json-log'];

/**
 * What a container wrote, as far as the engine kept it. Reads `GET /containers/{id}/logs?timestamps=1`, and imported files
 * of the driver json-file, as a stream.
 */
export default defineAnalyzer({
  id: 'container-logs',
  version: '2',
  title: 'Logs of containers',
  accepts: ({ collector, kind }) =>
    (collector.id === 'container.logs' && kind === 'docker log') || (FILES.includes(collector.id) && kind === 'log'),
  analyze: (ctx, exhibits) =>
    eachExhibit(ctx, exhibits, async (exhibit) => {
      const cite = ({ offset, length }: LogEntry): Citation => ({
        exhibit: exhibit.id,
        locator: `bytes:${offset}+${length}`,
      });
      const looks = logRules.map((rule) => ({ rule, look: rule.begin() }));
      const each = (entry: LogEntry) => {
        for (const { look } of looks) look.entry(entry, cite);
      };
      const reader =
        exhibit.collector.id === 'container.logs' ? dockerLogReader(each, { keep: KEPT }) : jsonLogReader(each);
      for await (const chunk of ctx.stream(exhibit)) reader.push(chunk);
      for (const { offset, reason } of reader.end().faults) ctx.unreadable(exhibit, `At byte ${offset}: ${reason}`);
      // only now is it known that these are the bytes that were collected
      for (const { rule, look } of looks) {
        for (const hit of look.end()) report(ctx, rule, exhibit.target, hit);
      }
    }),
});
