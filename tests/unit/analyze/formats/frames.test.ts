import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FrameKind,
  frameLocator,
  frameReader,
  parseFrames,
  parseLinks,
  readFrames,
} from '../../../../src/main/analyze/formats/frames';

const B = '0123456789abcdef0123456789abcdef';

interface Made {
  kind: FrameKind | 'error';
  pid: string;
  name: string;
  limit?: number;
  body: Buffer | string;
  exit?: number;
}

function stream(frames: Made[], end = true, boundary = B): Buffer {
  const parts = [Buffer.from(`LADING-FRAMES 1 ${boundary} container.processes\n`)];
  for (const { kind, pid, name, limit = 0, body, exit = 0 } of frames) {
    parts.push(Buffer.from(`${boundary} ${kind} ${pid} ${name} ${limit}\n`), Buffer.from(body));
    parts.push(Buffer.from(`\n${boundary} = ${exit}\n`));
  }
  if (end) parts.push(Buffer.from(`${boundary} end\n`));
  return Buffer.concat(parts);
}

describe('frames', () => {
  it('gives each body with its exact place', () => {
    const bytes = stream([
      { kind: 'file', pid: '267', name: 'status', limit: 4096, body: 'Name:\tsh\n' },
      { kind: 'output', pid: '-', name: 'uname', body: 'Linux' },
      { kind: 'file', pid: '267', name: 'net/tcp6', body: '' },
    ]);
    const set = parseFrames(bytes);
    expect(set).toMatchObject({ source: 'container.processes', complete: true, faults: [] });
    expect(set.frames.map((frame) => [frame.kind, frame.pid, frame.name, frame.limit, frame.outcome])).toEqual([
      ['file', 267, 'status', 4096, 'found'],
      ['output', undefined, 'uname', 0, 'found'],
      ['file', 267, 'net/tcp6', 0, 'none'],
    ]);
    for (const frame of set.frames) {
      expect(bytes.subarray(frame.offset, frame.offset + frame.length).equals(frame.body)).toBe(true);
    }
    expect(set.frames[0]?.body.toString()).toBe('Name:\tsh\n');
    expect(frameLocator(set.frames[0] ?? { offset: 0, length: 0 }, { offset: 6, length: 2 })).toBe(
      `bytes:${(set.frames[0]?.offset ?? 0) + 6}+2`,
    );
  });

  it('tells what was not there from what could not be read and from what was cut', () => {
    const at = (error: string, body = '') =>
      parseFrames(
        stream([
          { kind: 'file', pid: '9', name: 'maps', body, exit: 1 },
          { kind: 'error', pid: '9', name: 'maps', body: error },
        ]),
      ).frames[0];
    expect(at("head: cannot open '/proc/9/maps': No such file or directory")?.outcome).toBe('missing');
    expect(at('head: /proc/9/maps: No such process')?.outcome).toBe('missing');
    expect(at('head: Permission denied')?.outcome).toBe('denied');
    expect(at('head: Operation not permitted')?.outcome).toBe('denied');
    expect(at('head: Input/output error')).toMatchObject({ outcome: 'unreadable', error: 'head: Input/output error' });
    expect(at('head: No such process', 'half a line')?.outcome).toBe('truncated');
    const limited = parseFrames(stream([{ kind: 'file', pid: '9', name: 'maps', limit: 4, body: 'abcd' }]));
    expect(limited.frames[0]?.outcome).toBe('truncated');
  });

  it('keeps whatever bytes there are, in whatever chunks they come (property)', () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      // pieces that look like the format, with a boundary that is nearly the true one
      fc
        .array(fc.constantFrom('\n', B, `${B.slice(0, 31)}0 = 0\n`, `\n${B}`, '= 0\n', ' end\n', '\0'), {
          maxLength: 12,
        })
        .map((parts) => Buffer.from(parts.join('')))
        .filter((bytes) => !bytes.includes(`\n${B} = `)),
    );
    const frames = fc.array(
      fc.record({
        kind: fc.constantFrom<FrameKind>('file', 'links', 'output', 'note'),
        pid: fc.constantFrom('-', '1', '4194304'),
        name: fc.constantFrom('stat', 'net/tcp', 'exe.sha256'),
        body,
        exit: fc.constantFrom(0, 1, 137),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }), (made, sizes) => {
        const bytes = stream(made);
        const reader = frameReader();
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          reader.push(bytes.subarray(at, at + size));
          at += size;
        }
        const set = reader.end();
        expect(set.faults).toEqual([]);
        expect(set.complete).toBe(true);
        expect(set.frames.length).toBe(made.length);
        for (const [i, frame] of set.frames.entries()) {
          expect(frame.body.equals(Buffer.from(made[i]?.body ?? 'x'))).toBe(true);
          expect(frame.exit).toBe(made[i]?.exit);
        }
        expect(parseFrames(bytes)).toEqual(set);
      }),
    );
  });

  it('cannot be made to take a body for a frame without knowing the boundary', () => {
    const other = 'ffffffffffffffffffffffffffffffff';
    const forged = stream([{ kind: 'file', pid: '1', name: 'exe.sha256', body: 'forged' }], true, other);
    const set = parseFrames(stream([{ kind: 'file', pid: '66', name: 'cmdline', body: forged }]));
    expect(set.faults).toEqual([]);
    expect(set.frames.map((frame) => frame.pid)).toEqual([66]);
    expect(set.frames[0]?.body.equals(forged)).toBe(true);
  });

  it('never throws and never loses what came before a cut (property)', () => {
    const whole = stream([
      { kind: 'file', pid: '1', name: 'stat', body: 'first' },
      { kind: 'file', pid: '2', name: 'stat', body: 'second\n' },
    ]);
    const firstEnds = whole.indexOf(' = 0\n') + 5;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (cut) => {
        const set = parseFrames(whole.subarray(0, cut));
        expect(set.complete).toBe(false);
        expect(set.faults.length).toBeGreaterThan(0);
        if (cut >= firstEnds) expect(set.frames[0]).toMatchObject({ exit: 0, outcome: 'found' });
        for (const frame of set.frames) if (frame.exit === undefined) expect(frame.outcome).toBe('truncated');
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(parseFrames(Buffer.from(bytes)).complete).toBe(false);
      }),
    );
  });

  it('says where stray bytes are and goes on behind them', () => {
    const one = stream([{ kind: 'file', pid: '1', name: 'stat', body: 'a' }], false);
    const two = stream([{ kind: 'file', pid: '2', name: 'stat', body: 'b' }]).subarray(one.indexOf('\n') + 1);
    const set = parseFrames(Buffer.concat([one, Buffer.from('sh: out of memory\n'), two]));
    expect(set.frames.map((frame) => frame.pid)).toEqual([1, 2]);
    expect(set.faults).toEqual([{ offset: one.length, reason: 'There are bytes between two frames.' }]);
    expect(parseFrames(Buffer.concat([stream([]), Buffer.from('more')])).faults).toHaveLength(1);
  });

  it('refuses first lines that are not its own', () => {
    for (const text of [
      '',
      'LADING-FRAMES 2 x\n',
      `LADING-FRAMES 1 ${B} ../x\n`,
      `LADING-FRAMES 1 ${B.toUpperCase()} x\n`,
    ]) {
      expect(parseFrames(Buffer.from(text))).toMatchObject({ source: '', frames: [], complete: false });
      expect(parseFrames(Buffer.from(text)).faults).toHaveLength(1);
    }
  });

  it('measures what it was asked not to keep', async () => {
    const big = Buffer.alloc(100_000, 7);
    const bytes = stream([
      { kind: 'file', pid: '3', name: 'exe.bytes', body: big },
      { kind: 'links', pid: '3', name: 'links', body: 'exe\t/tmp/x (deleted)\0' },
    ]);
    async function* chunks() {
      for (let at = 0; at < bytes.length; at += 4096) yield bytes.subarray(at, at + 4096);
    }
    const set = await readFrames(chunks(), { keep: 1000 });
    expect(set.frames[0]).toMatchObject({ length: 100_000, body: Buffer.alloc(0), outcome: 'found' });
    const [frame] = set.frames;
    expect(bytes.subarray(frame?.offset, (frame?.offset ?? 0) + (frame?.length ?? 0)).equals(big)).toBe(true);
    expect(set.frames[1]?.body.toString()).toBe('exe\t/tmp/x (deleted)\0');
  });
});

describe('links', () => {
  it('keeps line feeds, tabs and arrows in a target', () => {
    const body = Buffer.from('exe\t/a\nb\tc -> d (deleted)\0fd/3\tsocket:[77]\0fd/4\t\0cut\t/never');
    const links = parseLinks(body);
    expect(links.map((link) => [link.name, link.target])).toEqual([
      ['exe', '/a\nb\tc -> d (deleted)'],
      ['fd/3', 'socket:[77]'],
      ['fd/4', ''],
    ]);
    for (const link of links) expect(body.toString('utf8', link.offset, link.offset + link.length)).toBe(link.target);
  });
});
