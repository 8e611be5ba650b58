import { lineFormat } from './line-format';
import type { ParsedLine } from './record';
import { isoTime, type LogPlace, type LogTime, monthOf, utcOf } from './time';

/** nginx, ngx_log.c: time [level] pid#tid: *connection text, client: …, server: …, request: "…". */
const NGINX = /^(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d) \[([a-z]{1,10})\] (\d{1,10})#\d{1,10}: (?:\*\d{1,20} )?(.*)$/s;
/** Apache 2.4's default ErrorLogFormat: [time] [module:level] [pid n:tid n] [client a:p] text. Older: [time] [level] [client a] text. */
const APACHE =
  /^\[([A-Za-z]{3} [A-Za-z]{3} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})? \d{4})\] \[([\w-]{0,40}:?[a-z\d]{1,12})\] (?:\[pid (\d{1,10})(?::tid \d{1,20})?\] )?(?:\[(?:remote|client) ([^\]]{1,300})\] )?(.*)$/s;
const APACHE_TIME = /^[A-Za-z]{3} ([A-Za-z]{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? (\d{4})$/;

function apacheTime(text: string, place: LogPlace): LogTime | undefined {
  const match = APACHE_TIME.exec(text);
  if (!match) return undefined;
  const [, name = '', day, hour, minute, second, decimals = '', year] = match;
  const month = monthOf(name);
  if (month === undefined) return undefined;
  const fraction = decimals === '' ? 0 : Number(`0.${decimals}`);
  const at = utcOf(Number(year), month, Number(day), Number(hour), Number(minute), Number(second), fraction);
  if (at === undefined) return undefined;
  return {
    ms: at - (place.zoneMinutes ?? 0) * 60_000,
    raw: text,
    fineness: decimals === '' ? 's' : decimals.length <= 3 ? 'ms' : 'µs',
    assumed: ['zone'],
  };
}

/** Reads one line of either server; undefined where it is none. */
export function parseErrorLine(text: string, place: LogPlace): ParsedLine | undefined {
  const nginx = NGINX.exec(text);
  if (nginx) {
    const [, stamp = '', level = '', pid = '', message = ''] = nginx;
    const time = isoTime(stamp, place);
    if (!time) return undefined;
    const client = /, client: ([^,\s]{1,100})/.exec(message)?.[1];
    return {
      time,
      desc: 'Logged',
      message: `[${level}] ${message}`,
      fields: { level, pid, ...(client && { address: client }) },
    };
  }
  const apache = APACHE.exec(text);
  if (!apache) return undefined;
  const [, stamp = '', level = '', pid, client, message = ''] = apache;
  const time = apacheTime(stamp, place);
  if (!time) return undefined;
  const fields: Record<string, string> = { level };
  if (pid !== undefined) fields.pid = pid;
  if (client !== undefined) fields.address = client.replace(/:\d{1,5}$/, '');
  return { time, desc: 'Logged', message: `[${level}] ${client === undefined ? '' : `${client}: `}${message}`, fields };
}

/** Error logs of web servers. They name no zone: the host's is assumed. */
export const errorLog = lineFormat({ id: 'error-log', title: 'web server’s error log', parse: parseErrorLine });
