import { lineFormat } from './line-format';
import type { ParsedLine } from './record';
import { clfTime } from './time';

/**
 * Common and combined access logs (Apache mod_log_config, nginx log_format combined), also with a virtual host first:
 * host ident user [time] "request" status bytes "referer" "agent". Quotes inside are \" or \x22.
 */
const LINE =
  /^(?:(\S{1,300}:\d{1,5}) )?(\S{1,300}) (\S{1,300}) (.{1,300}?) \[([^\]]{26})\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d{1,18}|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?/;

/** Reads one line; undefined where it is none. */
export function parseAccessLine(text: string): ParsedLine | undefined {
  const match = LINE.exec(text);
  if (!match) return undefined;
  const [, host, address = '', , user = '-', stamp = '', request = '', status = '', bytes = '-', referer, agent] =
    match;
  const time = clfTime(stamp);
  if (!time) return undefined;
  const fields: Record<string, string> = { address, request, status, bytes };
  if (host !== undefined) fields.host = host;
  if (user !== '-') fields.user = user;
  if (referer !== undefined && referer !== '-') fields.referer = referer;
  if (agent !== undefined && agent !== '-') fields.agent = agent;
  const who = fields.user === undefined ? address : `${address} (${fields.user})`;
  return {
    time,
    desc: 'Request',
    message: `${who} "${request}" ${status} ${bytes}${agent ? ` "${agent}"` : ''}`,
    fields,
  };
}

/** Logs of web servers, one request a line. */
export const accessLog = lineFormat({ id: 'access-log', title: 'web server’s access log', parse: parseAccessLine });
