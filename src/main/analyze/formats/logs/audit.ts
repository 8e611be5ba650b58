import { auditPairs, auditText, syscallName } from './audit-words';
import { shareOfLines } from './line-format';
import { type Line, lineReader } from './lines';
import { faultList, type LogFormat, type LogRecord } from './record';
import { epochTime } from './time';

/** A record: type=… msg=audit(seconds.milliseconds:serial): fields; with node=… first where several hosts log into one. */
const LINE = /^(?:node=\S{1,255} )?type=([A-Z0-9_[\]]{1,40}) msg=audit\((\d{9,11}\.\d{3}):(\d{1,20})\): ?(.*)$/s;
/** Records of one event may come between those of others; more that are open than this are given as they are. */
const OPEN_MAX = 64;
/** Of one event so many records are read; the kernel makes a few dozen at most. */
const RECORDS_MAX = 512;

interface Part {
  type: string;
  fields: Map<string, string>;
}

interface Event {
  stamp: string;
  serial: string;
  parts: Part[];
  first: Line;
  end: number;
}

/** What user space says of logins and accounts (audit-userspace, lib/audit-records.h). */
const SAID: Readonly<Record<string, string>> = {
  USER_LOGIN: 'Login',
  USER_AUTH: 'Authentication',
  USER_START: 'Session opened',
  USER_END: 'Session closed',
  USER_CMD: 'Command as another user',
  USER_CHAUTHTOK: 'Password changed',
  ADD_USER: 'User added',
  DEL_USER: 'User deleted',
  ADD_GROUP: 'Group added',
  DAEMON_START: 'Audit started',
  DAEMON_END: 'Audit ended',
  CONFIG_CHANGE: 'Audit rules changed',
  ANOM_ABEND: 'Program crashed',
  ANOM_PROMISCUOUS: 'Promiscuous mode changed',
  SERVICE_START: 'Service started',
  SERVICE_STOP: 'Service stopped',
  AVC: 'Access denied by policy',
};

/** The command line of EXECVE records: a0, a1 …; long ones are in pieces, a1[0], a1[1]. */
function commandOf(parts: readonly Part[]): string | undefined {
  const words = new Map<number, string>();
  for (const { type, fields } of parts) {
    if (type !== 'EXECVE') continue;
    for (const [name, value] of fields) {
      const match = /^a(\d{1,6})(?:\[\d+\])?$/.exec(name);
      if (!match) continue;
      const at = Number(match[1]);
      words.set(at, `${words.get(at) ?? ''}${auditText(value) ?? ''}`);
    }
  }
  if (words.size === 0) return undefined;
  return [...words]
    .sort(([a], [b]) => a - b)
    .map(([, word]) => word)
    .join(' ');
}

/** A file that an event names, as `aureport -f` lists it. */
export interface AuditFile {
  name: string;
  /** NORMAL, CREATE, DELETE, PARENT. */
  what: string;
}

function filesOf(parts: readonly Part[]): AuditFile[] {
  const folder = auditText(parts.find(({ type }) => type === 'CWD')?.fields.get('cwd'));
  return parts.flatMap(({ type, fields }) => {
    const name = type === 'PATH' ? auditText(fields.get('name')) : undefined;
    if (name === undefined) return [];
    const whole = name.startsWith('/') || folder === undefined ? name : `${folder.replace(/\/$/, '')}/${name}`;
    return [{ name: whole, what: fields.get('nametype') ?? 'UNKNOWN' }];
  });
}

const NOBODY = '4294967295';

