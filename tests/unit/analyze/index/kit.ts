import { buildIndex } from '../../../../src/main/analyze/index/build';
import type { Indexer } from '../../../../src/main/analyze/index/indexer';
import type { ExhibitRecord } from '../../../../src/shared/domain';
import { caseOf, type Given } from '../kit';

const B = '0123456789abcdef0123456789abcdef';

/** What a test says of one process; the rest is plain. */
export interface MadeProcess {
  pid: number;
  ppid?: number;
  start?: number;
  comm?: string;
  argv?: string[];
  exe?: string;
  environ?: string[];
  fds?: Record<number, string>;
  cgroup?: string;
  inside?: number;
  uid?: number;
  mountinfo?: string;
  /** More frames by name. */
  more?: Record<string, string>;
}

/** Framed output as the scripts of collect/frames.ts write it. */
export function framesOf(source: string, processes: readonly MadeProcess[], host: Record<string, string> = {}): Buffer {
  const parts: Buffer[] = [Buffer.from(`LADING-FRAMES 1 ${B} ${source}\n`)];
  const frame = (kind: string, pid: number | '-', name: string, body: string) =>
    parts.push(Buffer.from(`${B} ${kind} ${pid} ${name} 0\n${body}\n${B} = 0\n`));
  for (const [name, body] of Object.entries(host)) frame('file', '-', name, body);
  for (const one of processes) {
    const { pid, ppid = 1, start = 100, comm = 'sh', uid = 0 } = one;
    const stat = `${pid} (${comm}) S ${ppid} ${Array.from({ length: 17 }, () => 0).join(' ')} ${start} 0 0\n`;
    frame('file', pid, 'stat', stat);
    const inside = one.inside === undefined ? '' : `\t${one.inside}`;
    frame(
      'file',
      pid,
      'status',
      `Name:\t${comm.replaceAll('\n', '\\n')}\nState:\tS (sleeping)\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nGid:\t0\t0\t0\t0\nNSpid:\t${pid}${inside}\n`,
    );
    frame('file', pid, 'cmdline', (one.argv ?? [comm]).map((word) => `${word}\0`).join(''));
    if (one.environ) frame('file', pid, 'environ', one.environ.map((word) => `${word}\0`).join(''));
    const links = { exe: one.exe ?? '/bin/sh', 'ns/net': 'net:[1]' };
    const fds = Object.entries(one.fds ?? {}).map(([fd, target]) => [`fd/${fd}`, target] as const);
    frame('links', pid, 'links', [...Object.entries(links), ...fds].map(([n, t]) => `${n}\t${t}\0`).join(''));
    if (one.cgroup) frame('file', pid, 'cgroup', one.cgroup);
    if (one.mountinfo) frame('file', pid, 'mountinfo', one.mountinfo);
    for (const [name, body] of Object.entries(one.more ?? {})) frame('file', pid, name, body);
    frame('file', pid, 'stat.after', stat);
  }
  parts.push(Buffer.from(`${B} end\n`));
  return Buffer.concat(parts);
}

/** A case of such exhibits with its index. */
export async function indexed(
  given: readonly Given[],
  indexers?: readonly Indexer[],
): Promise<{ dir: string; records: ExhibitRecord[]; rows: number; faults: number }> {
  const made = await caseOf(given);
  return { ...made, ...(await buildIndex({ ...made, indexers })) };
}
