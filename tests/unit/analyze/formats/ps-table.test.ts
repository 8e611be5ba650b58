import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PsRow, parsePs, showsCommand } from '../../../../src/main/analyze/formats/ps-table';

const commands = (text: string) => parsePs(text)?.rows.map(({ pid, command, line }) => [pid, command, line]);

describe('parsePs', () => {
  it('reads ps aux and ps -ef of procps', () => {
    const aux = [
      'USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND',
      'root           1  0.0  0.0   2576   916 ?        Ss   10:01   0:00 /bin/sh -c sleep 9',
      'www-data      17  0.0  0.1  10000  2000 ?        S    10:01   0:00 nginx: worker',
    ].join('\n');
    expect(commands(aux)).toEqual([
      [1, '/bin/sh -c sleep 9', 2],
      [17, 'nginx: worker', 3],
    ]);
    const ef = [
      'UID          PID    PPID  C STIME TTY          TIME CMD',
      'root           1       0  0 Nov24 ?        00:00:00 init',
    ];
    expect(commands(ef.join('\n'))).toEqual([[1, 'init', 2]]);
  });

  it('reads busybox, with and without its column STAT', () => {
    expect(commands('PID   USER     TIME  COMMAND\n    1 root      0:00 /bin/sleep 100000\n')).toEqual([
      [1, '/bin/sleep 100000', 2],
    ]);
    expect(commands('  PID USER       VSZ STAT COMMAND\n    1 root      1234 S    sleep 9\n')).toEqual([
      [1, 'sleep 9', 2],
    ]);
  });

  it('counts rows that are none, and passes over what stands before the heading and empty lines', () => {
    const table = parsePs(
      'warning: no /dev\nPID USER TIME COMMAND\n1 root 0:00 a\n\nnonsense\n99999999999 root 0:00 b\n',
    );
    expect(table?.rows.map(({ pid }) => pid)).toEqual([1]);
    expect(table?.unreadable).toBe(2);
  });

  it('gives nothing for what has no heading, whatever it is', () => {
    expect(parsePs('')).toBeUndefined();
    expect(parsePs('sh: ps: not found\n')).toBeUndefined();
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => {
        const table = parsePs(`PID COMMAND\n${text}`);
        const lines = text.split('\n').filter((line) => line.trim() !== '').length;
        expect((table?.rows.length ?? 0) + (table?.unreadable ?? 0)).toBe(lines);
      }),
    );
  });

  it('says which rows reach the right edge', () => {
    const table = parsePs(`PID USER TIME COMMAND\n1 root 0:00 ${'x'.repeat(67)}\n2 root 0:00 short\n`);
    expect(table?.rows.map(({ cut }) => cut)).toEqual([true, false]);
  });
});

describe('showsCommand', () => {
  const row = (command: string, cut = false): PsRow => ({ pid: 1, command, cut, line: 2 });
  const process = (argv: string, comm = 'x') => ({ argv, comm });

  it('knows a command line in the ways that ps shows it', () => {
    expect(showsCommand(row('nc -l -p 1'), process('nc -l -p 1'))).toBe(true);
    expect(showsCommand(row('{sh} /bin/busybox nc'), process('/bin/busybox nc', 'sh'))).toBe(true);
    expect(showsCommand(row('[kworker/0:1]'), process('', 'kworker/0:1'))).toBe(true);
    expect(showsCommand(row('[nc] <defunct>'), process('', 'nc'))).toBe(true);
    expect(showsCommand(row('N  sleep 9'), process('sleep 9'))).toBe(true);
    expect(showsCommand(row('echo a?b ??'), process('echo a\nb é'))).toBe(true);
  });

  it('takes a beginning for it only at the edge of the table', () => {
    expect(showsCommand(row('nc -l -', true), process('nc -l -p 1'))).toBe(true);
    expect(showsCommand(row('nc -l -'), process('nc -l -p 1'))).toBe(false);
    expect(showsCommand(row('', true), process('nc -l -p 1'))).toBe(false);
  });

  it('does not know another command, nor a bare name where there are arguments', () => {
    expect(showsCommand(row('/usr/sbin/sshd -D'), process('nc -l -p 1', 'nc'))).toBe(false);
    expect(showsCommand(row('{nc} /usr/sbin/sshd'), process('nc -l -p 1', 'nc'))).toBe(false);
    expect(showsCommand(row('nc'), process('nc -l -p 1', 'nc'))).toBe(false);
  });
});
