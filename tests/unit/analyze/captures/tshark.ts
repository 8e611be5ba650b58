import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Where tshark is not, the comparisons are skipped and say so. */
export const hasTshark = existsSync('/usr/bin/tshark');

/** Fields of the packets that a display filter keeps, as tshark reads them. */
export function fields(path: string, filter: string, names: readonly string[]): string[][] {
  const argv = [
    '-n',
    '-r',
    path,
    '-Y',
    filter,
    '-T',
    'fields',
    '-E',
    'separator=/t',
    ...names.flatMap((name) => ['-e', name]),
  ];
  const text = execFileSync('tshark', argv, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
  });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

/** Lines of `tshark -z conv,KIND` in a form that does not depend on which end comes first: ends sorted, packets and bytes of each. */
export function conversations(path: string, kind: string): string[] {
  const text = execFileSync('tshark', ['-n', '-q', '-r', path, '-z', `conv,${kind}`], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return text
    .split('\n')
    .flatMap((line) => {
      const found = /^(\S+)\s+<->\s+(\S+)\s+(\d+) (\d+ \w+)\s+(\d+) (\d+ \w+)\s/.exec(line);
      if (!found) return [];
      // packets and bytes to the left end, then to the right one
      const [, left = '', right = '', inPackets, inBytes = '', outPackets, outBytes = ''] = found;
      return [row([left, Number(outPackets), bytes(outBytes)], [right, Number(inPackets), bytes(inBytes)])];
    })
    .sort();
}

/** tshark rounds from 10 kB on: such are compared as it writes them. */
function bytes(text: string): string {
  return text.replace(' bytes', '');
}

type End = [end: string, packets: number, bytes: string];

export function row(a: End, b: End): string {
  return [a, b]
    .sort((x, y) => (x[0] < y[0] ? -1 : x[0] > y[0] ? 1 : x[1] - y[1]))
    .flat()
    .join(' ');
}

/** A number of bytes as tshark's tables write it. */
export function asTshark(count: number): string {
  for (const [size, unit] of [
    [1e9, 'GB'],
    [1e6, 'MB'],
    [1e3, 'kB'],
  ] as const) {
    if (count / size >= 10) return `${Math.trunc(count / size)} ${unit}`;
  }
  return String(count);
}
