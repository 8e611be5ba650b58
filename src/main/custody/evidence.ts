import { createHash } from 'node:crypto';
import { chmod, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { type ExhibitMeta, ExhibitRecord, type ExhibitSummary, type How } from '../../shared/domain';
import { asLadingError, type LadingError } from '../../shared/errors';
import { syncFolder, writeNew } from './files';
import { canonicalJson, sha256, sha256File } from './hash';
import { safeFileName } from './names';

export const EVIDENCE = 'evidence';
export const RECORD_FILE = 'exhibit.json';
/** What is known of an exhibit when its first byte arrives; replaced by exhibit.json when it is whole. */
export const BEGUN_FILE = 'begun.json';
/** Bytes gathered, at most, while the write before is under way. */
const GATHER = 1 << 20;

/** What a record says beyond bytes, hashes and times. */
export type Provenance = Omit<
  ExhibitRecord,
  | 'format'
  | 'id'
  | 'file'
  | 'kind'
  | 'title'
  | 'how'
  | 'started'
  | 'finished'
  | 'outcome'
  | 'partial'
  | 'reason'
  | 'bytes'
  | 'sha256'
>;

/** What the door needs of the case that it stores into. */
export interface DoorCase {
  dir: string;
  /** The highest number in use: door numbers go on from there. */
  lastExhibit: number;
  /** Writes the ledger entry that makes the exhibit count. */
  announce(action: 'exhibit.stored' | 'exhibit.recovered', summary: ExhibitSummary, how: string): Promise<void>;
  /** Frees room held back for this moment, so that what arrived before the disk was full can still be recorded. */
  diskFull(): Promise<void>;
}

const Begun = ExhibitRecord.pick({
  id: true,
  file: true,
  kind: true,
  title: true,
  collector: true,
  tool: true,
  collection: true,
  host: true,
  target: true,
  started: true,
  clockOffsetMs: true,
  examiner: true,
  workstation: true,
});
type Begun = z.infer<typeof Begun>;

/**
 * The one door: stream → hash → file → fsync → ledger. Nothing else writes below `evidence/`, and nothing ever changes a
 * file there. Numbers are given at the first byte, so that an attempt that gave nothing leaves no gap in them.
 */
export class EvidenceDoor {
  readonly #case: DoorCase;
  #last: number;

  constructor(inCase: DoorCase) {
    this.#case = inCase;
    this.#last = inCase.lastExhibit;
  }

  /**
   * Stores a stream. Gives undefined when not one byte came and nothing broke. When the stream breaks or `signal`
   * aborts, what came is kept, hashed and marked partial, and `broken` says by what; the record is there all the same.
   */
  async store(
    meta: ExhibitMeta,
    from: Provenance,
    source: Readable,
    how: () => How | Promise<How>,
    options: {
      signal?: AbortSignal;
      onBytes?: (bytes: number) => void;
      /** Called after the stream ended; a text marks the exhibit partial and says why. */
      judge?: (how: How) => string | undefined;
    } = {},
  ): Promise<{ record?: ExhibitRecord; broken?: LadingError }> {
    const started = clocks(from.clockOffsetMs);
    const writer = new Writer(this, meta, from, started, this.#case);
    const abort = () => source.destroy(asAbort(options.signal));
    if (options.signal?.aborted) abort();
    options.signal?.addEventListener('abort', abort, { once: true });
    let broken: LadingError | undefined;
    try {
      for await (const piece of source) {
        await writer.push(piece as Buffer);
        options.onBytes?.((piece as Buffer).length);
      }
      await writer.flush();
    } catch (error) {
      source.destroy();
      broken = asLadingError(options.signal?.aborted ? asAbort(options.signal) : error);
      if (broken.code === 'DISK_FULL') await this.#case.diskFull();
    } finally {
      options.signal?.removeEventListener('abort', abort);
    }
    const begun = await writer.end();
    if (!begun) return { broken };
    let ended: How;
    try {
      ended = await how();
    } catch (error) {
      // The bytes are here; what is not known is how the command ended. That alone makes them partial.
      broken ??= asLadingError(error);
      ended = { kind: 'composed', note: `How this ended is not known: ${broken.message}` };
    }
    const reason = broken?.message ?? options.judge?.(ended);
    const record: ExhibitRecord = {
      format: 1,
      ...from,
      ...begun,
      how: ended,
      finished: clocks(from.clockOffsetMs),
      outcome: reason ? 'truncated' : 'found',
      partial: reason !== undefined,
      reason,
      ...writer.sum(),
    };
    await this.#seal(record, 'exhibit.stored');
    return { record, broken };
  }

  /** The next number's id; the caller makes its folder. */
  next(): string {
    this.#last += 1;
    return `E${String(this.#last).padStart(4, '0')}`;
  }

  /**
   * Records an exhibit that a crash cut off: what is on disk is hashed and marked partial. Gives a sentence about it.
   */
  async recover(id: string): Promise<string> {
    const folder = join(this.#case.dir, EVIDENCE, id);
    this.#last = Math.max(this.#last, Number(id.slice(1)));
    // Its record may be written and only the ledger's entry be missing: then it is whole.
    const whole = await readJson(join(folder, RECORD_FILE), ExhibitRecord);
    if (whole) {
      await rm(join(folder, BEGUN_FILE), { force: true });
      await this.#announce(whole, 'exhibit.recovered');
      return `${id} (${whole.title}) was whole; the ledger did not say so yet. It does now.`;
    }
    const begun = await readJson(join(folder, BEGUN_FILE), Begun);
    if (!begun) {
      // The crash came between the folder and its first file: there is no byte of evidence in it.
      await rm(folder, { recursive: true, force: true });
      this.#free(id);
      return `${id} had not begun; its empty folder was removed.`;
    }
    const path = join(folder, begun.file);
    const sum = await sha256File(path).catch(() => undefined);
    if (!sum) {
      await rm(folder, { recursive: true, force: true });
      this.#free(id);
      return `${id} (${begun.title}) was cut off before its first byte; its folder was removed.`;
    }
    await rm(join(folder, `${RECORD_FILE}.new`), { force: true });
    await rm(join(folder, RECORD_FILE), { force: true }); // torn by the crash; begun.json knows the same
    await chmod(path, 0o444);
    const reason = 'Lading ended while this was being taken (a crash, a kill, or a power cut).';
    await this.#seal(
      {
        format: 1,
        ...begun,
        accesses: [],
        how: {
          kind: 'composed',
          note: 'How this ended is not known; see the collection in the ledger for how it began.',
        },
        finished: clocks(begun.clockOffsetMs),
        outcome: 'truncated',
        partial: true,
        reason,
        ...sum,
      },
      'exhibit.recovered',
    );
    return `${id} (${begun.title}) was cut off after ${sum.bytes} bytes; they are kept, hashed and marked partial.`;
  }

  /** Gives back the number of an exhibit that never was, unless a higher one is in use. */
  #free(id: string): void {
    if (this.#last === Number(id.slice(1))) this.#last -= 1;
  }

  async #seal(record: ExhibitRecord, action: 'exhibit.stored' | 'exhibit.recovered'): Promise<void> {
    const folder = join(this.#case.dir, EVIDENCE, record.id);
    const write = () => writeNew(join(folder, RECORD_FILE), recordText(record), { readOnly: true });
    try {
      await write();
    } catch (error) {
      if (asLadingError(error).code !== 'DISK_FULL') throw error;
      await this.#case.diskFull();
      await rm(join(folder, RECORD_FILE), { force: true });
      await write();
    }
    await rm(join(folder, BEGUN_FILE), { force: true });
    await syncFolder(folder);
    await syncFolder(join(this.#case.dir, EVIDENCE));
    await this.#announce(record, action);
  }

  async #announce(record: ExhibitRecord, action: 'exhibit.stored' | 'exhibit.recovered'): Promise<void> {
    const announce = () => this.#case.announce(action, summarise(record), shortly(record.how));
    try {
      await announce();
    } catch (error) {
      if (asLadingError(error).code !== 'DISK_FULL') throw error;
      await this.#case.diskFull();
      await announce();
    }
  }
}

/** Writes one exhibit's file: hashes a batch while the batch is being written, gathers what comes meanwhile. */
class Writer {
  #door: EvidenceDoor;
  #meta: ExhibitMeta;
  #from: Provenance;
  #started: ExhibitRecord['started'];
  #case: DoorCase;
  #file: Awaited<ReturnType<typeof open>> | undefined;
  #begun: Begun | undefined;
  #hash = createHash('sha256');
  #bytes = 0;
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;
  #writing: Promise<void> | undefined;
  #failed: { error: unknown } | undefined = undefined;

  constructor(
    door: EvidenceDoor,
    meta: ExhibitMeta,
    from: Provenance,
    started: ExhibitRecord['started'],
    inCase: DoorCase,
  ) {
    this.#door = door;
    this.#meta = meta;
    this.#from = from;
    this.#started = started;
    this.#case = inCase;
  }

  async push(piece: Buffer): Promise<void> {
    if (piece.length === 0) return;
    this.#check();
    if (!this.#file) await this.#begin();
    this.#gathered.push(piece);
    this.#gatheredBytes += piece.length;
    this.#writing ??= this.#drain();
    if (this.#gatheredBytes >= GATHER) await this.#writing;
    this.#check();
  }

  /** Waits until all that was pushed is written. */
  async flush(): Promise<void> {
    await this.#writing;
    this.#check();
  }

  #check(): void {
    if (this.#failed) throw this.#failed.error;
  }

  async #begin(): Promise<void> {
    const id = this.#door.next();
    const folder = join(this.#case.dir, EVIDENCE, id);
    const begun: Begun = {
      id,
      file: safeFileName(this.#meta.file),
      kind: this.#meta.kind,
      title: this.#meta.title,
      collector: this.#from.collector,
      tool: this.#from.tool,
      collection: this.#from.collection,
      host: this.#from.host,
      target: this.#from.target,
      started: this.#started,
      clockOffsetMs: this.#from.clockOffsetMs,
      examiner: this.#from.examiner,
      workstation: this.#from.workstation,
    };
    await mkdir(folder);
    this.#begun = begun;
    await writeNew(join(folder, BEGUN_FILE), canonicalJson(begun));
    this.#file = await open(join(folder, begun.file), 'wx', 0o600);
    await syncFolder(folder);
    await syncFolder(join(this.#case.dir, EVIDENCE));
  }

  async #drain(): Promise<void> {
    try {
      while (this.#gathered.length > 0) {
        const batch = this.#gathered;
        this.#gathered = [];
        this.#gatheredBytes = 0;
        const write = this.#writeAll(batch);
        await write;
      }
    } catch (error) {
      this.#failed = { error };
    } finally {
      this.#writing = undefined;
    }
  }

  /** The hash follows what was written, not what was asked: after a short write they still agree. */
  async #writeAll(batch: Buffer[]): Promise<void> {
    if (!this.#file) return;
    let rest = batch.length === 1 ? (batch[0] as Buffer) : Buffer.concat(batch);
    while (rest.length > 0) {
      const written = this.#file.write(rest, 0, rest.length, this.#bytes);
      // Hashed in this thread while the pool writes; a short write is rare and pays with a second hash of the piece.
      const ahead = this.#hash.copy();
      ahead.update(rest);
      const { bytesWritten } = await written;
      if (bytesWritten === rest.length) this.#hash = ahead;
      else this.#hash.update(rest.subarray(0, bytesWritten));
      this.#bytes += bytesWritten;
      rest = rest.subarray(bytesWritten);
    }
  }

  /** Makes the file durable and read-only; gives what was begun, or undefined when no byte ever came. */
  async end(): Promise<Begun | undefined> {
    await this.#writing;
    if (!this.#file || !this.#begun) {
      // A folder whose first file could not be made holds no evidence.
      if (this.#begun) await rm(join(this.#case.dir, EVIDENCE, this.#begun.id), { recursive: true, force: true });
      return undefined;
    }
    await this.#file.sync();
    await this.#file.close();
    await chmod(join(this.#case.dir, EVIDENCE, this.#begun.id, this.#begun.file), 0o444);
    return this.#begun;
  }

  sum(): { bytes: number; sha256: string } {
    return { bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') };
  }
}

/** The bytes of exhibit.json: canonical, so that a person's editor and Lading agree on them, one record a line. */
export function recordText(record: ExhibitRecord): string {
  return `${canonicalJson(record)}\n`;
}

/** The part of a record that the case lists. */
export function summarise(record: ExhibitRecord): ExhibitSummary {
  const {
    id,
    file,
    kind,
    title,
    collector,
    collection,
    host,
    target,
    outcome,
    partial,
    reason,
    bytes,
    started,
    finished,
  } = record;
  return {
    id,
    file,
    kind,
    title,
    collector,
    collection,
    host,
    target,
    outcome,
    partial,
    reason,
    bytes,
    sha256: record.sha256,
    started,
    finished,
    recordSha256: sha256(recordText(record)),
  };
}

/** Both clocks for this moment. */
export function clocks(offsetMs: number | undefined): ExhibitRecord['started'] {
  const now = Date.now();
  const local = new Date(now).toISOString();
  return offsetMs === undefined ? { local } : { local, host: new Date(now + offsetMs).toISOString() };
}

function shortly(how: How): string {
  const text =
    how.kind === 'exec'
      ? `exec ${how.argv.join(' ')}`
      : how.kind === 'api'
        ? `${how.method} ${how.path}`
        : how.kind === 'import'
          ? `import ${how.from}`
          : how.note;
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function asAbort(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new DOMException('Cancelled', 'AbortError');
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}
