import { chmod, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { type ExhibitMeta, ExhibitRecord, type ExhibitSummary, type How } from '../../shared/domain';
import { asLadingError, type LadingError } from '../../shared/errors';
import { syncFolder, writeNew } from './files';
import { sha256File } from './hash';
import {
  BEGUN_FILE,
  Begun,
  clocks,
  EVIDENCE,
  type Provenance,
  RECORD_FILE,
  recordText,
  shortly,
  summarise,
} from './record';
import { ExhibitWriter } from './writer';

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
    const writer = new ExhibitWriter(this.#case.dir, () => this.#next(), meta, from, started);
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

  #next(): string {
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
