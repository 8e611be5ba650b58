import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { castHead, castLines } from '../../../src/main/collect/shell/cast';
import { type CastEvent, readCast } from '../../../src/renderer/features/exhibits/model/cast';

const HEAD = { width: 80, height: 24, timestamp: 1_700_000_000, title: 'web', command: 'sh', env: { TERM: 'xterm' } };

const bytesOf = (events: CastEvent[], kind: 'shown' | 'typed') =>
  Buffer.concat(
    events.flatMap((event) =>
      kind in event ? [Buffer.from((event as unknown as Record<string, Uint8Array>)[kind] ?? [])] : [],
    ),
  );

describe('a recorded session, read to be replayed', () => {
  it('has every byte typed and shown, also what is no UTF-8, and sizes in their order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('o' as const, 'i' as const), fc.uint8Array({ maxLength: 30 })), {
          maxLength: 20,
        }),
        (pieces) => {
          let now = 0;
          const lines = castLines(() => {
            now += 250;
            return now;
          });
          const text =
            pieces.map(([code, piece]) => lines.bytes(code, piece)).join('') + lines.resize(100, 30) + lines.end();
          const cast = readCast(Buffer.concat([castHead(HEAD), Buffer.from(text)]));
          expect(cast.unread).toBe(0);
          for (const [code, kind] of [
            ['o', 'shown'],
            ['i', 'typed'],
          ] as const)
            expect(bytesOf(cast.events, kind)).toEqual(
              Buffer.concat(pieces.filter(([each]) => each === code).map(([, piece]) => piece)),
            );
          expect(cast.events.some((event) => 'columns' in event && event.columns === 100 && event.rows === 30)).toBe(
            true,
          );
        },
      ),
    );
  });

  it('counts what is no event, a line cut off at the end and a size that no terminal has', () => {
    const lines = ['[0.1,"o","a"]', '[0.2,"r","0x5"]', '[0.25,"r","99999x5"]', '{}', '[0.3,"o","b"]', '[0.4,"o","c'];
    const cast = readCast(Buffer.concat([castHead(HEAD), Buffer.from(lines.join('\n'))]));
    expect(bytesOf(cast.events, 'shown').toString()).toBe('ab');
    expect(cast.unread).toBe(4);
    expect(cast.length).toBe(0.3);
  });

  it('refuses what has no head of version 2', () => {
    for (const text of ['', '{}', '{"version":1,"width":80,"height":24}', '{"version":2,"width":1e9,"height":24}'])
      expect(() => readCast(Buffer.from(text))).toThrow('head of an asciicast v2');
  });
});
