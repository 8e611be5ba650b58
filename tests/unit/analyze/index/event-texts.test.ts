import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDb, type Db } from '../../../../src/main/analyze/index/db';
import { EVENT_SHAPES_SQL, readShapes, shapesWith, shapeWriter } from '../../../../src/main/analyze/index/event-shapes';
import { EVENT_TEXTS_SQL, eventsWith, eventTextWriter } from '../../../../src/main/analyze/index/event-texts';
import { scratch } from '../../../kit/case';

async function made(messages: Iterable<string>): Promise<Db> {
  const db = createDb(join(await scratch(), 'x.sqlite'));
  for (const sql of EVENT_TEXTS_SQL) db.exec(sql);
  const writer = eventTextWriter(db);
  for (const message of messages) writer.add(message);
  writer.finish();
  return db;
}

function idsOf(db: Db, text: string): number[] {
  const ids: number[] = [];
  eventsWith(db, text, (id) => {
    ids.push(id);
    return true;
  });
  return ids;
}

/** As the contract says it: letters of ASCII without regard to their case. */
const folded = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

describe('words of events', () => {
  it('finds what looking at each message finds, over more than one block of signatures', async () => {
    const messages = Array.from({ length: 70_000 }, (_, n) =>
      n % 9973 === 0
        ? ''
        : `sshd[${(n * 7919) % 30_000}]: ${n % 2 ? 'Größe ÄÖ' : 'Request'} ${n} of ${n % 977}\n${n % 13}`,
    );
    messages[65_535] = 'the last of a block';
    messages[65_536] = 'the first of the next';
    const db = await made(messages);
    for (const text of [
      'of 976',
      'the last of',
      'THE FIRST',
      'größe',
      'Ä',
      'äö',
      '\n12',
      'sshd[777',
      'q',
      'zz',
      '%',
      '1\n1',
      '\uffff',
    ]) {
      const wanted = messages.flatMap((message, at) => (folded(message).includes(folded(text)) ? [at + 1] : []));
      expect([text, idsOf(db, text)]).toEqual([text, wanted]);
    }
    db.close();
  });

  it('tells a message once, and not across two of them', async () => {
    const db = await made(['aXa', 'aaaa aaaa', 'end', 'begin', '\ud800 lone', `${'x'.repeat(65_000)}needle`]);
    expect(idsOf(db, 'aa')).toEqual([2]);
    expect(idsOf(db, 'endbegin')).toEqual([]);
    expect(idsOf(db, 'd\nb')).toEqual([]);
    expect(idsOf(db, 'NEEDLE')).toEqual([6]);
    expect(idsOf(db, 'lone')).toEqual([5]);
    expect(idsOf(db, '')).toEqual([]);
    db.close();
  });

  it('goes no further than it is told, and has nothing of nothing', async () => {
    const db = await made(Array.from({ length: 3000 }, () => 'the same'));
    const ids: number[] = [];
    eventsWith(db, 'same', (id) => ids.push(id) < 1500);
    expect(ids.length).toBe(1500);
    db.close();
    const empty = await made([]);
    expect(idsOf(empty, 'x')).toEqual([]);
    expect(idsOf(empty, 'xyz')).toEqual([]);
    empty.close();
  });
});

describe('shapes of messages', () => {
  const words = ['Request', 'größe', 'a.b', '', '\u0001', '\ud800', 'Ä[7'];
  const messages = Array.from({ length: 140_000 }, (_, n) => {
    // more shapes than are kept: what came too late has none
    const own = n > 60_000 ? `x${String.fromCharCode(0x4e00 + (n % 20_000))}${words[n % 7]}` : words[n % 7];
    return n % 50_001 === 7 ? `${'y'.repeat(600)}tail9` : `sshd[${(n * 7919) % 3000}]: ${own} ${n} of ${n % 977}`;
  });

  it('tell of every text what looking at each message tells', async () => {
    const db = createDb(join(await scratch(), 'x.sqlite'));
    for (const sql of [...EVENT_TEXTS_SQL, ...EVENT_SHAPES_SQL]) db.exec(sql);
    const [texts, shapes] = [eventTextWriter(db), shapeWriter(db)];
    for (const message of messages) {
      texts.add(message);
      shapes.add(message);
    }
    texts.finish();
    shapes.finish();
    const held = readShapes(db);
    expect(held.ids.length).toBe(messages.length);
    expect(held.ids.filter((id) => id === 0).length).toBeGreaterThan(1000);
    const wanted = messages.map((message) => folded(Buffer.from(message).toString()));
    for (const text of [
      'REQUEST',
      'of 97',
      '[777',
      '7]: ',
      '\u0001',
      'größe ',
      'Ä[7 7',
      'ä',
      'tail',
      'TAIL9',
      '9',
      'zz',
      '\ufffd',
    ]) {
      const { may, sure } = shapesWith(held, text);
      const found = new Set<number>();
      held.ids.forEach((shape, at) => {
        if (sure && shape !== 0 && may[shape] === 1) found.add(at + 1);
      });
      const left = sure ? may.map((_, shape) => (shape === 0 ? 1 : 0)) : may;
      eventsWith(db, text, (id) => found.add(id) !== undefined, { may: left, ids: held.ids });
      const all = wanted.flatMap((message, at) => (message.includes(folded(text)) ? [at + 1] : []));
      expect([text, [...found].sort((a, b) => a - b)]).toEqual([text, all]);
    }
    db.close();
  });
});
