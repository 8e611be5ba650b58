import { describe, expect, it } from 'vitest';
import { parseFrames } from '../../../../src/main/analyze/formats/frames';
import {
  detailsOf,
  executablesOf,
  hostFrame,
  linksOf,
  membership,
  nulWords,
  processesOf,
} from '../../../../src/main/analyze/formats/proc-frames';

const B = 'a'.repeat(32);
const HASH = '5'.repeat(64);

function stat(pid: number, start: number): string {
  return `${pid} (sh) S 1 1 1 0 1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${start} 0 0\n`;
}

function set(frames: [pid: number | '-', name: string, body: string, exit?: number, error?: string][]) {
  const parts = [`LADING-FRAMES 1 ${B} container.processes\n`];
  for (const [pid, name, body, exit = 0, error] of frames) {
    parts.push(`${B} ${name === 'links' ? 'links' : 'file'} ${pid} ${name} 0\n${body}\n${B} = ${exit}\n`);
    if (error) parts.push(`${B} error ${pid} ${name} 0\n${error}\n${B} = 0\n`);
  }
  return parseFrames(Buffer.from(`${parts.join('')}${B} end\n`));
}

describe('the frames of processes', () => {
  it('says whether a PID stayed the same process', () => {
    const processes = processesOf(
      set([
        [1, 'stat', stat(1, 50)],
        [1, 'stat.after', stat(1, 50)],
        [2, 'stat', stat(2, 50)],
        [2, 'stat.after', stat(2, 51)],
        [3, 'stat', stat(3, 50)],
        [3, 'stat.after', '', 1, "head: cannot open '/proc/3/stat': No such file or directory"],
        [4, 'stat', stat(4, 50)],
        [5, 'stat', '', 1, 'head: Input/output error'],
        [5, 'stat.after', stat(5, 50)],
      ]),
    );
    expect(processes.map((one) => [one.pid, one.startTime, one.identity])).toEqual([
      [1, '50', 'same'],
      [2, '50', 'reused'],
      [3, '50', 'gone'],
      [4, '50', 'unknown'],
      [5, undefined, 'unknown'],
    ]);
  });

  it('joins an executable to its one hash, and tells deleted, memfd and merely called so', () => {
    const frames = set([
      [1, 'links', 'exe\t/bin/sh\0fd/0\tsocket:[7]\0'],
      [1, 'exe.stat', '40:11 900 1 81ed 0 0 1 2 3\n'],
      [1, 'exe.sha256', `${HASH}  /proc/1/exe\n`],
      [2, 'links', 'exe\t/bin/sh\0'],
      [2, 'exe.stat', '40:11 900 1 81ed 0 0 1 2 3\n'],
      [3, 'links', 'exe\t/memfd:x y (deleted)\0'],
      [3, 'exe.stat', '1:99 5 0 81ff 0 0 1 2 3\n'],
      [4, 'links', 'exe\t/memfd:x\0'],
      [5, 'links', 'exe\t\0'],
      [6, 'stat', stat(6, 1)],
      [7, 'links', 'exe\t/tmp/a (deleted) (deleted)\0'],
      [7, 'exe.stat', 'nonsense'],
    ]);
    const found = executablesOf(processesOf(frames));
    expect([...found.keys()]).toEqual([1, 2, 3, 4, 7]);
    expect(found.get(2)).toMatchObject({ path: '/bin/sh', deleted: false, file: '40:11', size: 900, sha256: HASH });
    expect(found.get(2)?.hashFrame?.pid).toBe(1);
    expect(found.get(3)).toMatchObject({ path: '/memfd:x y', deleted: true, memfd: true, names: 0, sha256: undefined });
    expect(found.get(4)).toMatchObject({ deleted: false, memfd: false });
    expect(found.get(7)).toMatchObject({ path: '/tmp/a (deleted)', deleted: true });
    expect(found.get(7)?.file).toBeUndefined();
    const [first] = processesOf(frames);
    expect(first && linksOf(first).get('fd/0')?.target).toBe('socket:[7]');
  });

  it('believes no hash of a command that failed, and none for another file', () => {
    const found = executablesOf(
      processesOf(
        set([
          [1, 'links', 'exe\t/a\0'],
          [1, 'exe.stat', '1:1 5 1 81ed 0 0 1 2 3\n'],
          [1, 'exe.sha256', `${HASH}  -\n`, 1],
          [2, 'links', 'exe\t/b\0'],
          [2, 'exe.stat', '1:2 5 1 81ed 0 0 1 2 3\n'],
        ]),
      ),
    );
    expect([found.get(1)?.sha256, found.get(2)?.sha256]).toEqual([undefined, undefined]);
  });

  it('says where each process of a container was found', () => {
    const frames = set([
      ['-', 'cgroup.procs', '/sys/fs/cgroup/a/cgroup.procs:12\n/sys/fs/cgroup/b:c/cgroup.procs:13\nfind: ‘x’: gone'],
      ['-', 'pidns', '12 99 '],
    ]);
    expect([...membership(frames)]).toEqual([
      [12, { cgroup: true, pidNamespace: true }],
      [13, { cgroup: true, pidNamespace: false }],
      [99, { cgroup: false, pidNamespace: true }],
    ]);
    expect(hostFrame(frames, 'pidns')?.length).toBe(6);
    expect(hostFrame(frames, 'none')).toBeUndefined();
  });

  it('takes the small files apart, with places', () => {
    const body = '==> loginuid <==\n4294967295\n==> uid_map <==\n 0 0 1\n\n==> io <==\nrchar: 1\n';
    const [process] = processesOf(set([[1, 'details', body]]));
    const parts = process ? detailsOf(process) : new Map<string, { text: string; offset: number; length: number }>();
    expect([...parts].map(([name, part]) => [name, part.text])).toEqual([
      ['loginuid', '4294967295'],
      ['uid_map', ' 0 0 1\n'],
      ['io', 'rchar: 1\n'],
    ]);
    for (const part of parts.values()) expect(body.slice(part.offset, part.offset + part.length)).toBe(part.text);
  });

  it('splits cmdline and environ at NULs, with places', () => {
    const body = Buffer.from('sh\0-c\0\0two\nlines\0tail');
    const words = nulWords(body);
    expect(words.map((word) => word.text)).toEqual(['sh', '-c', '', 'two\nlines', 'tail']);
    for (const word of words) expect(body.toString('utf8', word.offset, word.offset + word.length)).toBe(word.text);
    expect(nulWords(Buffer.alloc(0))).toEqual([]);
  });
});
