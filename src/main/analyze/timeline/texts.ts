import { z } from 'zod';
import type { Db } from '../index/db';
import { shapesWith } from '../index/event-shapes';
import { eventsWith } from '../index/event-texts';
import { contains } from '../index/query';
import { TABLE } from './columns';
import type { Timeline } from './open';
import { entryText } from './rows';

/** Texts whose hits are kept: what is typed on and taken back asks nothing again. */
const KEPT = 4;
/** Ids read at once. */
const PAGE = 100_000;
const Ids = z.array(z.object({ id: z.number() }));

/** Ids of each table whose text holds the words, a bit each. */
export class TextHits {
  readonly #bits: Uint8Array[] = Object.values(TABLE).map(() => new Uint8Array(1024));

  add(table: number, id: number): void {
    let bits = this.#bits[table];
    if (!bits) return;
    if (id >>> 3 >= bits.length) {
      const bigger = new Uint8Array(Math.max((id >>> 3) + 1, bits.length * 2));
      bigger.set(bits);
      bits = bigger;
      this.#bits[table] = bits;
    }
    bits[id >>> 3] = (bits[id >>> 3] ?? 0) | (1 << (id & 7));
  }

  /** Events of a shape that is wanted, at once: millions, whose ids begin with 1. Gives whether any is of one that is `doubtful`. */
  addShapes(ids: Uint16Array, wanted: Uint8Array, doubtful: Uint8Array): boolean {
    const bits = new Uint8Array((ids.length >>> 3) + 1);
    let doubt = 0;
    for (let at = 0; at < ids.length; at++) {
      const shape = ids[at] ?? 0;
      const id = at + 1;
      bits[id >>> 3] = (bits[id >>> 3] ?? 0) | ((wanted[shape] ?? 0) << (id & 7));
      doubt |= doubtful[shape] ?? 0;
    }
    this.#bits[TABLE.event] = bits;
    return doubt === 1;
  }

  /** `what` as the columns have it: the table in its low 3 bits. */
  has(what: number, id: number): boolean {
    return (((this.#bits[what & 7]?.[id >>> 3] ?? 0) >>> (id & 7)) & 1) === 1;
  }
}

/** Rows whose text holds the words, without regard to the case of ASCII letters. Those of the last few texts are kept. */
export function textHits(db: Db, timeline: Timeline, text: string): TextHits {
  const held = timeline.texts.get(text);
  if (held) return held;
  const hits = new TextHits();
  addEvents(db, timeline, text, hits);
  for (const [table, name, column] of [
    [TABLE.file, 'files', 'path'],
    [TABLE.process, 'processes', 'command'],
    [TABLE.container, 'containers', 'name'],
  ] as const) {
    const where = contains(column, text);
    const select = db.prepare(`SELECT id FROM ${name} WHERE ${where.sql} AND id > ? ORDER BY id LIMIT ?`);
    for (let last = 0; ; ) {
      const page = Ids.parse(select.all(...where.values, last, PAGE));
      for (const { id } of page) hits.add(table, id);
      last = page.at(-1)?.id ?? 0;
      if (page.length < PAGE) break;
    }
  }
  const wanted = text.toLowerCase();
  timeline.entries.forEach((entry, at) => {
    if (entryText(entry).toLowerCase().includes(wanted)) hits.add(TABLE.entry, at);
  });
  timeline.texts.set(text, hits);
  for (const old of timeline.texts.keys()) {
    if (timeline.texts.size <= KEPT) break;
    timeline.texts.delete(old);
  }
  return hits;
}

/** What the shapes of messages answer is not looked for in the messages. */
function addEvents(db: Db, { shapes }: Timeline, text: string, hits: TextHits): void {
  const { may, sure } = shapesWith(shapes, text);
  const { ids } = shapes;
  const left = sure ? may.map((_, shape) => (shape === 0 ? 1 : 0)) : may;
  const known = sure ? may.map((one, shape) => (shape === 0 ? 0 : one)) : new Uint8Array(may.length);
  if (!hits.addShapes(ids, known, left)) return;
  const take = (id: number) => {
    hits.add(TABLE.event, id);
    return true;
  };
  eventsWith(db, text, take, { may: left, ids });
}
