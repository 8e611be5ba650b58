import type { z } from 'zod';
import { ExhibitRecord, type ExhibitSummary, type How } from '../../shared/domain';
import { canonicalJson, sha256 } from './hash';

export const EVIDENCE = 'evidence';
export const RECORD_FILE = 'exhibit.json';
/** What is known of an exhibit when its first byte arrives; replaced by exhibit.json when it is whole. */
export const BEGUN_FILE = 'begun.json';
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

/** What begun.json holds. */
export const Begun = ExhibitRecord.pick({
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
export type Begun = z.infer<typeof Begun>;

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

/** How bytes came here, in a few words. */
export function shortly(how: How): string {
  const text =
    how.kind === 'exec'
      ? `exec ${how.argv.join(' ')}`
      : how.kind === 'inside'
        ? `exec in the container ${how.argv.join(' ')}`
        : how.kind === 'api'
          ? `${how.method} ${how.path}`
          : how.kind === 'import'
            ? `import ${how.from}`
            : how.note;
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
