import { PassThrough, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dockerLogReader, type LogEntry } from '../../../src/main/analyze/formats/docker-log';
import { entryEnds, type LogEnd, limitedLog } from '../../../src/main/collect/log-limits';

/** One entry as the engine frames it. */
function entry(text: string, stream = 1): Buffer {
  const body = Buffer.from(`2026-11-25T03:00:00.000000000Z ${text}\n`);
  const head = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

/** The bytes that came and why they ended. */
async function follow(body: Readable, limits: { ms?: number; bytes?: number; framed?: boolean }) {
  const parts: Buffer[] = [];
  let why: LogEnd | undefined;
  const all = { ms: 60_000, bytes: 1e9, framed: true, ...limits };
  for await (const piece of limitedLog(body, all, (end) => {
    why = end;
  }))
    parts.push(piece);
  return { bytes: Buffer.concat(parts), why };
}

function entriesOf(bytes: Buffer): { entries: LogEntry[]; faults: number } {
  const entries: LogEntry[] = [];
  const reader = dockerLogReader((one) => entries.push(one));
  reader.push(bytes);
  return { entries, faults: reader.end().faults.length };
}

describe('a log that is followed', () => {
  it('is passed on as it comes, until the engine ends it', async () => {
    const whole = Buffer.concat([entry('one'), entry('two', 2)]);
    const got = await follow(Readable.from([whole.subarray(0, 5), whole.subarray(5)]), {});
    expect(got).toEqual({ bytes: whole, why: 'engine' });
  });

  it('ends between two entries, however it is cut into pieces and wherever the limit falls', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 30 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 17 }),
        fc.integer({ min: 1, max: 400 }),
        async (texts, size, limit) => {
          const whole = Buffer.concat(texts.map((text) => entry(text)));
          const pieces: Buffer[] = [];
          for (let i = 0; i < whole.length; i += size) pieces.push(whole.subarray(i, i + size));
          const { bytes, why } = await follow(Readable.from(pieces), { bytes: limit });
          expect(bytes.equals(whole.subarray(0, bytes.length))).toBe(true);
          expect(bytes.length).toBeGreaterThanOrEqual(Math.min(limit, whole.length));
          expect(entriesOf(bytes).faults).toBe(0);
          expect(why).toBe(limit <= whole.length ? 'size' : 'engine');
        },
      ),
      { numRuns: 200 },
    );
  });

  it('ends after its time, also when nobody writes, and waits for the rest of an entry that is under way', async () => {
    const quiet = new PassThrough();
    quiet.write(entry('only this'));
    expect(await follow(quiet, { ms: 60 })).toEqual({ bytes: entry('only this'), why: 'time' });
    expect(quiet.destroyed).toBe(true);
    const slow = new PassThrough();
    const whole = entry('that comes in two parts');
    slow.write(whole.subarray(0, 20));
    const following = follow(slow, { ms: 60 });
    await sleep(150);
    slow.write(Buffer.concat([whole.subarray(20), entry('too late')]));
    expect(await following).toEqual({ bytes: whole, why: 'time' });
  });

  it('does not wait for an entry that never comes to its end', async () => {
    const stuck = new PassThrough();
    stuck.write(entry('cut').subarray(0, 12));
    const began = performance.now();
    const { bytes, why } = await follow(stuck, { ms: 50 });
    expect([bytes.length, why]).toEqual([12, 'time']);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('of a terminal has no entries: it ends at the byte', async () => {
    const text = Buffer.from('2026-11-25T03:00:00Z a line of a terminal\n');
    expect(await follow(Readable.from([text]), { bytes: 10, framed: false })).toEqual({
      bytes: text.subarray(0, 10),
      why: 'size',
    });
  });

  it('rejects with what breaks it, and says no reason then', async () => {
    const broken = new PassThrough();
    broken.write(entry('one'));
    setTimeout(() => broken.destroy(new Error('the connection was cut')), 20);
    let why: LogEnd | undefined;
    const parts: Buffer[] = [];
    const run = async () => {
      for await (const piece of limitedLog(broken, { ms: 60_000, bytes: 1e9, framed: true }, (end) => {
        why = end;
      }))
        parts.push(piece);
    };
    await expect(run()).rejects.toThrow('the connection was cut');
    expect([Buffer.concat(parts), why]).toEqual([entry('one'), undefined]);
  });

  it('knows the end of an entry whose header says four gigabytes without holding them', () => {
    const ends = entryEnds(true);
    ends.take(Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]));
    ends.take(Buffer.alloc(1 << 20));
    expect(ends.between()).toBe(false);
    expect(entryEnds(false).between()).toBe(true);
  });
});
