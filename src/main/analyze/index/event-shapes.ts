import { z } from 'zod';
import type { Db } from './db';

/**
 * What messages of events are like: a message with each number in it left out is its shape, and of millions of messages of
 * logs there are some thousands of shapes. A text without digits is looked for in the shapes alone, however many messages hold
 * it; one with digits only in messages whose shape can hold it.
 */
export const EVENT_SHAPES_SQL = [
  'CREATE TABLE event_shapes (id INTEGER PRIMARY KEY, shape TEXT NOT NULL)',
  'CREATE TABLE event_shape_ids (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, ids BLOB NOT NULL)',
];

/** So many shapes are kept, and so long, in characters: what is beyond has none (0) and is looked through. */
const MOST = 32_768;
const LONGEST = 512;
/** Ids of one row. */
const BLOCK = 65_536;
/** Stands for a run of digits: no NUL, at which libsql ends a text. A message that holds it has no shape. */
const NUMBER = '\u0001';

const DIGITS = /[0-9]+/g;
const fold = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Takes the messages of events in the order of their ids, each once; `finish` writes what waits. */
export function shapeWriter(db: Db): { add(message: string): void; finish(): void } {
  const insert = db.prepare('INSERT INTO event_shape_ids VALUES (?, ?, ?)');
  const shapes = new Map<string, number>();
  const ids = new Uint16Array(BLOCK);
  let n = 0;
  let row = 0;
  const flush = () => {
    if (n > 0) insert.run([++row, n, new Uint8Array(ids.buffer, 0, n * 2)]);
    n = 0;
  };
  return {
    add(message) {
      let id = 0;
      if (message.length <= LONGEST && !message.includes(NUMBER)) {
        const shape = message.replace(DIGITS, NUMBER);
        id = shapes.get(shape) ?? 0;
        if (id === 0 && shapes.size < MOST) {
          id = shapes.size + 1;
          shapes.set(shape, id);
        }
      }
      ids[n++] = id;
      if (n === BLOCK) flush();
    },
    finish() {
      flush();
      const own = db.prepare('INSERT INTO event_shapes VALUES (?, ?)');
      for (const [shape, id] of shapes) own.run([id, shape]);
    },
  };
}

/** The shapes of an index, and which message has which: 2 bytes a message. */
export interface EventShapes {
  /** Of shape k (from 1) at k - 1, with small ASCII letters. */
  shapes: string[];
  /** Of the event with id n (from 1) at n - 1; 0 where it has none. */
  ids: Uint16Array;
}

const Shape = z.object({ id: z.number(), shape: z.string() });
const Block = z.object({ id: z.number(), n: z.number(), ids: z.instanceof(Uint8Array) });
const Total = z.object({ n: z.number() });

/** Reads them into memory. */
export function readShapes(db: Db): EventShapes {
  const shapes = z
    .array(Shape)
    .parse(db.prepare('SELECT id, shape FROM event_shapes ORDER BY id').all())
    .map(({ shape }) => fold(shape));
  const { n } = Total.parse(db.prepare('SELECT coalesce(sum(n), 0) AS n FROM event_shape_ids').get());
  const ids = new Uint16Array(n);
  const bytes = new Uint8Array(ids.buffer);
  const select = db.prepare('SELECT id, n, ids FROM event_shape_ids WHERE id = ?');
  for (let row = 1, at = 0; at < n; row++) {
    const block = Block.parse(select.get(row));
    bytes.set(block.ids.subarray(0, block.n * 2), at * 2);
    at += block.n;
  }
  return { shapes, ids };
}

/** What shapes say of a text, by their ids: 1 where messages of this shape may hold it. */
export interface ShapeAnswer {
  may: Uint8Array;
  /** Whether all that may hold it do; of those without a shape (0) nothing is known. */
  sure: boolean;
}

/** Asks the shapes which of them may hold a text, without regard to the case of ASCII letters. */
export function shapesWith({ shapes }: EventShapes, text: string): ShapeAnswer {
  // as the index has it: a lone surrogate is U+FFFD there
  const needle = fold(Buffer.from(text).toString());
  const may = new Uint8Array(shapes.length + 1);
  may[0] = 1;
  if (needle.includes(NUMBER)) return { may, sure: true };
  const wanted = needle.replace(DIGITS, NUMBER);
  shapes.forEach((shape, at) => {
    if (shape.includes(wanted)) may[at + 1] = 1;
  });
  return { may, sure: wanted === needle };
}
