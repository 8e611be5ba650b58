import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dockerLogReader,
  type LogEntry,
  parseDockerLog,
  readDockerLog,
} from '../../../../src/main/analyze/formats/docker-log';

const T = '2026-11-25T09:44:01.123456789Z';

function frame(stream: number, text: string | Buffer): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

describe('a log of frames', () => {
  it('gives stream, time, text and place of each entry', () => {
    const bytes = Buffer.concat([frame(1, `${T} GET /\n`), frame(2, `${T} oops\x1b[31m\n`), frame(1, `${T} half`)]);
    const { lines, multiplexed, faults } = parseDockerLog(bytes);
    expect(multiplexed).toBe(true);
    expect(faults).toEqual([]);
    expect(lines.map((line) => [line.stream, line.time, line.text, line.whole])).toEqual([
      ['stdout', T, 'GET /', true],
      ['stderr', T, 'oops\x1b[31m', true],
      ['stdout', T, 'half', false],
    ]);
    const [first] = lines;
    expect(bytes.toString('utf8', first?.offset, (first?.offset ?? 0) + (first?.length ?? 0))).toBe(`${T} GET /\n`);
  });

  it('takes no line of an entry for a header or for a time of its own', () => {
    const forged = frame(2, `${T} forged\n`).toString('latin1');
    const { lines } = parseDockerLog(frame(1, Buffer.from(`${T} a\n2001-01-01T00:00:00Z b${forged}\n`, 'latin1')));
    expect(lines).toHaveLength(1);
    expect(lines[0]?.time).toBe(T);
    expect(lines[0]?.text.startsWith('a\n2001-01-01T00:00:00Z b')).toBe(true);
  });

  it('says where it ends too early or stops being a log, and keeps what came before', () => {
    const good = frame(1, `${T} one\n`);
    const cut = parseDockerLog(Buffer.concat([good, frame(1, `${T} two\n`).subarray(0, 30)]));
    expect(cut.lines.map((line) => line.whole)).toEqual([true, false]);
    expect(cut.faults[0]?.reason).toContain('before the end of its last entry');
    const broken = parseDockerLog(Buffer.concat([good, Buffer.from('not a header at all')]));
    expect(broken.lines).toHaveLength(1);
    expect(broken.faults).toEqual([{ offset: good.length, reason: 'Here the header of a log entry should be.' }]);
    const huge = Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x61]);
    expect(parseDockerLog(huge).lines).toMatchObject([{ text: 'a', whole: false, length: 1 }]);
    expect(parseDockerLog(Buffer.concat([good, Buffer.from([1, 0])])).faults).toHaveLength(1);
  });

  it('is the same in whatever chunks it comes (property)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.uint8Array({ maxLength: 60 })), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.integer({ min: 1, max: 13 }),
        (entries, size) => {
          const bytes = Buffer.concat(entries.map(([stream, body]) => frame(stream, Buffer.from(body))));
          const lines: LogEntry[] = [];
          const reader = dockerLogReader((line) => lines.push(line));
          for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
          const result = reader.end();
          expect(result.faults).toEqual([]);
          expect(lines.map((line) => line.length)).toEqual(entries.map(([, body]) => body.length));
          expect({ ...result, lines }).toEqual(parseDockerLog(bytes));
        },
      ),
    );
  });

  it('keeps only so much of an entry in memory', async () => {
    const bytes = frame(1, `${T} ${'x'.repeat(100_000)}\n`);
    async function* chunks() {
      for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
    }
    const lines: LogEntry[] = [];
    await readDockerLog(chunks(), (line) => lines.push(line), { keep: 100 });
    expect(lines[0]).toMatchObject({ whole: true, time: T, length: bytes.length - 8 });
    expect(lines[0]?.text).toBe('x'.repeat(100 - T.length - 1));
  });
});

describe('a log of a terminal', () => {
  it('splits at line feeds only', () => {
    const bytes = Buffer.from(`${T} $ id\r\n${T} uid=0\u2028x\r\n${T} last`);
    const { lines, multiplexed } = parseDockerLog(bytes);
    expect(multiplexed).toBe(false);
    expect(lines.map((line) => [line.stream, line.time, line.text, line.whole])).toEqual([
      ['tty', T, '$ id\r', true],
      ['tty', T, 'uid=0\u2028x\r', true],
      ['tty', T, 'last', false],
    ]);
  });

  it('takes a short or empty one, and any bytes', () => {
    expect(parseDockerLog(Buffer.from('hi\n')).lines).toMatchObject([{ text: 'hi', time: undefined }]);
    expect(parseDockerLog(Buffer.alloc(0))).toEqual({ entries: 0, multiplexed: false, faults: [], lines: [] });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void parseDockerLog(Buffer.from(bytes))));
  });
});
