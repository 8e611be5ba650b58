import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Analyzer } from '../../../src/main/analyze/analyzer';
import { resolveCitation } from '../../../src/main/analyze/cite';
import { type AnalysisResult, analyzeCase } from '../../../src/main/analyze/run';
import { ExhibitRecord, type Finding, type TargetRef } from '../../../src/shared/domain';

export const WEB: TargetRef = { kind: 'container', id: 'c'.repeat(64), name: 'web' };
export const HOST: TargetRef = { kind: 'host', id: 'host-1', name: 'host1' };

const dirs: string[] = [];
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
});

/** One exhibit as a test gives it; bytes that are no Buffer or text become JSON. */
export interface Given {
  collector: string;
  content: unknown;
  kind?: ExhibitRecord['kind'];
  target?: TargetRef;
  collection?: string;
  partial?: boolean;
  /** A record that does not fit its file. */
  sha256?: string;
  host?: string;
  how?: ExhibitRecord['how'];
}

const KINDS: Record<string, ExhibitRecord['kind']> = {
  'engine.events': 'jsonl',
  'container.execs': 'jsonl',
  'container.processes': 'frames',
  'container.sockets': 'frames',
  'host.processes': 'frames',
};

/** A case folder of such exhibits, numbered E0001…; gives the folder and their records. */
export async function caseOf(given: readonly Given[]): Promise<{ dir: string; records: ExhibitRecord[] }> {
  const dir = await mkdtemp(join(tmpdir(), 'lading-analyze-'));
  dirs.push(dir);
  const records: ExhibitRecord[] = [];
  for (const [i, one] of given.entries()) {
    const id = `E${String(i + 1).padStart(4, '0')}`;
    const bytes =
      Buffer.isBuffer(one.content) || typeof one.content === 'string'
        ? Buffer.from(one.content)
        : Buffer.from(JSON.stringify(one.content));
    const time = { local: '2026-11-25T10:00:00.000Z' };
    const record = ExhibitRecord.parse({
      format: 1,
      id,
      file: `${one.collector}.bin`,
      kind: one.kind ?? KINDS[one.collector] ?? 'json',
      title: one.collector,
      collector: { id: one.collector, version: '1' },
      tool: { name: 'Lading', version: '0.0.0' },
      collection: one.collection ?? 'C1',
      host: { id: one.host ?? 'host-1', address: 'local', hostname: 'host1' },
      target: one.target ?? (one.collector.startsWith('container.') ? WEB : HOST),
      how: one.how ?? { kind: 'api', method: 'GET', path: '/', status: 200 },
      started: time,
      finished: time,
      outcome: one.partial ? 'truncated' : 'found',
      partial: one.partial ?? false,
      bytes: bytes.length,
      sha256: one.sha256 ?? createHash('sha256').update(bytes).digest('hex'),
      examiner: 'A. Examiner',
      workstation: 'ws',
    });
    await mkdir(join(dir, 'evidence', id), { recursive: true });
    await writeFile(join(dir, 'evidence', id, record.file), bytes);
    await writeFile(join(dir, 'evidence', id, 'exhibit.json'), JSON.stringify(record));
    records.push(record);
  }
  return { dir, records };
}

/** Analyses such exhibits. Every finding's citations are looked up, so that no test passes with one that leads nowhere. */
export async function analyze(given: readonly Given[], analyzers?: readonly Analyzer[]): Promise<AnalysisResult> {
  const { dir, records } = await caseOf(given);
  const result = await analyzeCase({ dir, records, analyzers });
  for (const { cites } of result.findings) for (const cite of cites) await resolveCitation(dir, cite);
  return result;
}

/** The findings of one rule. */
export function byRule({ findings }: Pick<AnalysisResult, 'findings'>, rule: string): Finding[] {
  return findings.filter((finding) => finding.rule === rule);
}

/** What the citations of a finding say, as text or parsed JSON. */
export async function cited(given: readonly Given[], finding: Finding): Promise<unknown[]> {
  const { dir } = await caseOf(given);
  const places = await Promise.all(finding.cites.map((cite) => resolveCitation(dir, cite)));
  return places.map(({ value, bytes }) => (bytes ? bytes.toString('utf8') : value));
}

const BOUNDARY = '0123456789abcdef'.repeat(2);

/** A frame as a test gives it: its name, PID and body; `error` is what its command said. */
export interface GivenFrame {
  pid?: number;
  name: string;
  body: string | Buffer;
  kind?: 'file' | 'links' | 'output' | 'note';
  exit?: number;
  error?: string;
}

