import { describe, expect, it } from 'vitest';
import { parseFrames } from '../../../src/main/analyze/formats/frames';
import { listFrames } from '../../../src/renderer/features/exhibits/model/frames';

const B = '0123456789abcdef0123456789abcdef';
const head = `LADING-FRAMES 1 ${B} host.processes\n`;
const frame = (kind: string, pid: string, name: string, body: string | Buffer, exit = 0, limit = 0) =>
  Buffer.concat([
    Buffer.from(`${B} ${kind} ${pid} ${name} ${limit}\n`),
    Buffer.from(body),
    Buffer.from(`\n${B} = ${exit}\n`),
  ]);
const end = Buffer.from(`${B} end\n`);
const join = (...parts: (string | Buffer)[]) => Buffer.concat(parts.map((part) => Buffer.from(part)));

describe('listFrames', () => {
  it('gives the same places, exits and errors as the analyzers read', () => {
    const bytes = join(
      head,
      frame('file', '1', 'cmdline', 'init\0--x\0'),
      frame('file', '2', 'maps', '', 1),
      frame('error', '2', 'maps', 'head: maps: Permission denied\n'),
      // Bytes that look like a frame of another run are only bytes.
      frame('file', '3', 'environ', join('A=1\n', `${'f'.repeat(32)} end\n`, Buffer.from([0, 0xff, 0x80, 0x9f]))),
      frame('output', '-', 'exe.sha256', 'abc', 0, 3),
      end,
    );
    const listing = listFrames(bytes);
    const reference = parseFrames(bytes);
    expect(listing).toMatchObject({ source: 'host.processes', complete: true });
    expect(listing?.fault).toBeUndefined();
    expect(listing?.frames).toEqual(
      reference.frames.map(({ kind, pid, name, offset, length, limit, exit, error }) => ({
        kind,
        pid,
        name,
        offset,
        length,
        limit,
        exit,
        error,
      })),
    );
  });

  it('keeps what came before a fault', () => {
    const cut = join(head, frame('file', '1', 'stat', '1 (init)'), `${B} file 2 stat 0\n2 (half`);
    expect(listFrames(cut)).toMatchObject({ complete: false, fault: 'The output ends inside the last frame.' });
    expect(listFrames(cut)?.frames).toHaveLength(2);
    const stray = listFrames(join(head, frame('file', '1', 'stat', 'x'), 'stray bytes\n', end));
    expect(stray?.frames).toHaveLength(1);
    expect(stray?.fault).toMatch(/is no frame/);
    expect(listFrames(join(head))?.fault).toMatch(/before the script did/);
  });

  it('does not take other text for frames', () => {
    expect(listFrames(Buffer.from('hello\n'))).toBeUndefined();
    expect(listFrames(Buffer.alloc(0))).toBeUndefined();
  });
});
