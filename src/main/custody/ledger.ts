import { type FileHandle, open } from 'node:fs/promises';
import { Entry } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import { canonicalJson, sha256 } from './hash';

export const LEDGER_FILE = 'ledger.jsonl';
/** `prev` of the first entry. */
export const GENESIS = '0'.repeat(64);
/** A line beyond this is damage, not an entry: no action writes so much. */
const MAX_LINE = 64 << 20;

export interface Who {
  examiner: string;
  workstation: string;
}

/** Seals an entry's content with its hash: SHA-256 of its canonical JSON without `hash`. */
export function entryHash(entry: Omit<Entry, 'hash'> | Entry): string {
  const { hash: _, ...content } = entry as Entry;
  return sha256(canonicalJson(content));
}

/** What a crash left of a line that was being written. */
export interface Torn {
  offset: number;
  text: Buffer;
}

/**
 * The append-only, hash-chained log of everything that is done with the case. Only `append` writes it; an entry counts
 * once `append` has resolved, that is after fsync. Several entries asked for at once share one fsync.
 */
export class Ledger {
  #file: FileHandle;
  #length: number;
  #head: { seq: number; hash: string };
  #lines: number[]; // where each entry's line begins
  #pending: { entry: Entry; line: Buffer; done: (entry: Entry) => void; failed: (error: unknown) => void }[] = [];
  #writing: Promise<void> | undefined;

  private constructor(file: FileHandle, length: number, head: { seq: number; hash: string }, lines: number[]) {
    this.#file = file;
    this.#length = length;
    this.#head = head;
    this.#lines = lines;
  }

  /**
   * Opens a ledger and walks its chain, handing each entry to `onEntry` in order. With `write`, a torn last line is
   * cut off the file and given back, for the caller to record. Throws CASE_DAMAGED where the chain does not hold.
   */
  static async open(
    path: string,
    options: { write: boolean; onEntry?: (entry: Entry) => void },
  ): Promise<{ ledger: Ledger; torn?: Torn }> {
    const file = await open(path, options.write ? 'r+' : 'r');
    try {
      const lines: number[] = [];
      let head = { seq: -1, hash: GENESIS };
      let length = 0;
      let torn: Torn | undefined;
      for await (const line of readLines(file)) {
        if (!line.ended) {
          torn = { offset: line.offset, text: line.bytes };
          break;
        }
        const entry = parseEntry(line.bytes, head);
        if (typeof entry === 'string') {
          throw new LadingError(
            'CASE_DAMAGED',
            `The ledger ${path} is damaged at line ${lines.length + 1}: ${entry}.`,
            {
              advice:
                'Run `lading verify` for every fault. Work on a copy of an intact backup; do not repair this one.',
            },
          );
        }
        lines.push(line.offset);
        head = { seq: entry.seq, hash: entry.hash };
        length = line.offset + line.bytes.length + 1;
        options.onEntry?.(entry);
      }
      if (torn && options.write) {
        await file.truncate(torn.offset);
        await file.sync();
      }
      return { ledger: new Ledger(file, length, head, lines), torn };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Sequence number and hash of the last entry that is on disk or on its way there. */
  get head(): { seq: number; hash: string } {
    return this.#head;
  }

  get count(): number {
    return this.#lines.length;
  }

  /** Adds an entry; resolves once it is on disk. Entries keep the order in which they were asked for. */
  append(who: Who, action: string, subject: string, details: Record<string, unknown>): Promise<Entry> {
    const content = {
      seq: this.#head.seq + 1,
      time: new Date().toISOString(),
      examiner: who.examiner,
      workstation: who.workstation,
      action,
      subject,
      details: JSON.parse(JSON.stringify(details)) as Record<string, unknown>,
      prev: this.#head.hash,
    };
    const entry: Entry = { ...content, hash: entryHash(content) };
    const line = Buffer.from(`${canonicalJson(entry)}\n`);
    this.#head = { seq: entry.seq, hash: entry.hash };
    return new Promise((done, failed) => {
      this.#pending.push({ entry, line, done, failed });
      this.#writing ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // let entries asked for in the same turn share the fsync
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      try {
        const bytes = Buffer.concat(batch.map((item) => item.line));
        await writeAll(this.#file, bytes, this.#length);
        await this.#file.sync();
        for (const item of batch) {
          this.#lines.push(this.#length);
          this.#length += item.line.length;
          item.done(item.entry);
        }
      } catch (error) {
        await this.#undo([...batch, ...this.#pending], error);
      }
    }
    this.#writing = undefined;
  }

  /** Nothing of a failed write may stay: the next entry continues from the last one that is on disk. */
  async #undo(items: { entry: Entry; failed: (error: unknown) => void }[], error: unknown): Promise<void> {
    this.#pending = [];
    const first = items[0];
    if (first) this.#head = { seq: first.entry.seq - 1, hash: first.entry.prev };
    await this.#file.truncate(this.#length).catch(() => undefined);
    const reason = asLadingError(error);
    for (const item of items) item.failed(reason);
  }

  /** Entries by sequence number, oldest first. */
  async read(from: number, limit: number): Promise<Entry[]> {
    await this.#writing;
    const start = this.#lines[from];
    if (start === undefined || limit <= 0) return [];
    const end = this.#lines[from + limit] ?? this.#length;
    const bytes = Buffer.alloc(end - start);
    await this.#file.read(bytes, 0, bytes.length, start);
    return bytes
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => Entry.parse(JSON.parse(line)));
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }
}

/** Creates an empty ledger file. */
export async function createLedger(path: string): Promise<void> {
  await (await open(path, 'wx', 0o644)).close();
}

/** Checks one line against the entry before it. Gives the entry, or what is wrong with it in words. */
export function parseEntry(line: Buffer, before: { seq: number; hash: string }): Entry | string {
  const text = line.toString('utf8');
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  const parsed = Entry.safeParse(raw);
  if (!parsed.success) return 'it is not a ledger entry';
  const entry = parsed.data;
  // Compared as bytes: two broken UTF-8 sequences can decode to the same text.
  if (!Buffer.from(canonicalJson(raw)).equals(line)) return 'it is not in canonical form, so its bytes were changed';
  if (entryHash(raw as Entry) !== entry.hash) return 'its content was changed: the hash does not match';
  if (entry.prev !== before.hash || entry.seq !== before.seq + 1) {
    return `it does not follow the entry before it (number ${entry.seq} after ${before.seq})`;
  }
  return entry;
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}

/** Lines of a file with their offsets; the last one may not have ended. Constant memory but for the line itself. */
export async function* readLines(file: FileHandle): AsyncGenerator<{ offset: number; bytes: Buffer; ended: boolean }> {
  const piece = Buffer.alloc(1 << 20);
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0; // of `rest`
  let position = 0;
  for (;;) {
    const { bytesRead } = await file.read(piece, 0, piece.length, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    rest = Buffer.concat([rest, piece.subarray(0, bytesRead)]);
    let begin = 0;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10, begin)) {
      yield { offset: offset + begin, bytes: rest.subarray(begin, end), ended: true };
      begin = end + 1;
    }
    offset += begin;
    rest = Buffer.from(rest.subarray(begin));
    if (rest.length > MAX_LINE) {
      throw new LadingError('CASE_DAMAGED', `A ledger line at byte ${offset} is longer than any entry can be.`);
    }
  }
  if (rest.length > 0) yield { offset, bytes: rest, ended: false };
}