function recordOf(event: Event): LogRecord {
  const { parts } = event;
  const call = parts.find(({ type }) => type === 'SYSCALL');
  const main = call ?? parts[0];
  const get = (name: string) => main?.fields.get(name);
  const command = commandOf(parts) ?? auditText(get('cmd'));
  const files = filesOf(parts);
  const fields: Record<string, string> = { serial: event.serial, types: parts.map(({ type }) => type).join(' ') };
  const keep = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '' && value !== NOBODY) fields[name] = value;
  };
  const number = get('syscall');
  keep('syscall', auditText(get('SYSCALL')) ?? (number === undefined ? undefined : syscallName(get('arch'), number)));
  keep('success', get('success') ?? auditText(get('res')));
  keep('exit', call && get('exit'));
  keep('exe', auditText(get('exe')));
  keep('pid', get('pid'));
  for (const id of ['auid', 'uid', 'euid', 'ses', 'tty']) keep(id, get(id));
  keep('user', auditText(get('acct')));
  keep('address', auditText(get('addr')));
  keep('key', auditText(get('key')));
  keep('command', command);
  const seen = files.filter(({ what }) => what !== 'PARENT');
  if (seen.length > 0) fields.files = seen.map(({ name }) => name).join('\n');
  return {
    time: epochTime(event.stamp),
    desc: descOf(main, call !== undefined, command, seen),
    message: messageOf(fields, seen, main?.type ?? ''),
    fields,
    offset: event.first.offset,
    length: event.end - event.first.offset,
    line: event.first.number,
  };
}

function descOf(
  main: Part | undefined,
  call: boolean,
  command: string | undefined,
  files: readonly AuditFile[],
): string {
  if (!call) return SAID[main?.type ?? ''] ?? 'Audited';
  if (command !== undefined) return 'Command run';
  if (files.some(({ what }) => what === 'DELETE')) return 'File removed';
  if (files.some(({ what }) => what === 'CREATE')) return 'File created';
  return files.length > 0 ? 'File accessed' : 'System call';
}

function messageOf(fields: Record<string, string>, files: readonly AuditFile[], type: string): string {
  const { syscall, success, exe, command, auid, uid, user, address, key } = fields;
  const names = files.map(({ name, what }) => (what === 'NORMAL' || what === 'UNKNOWN' ? name : `${name} (${what})`));
  return [
    syscall ?? type,
    names.join(' '),
    command === undefined ? '' : `command: ${command}`,
    success === undefined ? '' : `success=${success}`,
    exe === undefined ? '' : `by ${exe}`,
    user === undefined ? '' : `account ${user}`,
    address === undefined ? '' : `from ${address}`,
    [auid === undefined ? '' : `auid=${auid}`, uid === undefined ? '' : `uid=${uid}`].filter(Boolean).join(' '),
    key === undefined ? '' : `key=${key}`,
  ]
    .filter((one) => one !== '')
    .join(' ');
}

/** audit.log of auditd: the records of one event (same time and serial) are one entry. */
export const audit: LogFormat = {
  id: 'audit',
  title: 'audit log',
  sniff: (head) => shareOfLines(head, (text) => LINE.test(text)),
  reader(take) {
    const faults = faultList();
    const open = new Map<string, Event>();
    const close = (key: string, event: Event) => {
      open.delete(key);
      take(recordOf(event));
    };
    const lines = lineReader((line) => {
      if (line.text.trim() === '') return;
      const match = LINE.exec(line.text);
      if (!match) {
        faults.add(line.offset, `Line ${line.number} is no record of an audit log.`);
        return;
      }
      const [, type = '', stamp = '', serial = '', rest = ''] = match;
      const key = `${stamp}:${serial}`;
      const held = open.get(key);
      if (type === 'EOE') {
        if (held) close(key, { ...held, end: line.offset + line.length });
        return;
      }
      const event = held ?? { stamp, serial, parts: [], first: line, end: 0 };
      event.end = line.offset + line.length;
      if (event.parts.length < RECORDS_MAX) event.parts.push({ type, fields: auditPairs(rest) });
      // user space writes an event of one record, without an end
      if (!held && event.parts.length === 1 && alone(type)) {
        take(recordOf(event));
        return;
      }
      open.set(key, event);
      if (open.size > OPEN_MAX) {
        const [oldest] = open;
        if (oldest) close(oldest[0], oldest[1]);
      }
    });
    return {
      push: (chunk) => lines.push(chunk),
      end() {
        lines.end();
        for (const [key, event] of [...open]) close(key, event);
        return faults.end();
      },
    };
  },
};

/** Records that are an event by themselves. */
function alone(type: string): boolean {
  return /^(?:USER_|CRED_|ADD_|DEL_|DAEMON_|SERVICE_|ACCT_|GRP_|SYSTEM_|CHGRP_|ROLE_|LOGIN$)/.test(type);
}