/** Framed output as collect/frames.ts makes it. */
export function framed(source: string, frames: readonly GivenFrame[], options: { end?: boolean } = {}): Buffer {
  const parts: (string | Buffer)[] = [`LADING-FRAMES 1 ${BOUNDARY} ${source}\n`];
  for (const { pid, name, body, kind = 'file', exit = 0, error } of frames) {
    const who = pid ?? '-';
    parts.push(`${BOUNDARY} ${kind} ${who} ${name} 0\n`, Buffer.from(body), `\n${BOUNDARY} = ${exit}\n`);
    if (error) parts.push(`${BOUNDARY} error ${who} ${name} 0\n${error}\n${BOUNDARY} = 0\n`);
  }
  if (options.end ?? true) parts.push(`${BOUNDARY} end\n`);
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

export interface GivenProcess {
  pid: number;
  ppid?: number;
  /** In the container. */
  inside?: number;
  comm?: string;
  exe?: string;
  /** Names that its file has; 0 for a deleted one. */
  names?: number;
  argv?: (string | Buffer)[];
  environ?: string[];
  /** Targets of descriptors. */
  fds?: Record<number, string>;
  /** 'mnt' → 'mnt:[4026532001]'. */
  ns?: Record<string, string>;
  /** Lines of maps. */
  maps?: string[];
  mountinfo?: string;
  /** Lines that replace those of the status file. */
  status?: Record<string, string>;
  /** Field 22 at the second look, where it differs. */
  startedAfter?: number;
  kernelThread?: boolean;
  /** Found by the control group; by the PID namespace. */
  cgroup?: boolean;
  pidNamespace?: boolean;
}

function statLine({ pid, ppid = 1, comm = 'x', kernelThread }: GivenProcess, start: number): string {
  const flags = kernelThread ? 0x200000 : 0x400000;
  return `${pid} (${comm}) S ${ppid} ${pid} ${pid} 0 -1 ${flags} 0 0 0 0 1 2 0 0 20 0 1 0 ${start} 4096 10 0\n`;
}

/** The exhibit that 'container.processes' makes of such processes. */
export function processFrames(processes: readonly GivenProcess[], more: readonly GivenFrame[] = []): Buffer {
  const frames: GivenFrame[] = [
    {
      name: 'cgroup.procs',
      kind: 'output',
      body: processes
        .filter(({ cgroup = true }) => cgroup)
        .map(({ pid }) => `/sys/fs/cgroup/docker/${WEB.id}/cgroup.procs:${pid}`)
        .join('\n'),
    },
    {
      name: 'pidns',
      kind: 'output',
      body: processes.flatMap(({ pid, pidNamespace = true }) => (pidNamespace ? [`${pid} `] : [])).join(''),
    },
  ];
  for (const one of processes) {
    const { pid, inside = pid - 1000, comm = 'x', exe, argv = [], environ = [], fds = {}, ns = {} } = one;
    const status: Record<string, string> = {
      Name: comm,
      State: 'S (sleeping)',
      Pid: String(pid),
      PPid: String(one.ppid ?? 1),
      TracerPid: '0',
      Uid: '0\t0\t0\t0',
      NSpid: `${pid}\t${inside}`,
      CapEff: '00000000a80425fb',
      NoNewPrivs: '0',
      Seccomp: '2',
      ...one.status,
    };
    const links = [
      ...(exe === undefined ? [] : [['exe', exe]]),
      ['cwd', '/'],
      ...Object.entries(fds).map(([fd, target]) => [`fd/${fd}`, target]),
      ...Object.entries(ns).map(([name, target]) => [`ns/${name}`, target]),
    ];
    const words = (list: readonly (string | Buffer)[]) =>
      Buffer.concat(list.flatMap((word) => [Buffer.from(word), Buffer.from([0])]));
    frames.push(
      { pid, name: 'stat', body: statLine(one, 5000 + pid) },
      {
        pid,
        name: 'status',
        body: Object.entries(status)
          .map(([key, value]) => `${key}:\t${value}\n`)
          .join(''),
      },
      { pid, name: 'cmdline', body: words(argv) },
      { pid, name: 'environ', body: words(environ) },
      { pid, name: 'links', kind: 'links', body: links.map(([name, target]) => `${name}\t${target}\0`).join('') },
      ...(exe === undefined
        ? []
        : ([
            { pid, name: 'exe.stat', kind: 'output', body: `66:${pid} 1000 ${one.names ?? 1} 81ed 0 0 1 2 3\n` },
            { pid, name: 'exe.sha256', kind: 'output', body: `${'ab'.repeat(32)}  /proc/${pid}/exe\n` },
          ] satisfies GivenFrame[])),
      { pid, name: 'maps', body: (one.maps ?? []).map((line) => `${line}\n`).join('') },
      ...(one.mountinfo === undefined ? [] : [{ pid, name: 'mountinfo', body: one.mountinfo }]),
      { pid, name: 'cgroup', body: `0::/docker/${WEB.id}\n` },
      { pid, name: 'stat.after', body: statLine(one, one.startedAfter ?? 5000 + pid) },
    );
  }
  return framed('container.processes', [...frames, ...more]);
}

/** An IPv4 address as /proc/net/tcp writes it on a little-endian host. */
function hex(address: string, port: number): string {
  const bytes = address.split('.').map(Number).reverse();
  return `${Buffer.from(bytes).toString('hex').toUpperCase()}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A row of /proc/net/tcp: '10.0.0.2:40000', '10.0.0.9:4444', state '01' (ESTABLISHED) or '0A' (LISTEN). */
export function tcpRow(local: string, remote: string, state: string, inode: number): string {
  const end = (text: string) => {
    const [address = '', port = '0'] = text.split(':');
    return hex(address, Number(port));
  };
  return `   0: ${end(local)} ${end(remote)} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 20 4 30 10 -1`;
}

/** The exhibit that 'container.sockets' makes, all read under one PID. */
export function socketFrames(tables: Record<string, readonly string[]>, pid = 1001): Buffer {
  return framed(
    'container.sockets',
    Object.entries(tables).map(([name, rows]) => ({
      pid,
      name: `net/${name}`,
      body: ['  head of the table', ...rows].map((row) => `${row}\n`).join(''),
    })),
  );
}
