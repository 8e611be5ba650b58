import { accessLog } from './access-log';
import { audit } from './audit';
import { cri, dockerApi, dockerJson } from './docker-json';
import { dockerLocal } from './docker-local';
import { errorLog } from './error-log';
import { genericLog } from './generic';
import { history } from './history';
import { journalExport, journalJson } from './journal';
import type { LogFormat } from './record';
import { syslog } from './syslog';
import { btmp, lastlog, wtmp } from './utmp';

/** Every kind of log that Lading can read. Of equally sure ones the first counts. */
export const logFormats: readonly LogFormat[] = [
  ...[dockerJson, dockerApi, dockerLocal, cri, journalExport, journalJson, audit, wtmp, btmp, lastlog],
  ...[accessLog, errorLog, syslog, history, genericLog],
];

/** Bytes of the beginning that are looked at. */
export const HEAD_BYTES = 64 * 1024;

/** What the name of a file alone says: for formats that cannot be told by their bytes. */
const NAMED: readonly [RegExp, LogFormat][] = [
  [/(?:^|\/)lastlog$/, lastlog],
  [/(?:^|\/)btmp(?:[.-][^/]*)?$/, btmp],
  [/(?:^|\/)[uw]tmpx?(?:[.-][^/]*)?$/, wtmp],
  [/(?:_history|\/\.history|\/\.zhistory|fish_history)$/, history],
];

/** Which kind of log a file is, by its name and its first bytes; undefined where it is none that Lading can read. */
export function logFormatOf(path: string, head: Buffer): LogFormat | undefined {
  const name = path.replace(/\.(?:gz|\d+)$/, '').replace(/\.\d+$/, '');
  for (const [pattern, format] of NAMED) if (pattern.test(name)) return format;
  let best: { format: LogFormat; sure: number } | undefined;
  for (const format of logFormats) {
    const sure = format.sniff(head);
    // half of the lines at least: a log may begin with a banner or in the middle of an entry
    if (sure >= 0.3 && (!best || sure > best.sure)) best = { format, sure };
  }
  return best?.format;
}
