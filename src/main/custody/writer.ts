import { createHash } from 'node:crypto';
import { chmod, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExhibitMeta, ExhibitRecord } from '../../shared/domain';
import { syncFolder, writeNew } from './files';
import { canonicalJson } from './hash';
import { safeFileName } from './names';
import { BEGUN_FILE, type Begun, EVIDENCE, type Provenance } from './record';

/** Bytes gathered, at most, while the write before is under way. */
const GATHER = 1 << 20;
/** Written bytes after which the disk is told to begin: otherwise it begins at the end, and the examiner waits for all of it. */
const SYNC_AFTER = 32 << 20;

/** Writes one exhibit's file: hashes a batch while the batch is being written, gathers what comes meanwhile. */
export class ExhibitWriter {
  #next: () => string;
  #meta: ExhibitMeta;
  #from: Provenance;
  #started: ExhibitRecord['started'];
  #dir: string;
  #file: Awaited<ReturnType<typeof open>> | undefined;
  #begun: Begun | undefined;
  #hash = createHash('sha256');
  #bytes = 0;
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;
  #writing: Promise<void> | undefined;
  #failed: { error: unknown } | undefined = undefined;
  #unsynced = 0;
  #syncing: Promise<void> | undefined;
  /** The kernel says of a failed write to the disk once: what an early sync was told counts for the last one. */
  #syncFailed: { error: unknown } | undefined = undefined;

  /** `next` gives the exhibit's number when its first byte comes. */
  constructor(dir: string, next: () => string, meta: ExhibitMeta, from: Provenance, started: ExhibitRecord['started']) {
    this.#dir = dir;
    this.#next = next;
    this.#meta = meta;
    this.#from = from;
    this.#started = started;
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
    const id = this.#next();
    const folder = join(this.#dir, EVIDENCE, id);
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
    await syncFolder(join(this.#dir, EVIDENCE));
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
      this.#unsynced += bytesWritten;
      rest = rest.subarray(bytesWritten);
    }
    if (this.#unsynced >= SYNC_AFTER && !this.#syncing) this.#syncing = this.#syncEarly(this.#file);
  }

  async #syncEarly(file: Awaited<ReturnType<typeof open>>): Promise<void> {
    this.#unsynced = 0;
    try {
      await file.datasync();
    } catch (error) {
      this.#syncFailed ??= { error };
    } finally {
      this.#syncing = undefined;
    }
  }

  /** Makes the file durable and read-only; gives what was begun, or undefined when no byte ever came. */
  async end(): Promise<Begun | undefined> {
    await this.#writing;
    if (!this.#file || !this.#begun) {
      // A folder whose first file could not be made holds no evidence.
      if (this.#begun) await rm(join(this.#dir, EVIDENCE, this.#begun.id), { recursive: true, force: true });
      return undefined;
    }
    await this.#syncing;
    if (this.#syncFailed && !this.#failed) throw this.#syncFailed.error;
    await this.#file.sync();
    await this.#file.close();
    await chmod(join(this.#dir, EVIDENCE, this.#begun.id, this.#begun.file), 0o444);
    return this.#begun;
  }

  sum(): { bytes: number; sha256: string } {
    return { bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') };
  }
}
