import { authOf } from './auth';
import { lineFormat } from './line-format';
import type { ParsedLine } from './record';
import { isoTime, type LogPlace, type LogTime, monthOf, withoutYear } from './time';

/** RFC 3164: [<PRI>]Mmm dd hh:mm:ss host tag[pid]: text. Files on disk have no PRI; some have the year. */
const OLD = /^(?:<(\d{1,3})>)?(([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)) (\S{1,255}) (.*)$/s;
/** What rsyslog writes by default since Debian 12: an RFC 3339 time in the same form. */
const NEW = /^(?:<(\d{1,3})>)?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (\S{1,255}) (.*)$/s;
/** RFC 5424 section 6: <PRI>1 time host app procid msgid data text. */
const RFC5424 = /^<(\d{1,3})>1 (\S{1,48}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) (.*)$/s;
const TAG = /^([^\s:[\]]{1,64})(?:\[(\d{1,10})\])?:? ?(.*)$/s;
const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

/** Severity of a PRI (RFC 5424 section 6.2.1); undefined where the number is none. */
function severityOf(pri: string | undefined): string | undefined {
  return pri === undefined || Number(pri) > 191 ? undefined : SEVERITIES[Number(pri) % 8];
}

function entry(
  time: LogTime,
  host: string,
  program: string,
  pid: string | undefined,
  text: string,
  pri?: string,
): ParsedLine {
  const said = authOf(program, text);
  const severity = severityOf(pri);
  const fields: Record<string, string> = { host, program };
  if (pid !== undefined) fields.pid = pid;
  if (severity !== undefined) fields.severity = severity;
  return {
    time,
    desc: said?.desc ?? 'Logged',
    message: `${program}${pid === undefined ? '' : `[${pid}]`}: ${text}`,
    fields: { ...fields, ...said?.fields },
  };
}

/** Skips the structured data of RFC 5424: '-' or [id name="value"…]…, with \" \\ \] in values. */
function afterData(text: string): string | undefined {
  if (text === '-' || text.startsWith('- ')) return text.slice(2);
  let at = 0;
  while (text[at] === '[') {
    let quoted = false;
    for (at += 1; at < text.length; at++) {
      if (quoted && text[at] === '\\') at += 1;
      else if (text[at] === '"') quoted = !quoted;
      else if (!quoted && text[at] === ']') break;
    }
    if (text[at] !== ']') return undefined;
    at += 1;
  }
  return at === 0 ? undefined : text.slice(at).replace(/^ \ufeff?/, '');
}

/** Reads one line of syslog in any of its forms; undefined where it is none. */
export function parseSyslogLine(text: string, place: LogPlace): ParsedLine | undefined {
  const structured = RFC5424.exec(text);
  if (structured) {
    const [, pri, stamp = '', host = '', app = '', pid, , rest = ''] = structured;
    const time = isoTime(stamp, place);
    const message = afterData(rest);
    if (!time || message === undefined) return undefined;
    return entry(time, host, app, pid === '-' ? undefined : pid, message, pri);
  }
  const newer = NEW.exec(text);
  if (newer) {
    const [, pri, stamp = '', host = '', rest = ''] = newer;
    const time = isoTime(stamp, place);
    return time ? tagged(time, host, rest, pri) : undefined;
  }
  const old = OLD.exec(text);
  if (!old) return undefined;
  const [, pri, raw = '', name = '', day, hour, minute, second, host = '', rest = ''] = old;
  const month = monthOf(name);
  if (month === undefined) return undefined;
  const at = { month, day: Number(day), hour: Number(hour), minute: Number(minute), second: Number(second), raw };
  const time = withoutYear(at, place);
  return time ? tagged(time, host, rest, pri) : undefined;
}

function tagged(time: LogTime, host: string, rest: string, pri: string | undefined): ParsedLine | undefined {
  const match = TAG.exec(rest);
  if (!match) return undefined;
  const [, program = '', pid, text = ''] = match;
  return entry(time, host, program, pid, text, pri);
}

/** syslog, messages, auth.log, secure, kern.log, cron.log. */
export const syslog = lineFormat({ id: 'syslog', title: 'syslog', parse: parseSyslogLine });
