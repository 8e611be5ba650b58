import type { Readable } from 'node:stream';
import type { ExhibitRecord } from '../../../shared/domain';
import type { RowWriter } from './rows';

/** What an indexer is given. Reading checks the record's SHA-256, as for analyzers. */
export interface IndexContext {
  /** The case folder, for what is derived beside the index. */
  readonly dir: string;
  /** Every exhibit of the case, in the order of their numbers, for joins across kinds. */
  readonly exhibits: readonly ExhibitRecord[];
  /** The whole file; refuses more than 64 MiB, which `stream` is for. */
  read(exhibit: ExhibitRecord): Promise<Buffer>;
  /** `via`: of what is unpacked by those steps of a locator (shared/locator.ts); derived/unpacked holds it. */
  stream(exhibit: ExhibitRecord, range?: { start: number; end: number }, via?: string): Readable;
  readonly rows: RowWriter;
  /** Says that an exhibit, or a part of it, could not be understood. Counted and shown; never silent. */
  unreadable(exhibit: ExhibitRecord, reason: string): void;
  /** To be awaited now and then in long loops: lets others run, and ends the work when it was cancelled. */
  pause(): Promise<void>;
}

/** Reads exhibits, writes rows. Pure in its inputs: no clock, no network, no randomness; run twice, same rows in the same order. */
export interface Indexer {
  id: string;
  /** Raised whenever other rows come out of the same exhibits: an index of an older version is stale. */
  version: string;
  title: string;
  accepts(exhibit: ExhibitRecord): boolean;
  /** Given those it accepts, in the order of their numbers; not called where there are none. */
  index(ctx: IndexContext, exhibits: readonly ExhibitRecord[]): Promise<void>;
}

/** Types an indexer file's default export. */
export function defineIndexer(indexer: Indexer): Indexer {
  return indexer;
}
