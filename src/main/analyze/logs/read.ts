import { parseAccessLine } from '../formats/logs/access-log';
import type { LogFault, LogRecord } from '../formats/logs/record';
import type { LogSource } from './sources';

/** Where an entry of a log stands in the timeline. */
export type LogKind = 'log' | 'access' | 'auth' | 'audit' | 'login' | 'history';

const CONTAINER = new Set(['docker-json', 'docker-api', 'docker-local', 'cri']);
const KINDS: Readonly<Record<string, LogKind>> = {
  audit: 'audit',
  wtmp: 'login',
  btmp: 'login',
  lastlog: 'login',
  history: 'history',
  'access-log': 'access',
};

/** The kind of a format's entry; of syslog and the journal by what the entry says. */
export function kindOf(format: string, record: Pick<LogRecord, 'desc'>): LogKind {
  if (CONTAINER.has(format)) return record.desc === 'Request' ? 'access' : 'log';
  if (/^(?:syslog|journal)/.test(format)) return record.desc === 'Logged' ? 'log' : 'auth';
  return KINDS[format] ?? 'log';
}

/**
 * Reads a log to its end, in constant memory; `take` is called for each entry. A container whose main process is a web server
 * writes requests to its log: they keep the time at which the engine got them.
 */
export async function readLog(
  source: LogSource,
  take: (record: LogRecord) => void,
  pause?: () => Promise<void>,
): Promise<LogFault[]> {
  const { format, place } = source;
  const inContainer = CONTAINER.has(format.id);
  const reader = format.reader((record) => {
    const request = inContainer && record.message.includes('HTTP/') ? parseAccessLine(record.message) : undefined;
    take(request ? { ...record, desc: 'Request', fields: { ...request.fields, ...record.fields } } : record);
  }, place);
  for await (const piece of source.open()) {
    reader.push(piece);
    await pause?.();
  }
  return reader.end();
}
