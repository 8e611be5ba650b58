import { z } from 'zod';
import type { ExplainItem, Explanation, ProcessRow } from '../../../shared/contract/evidence';
import type { JudgedFinding } from '../../../shared/domain';
import type { Bindable, Db } from '../index/db';
import { isoMicros, readRows } from '../index/query';
import { searchTexts } from './search';

/** Items of one section; the rest is counted. */
const MAX = 100;

/** A section, cut to what a person reads. */
export function section(title: string, items: readonly ExplainItem[]): Explanation['sections'][number] {
  return { title, items: items.slice(0, MAX), more: Math.max(0, items.length - MAX) };
}

/** 'EXHIBIT LOCATOR', as some columns hold a place; undefined where it is none. */
export function citeOf(text: string | null): ExplainItem['cites'] {
  const match = /^(E\d+) (.+)$/s.exec(text ?? '');
  return match?.[1] && match[2] ? [{ exhibit: match[1], locator: match[2] }] : [];
}

/** A process in a line. */
export function processItem(row: ProcessRow, before = ''): ExplainItem {
  const where = row.containerName ?? row.hostname ?? row.host;
  const inside = row.inside === null ? '' : ` (${row.inside} in ${row.containerName ?? 'the container'})`;
  return {
    text: `${before}${row.pid}${inside} ${row.command || `[${row.comm}]`}${row.inside === null ? `, ${where}` : ''}${row.started ? `, since ${row.started}` : ''}`,
    notable: row.marks.length > 0,
    cites: [{ exhibit: row.exhibit, locator: row.locator }],
    about: `process:${row.id}`,
  };
}

/** Findings, with all that they cite. */
export function findingItems(findings: readonly JudgedFinding[]): ExplainItem[] {
  return findings.map(({ severity, title, claim, cites, status }) => ({
    text: `${severity}: ${title} (${status}). ${claim}`,
    notable: status !== 'dismissed' && (severity === 'critical' || severity === 'high'),
    cites,
  }));
}

const FileHere = z.object({
  path: z.string(),
  type: z.string(),
  size: z.number().nullable(),
  mtime: z.number().nullable(),
  state: z.string(),
  layer: z.string().nullable(),
  sha256: z.string().nullable(),
  package: z.string().nullable(),
  exhibit: z.string(),
  locator: z.string(),
  state_at: z.string().nullable(),
  target: z.string(),
});

const STATES: Record<string, string> = {
  image: 'as in the image',
  added: 'added since the image',
  modified: 'modified since the image',
  deleted: 'deleted since the image',
  metadata: 'its metadata changed since the image',
  opaque: 'its folder was replaced since the image',
};

/** Files of the index in every view, by a condition on `f`. */
export function fileItems(db: Db, sql: string, values: readonly Bindable[]): ExplainItem[] {
  return readRows(
    db,
    FileHere,
    `SELECT f.path, f.type, f.size, f.mtime, f.state, f.layer, f.sha256, f.package, f.exhibit, f.locator, f.state_at,
      t.name AS target FROM files f JOIN targets t ON t.id = f.target WHERE ${sql} ORDER BY f.id LIMIT 1000`,
    values,
  ).map((file) => {
    const about = [
      `${file.path} in ${file.target}`,
      STATES[file.state] ?? 'not known whether it is of the image',
      file.size === null ? undefined : `${file.size} bytes`,
      file.mtime === null ? undefined : `modified ${isoMicros(file.mtime)}`,
      file.layer === null ? undefined : `layer ${file.layer}`,
      file.package === null ? undefined : `package ${file.package}`,
      file.sha256 === null ? undefined : `SHA-256 ${file.sha256}`,
    ];
    return {
      text: about.filter((one) => one !== undefined).join(', '),
      notable: file.state === 'added' || file.state === 'modified',
      cites: [{ exhibit: file.exhibit, locator: file.locator }, ...citeOf(file.state_at)],
      about: file.sha256 ?? undefined,
    };
  });
}

/** Where a text stands elsewhere in the evidence: logs, configuration, environment. `but` are kinds told already. */
export function textItems(db: Db, text: string, but: readonly string[]): ExplainItem[] {
  // of very short texts every row would have to be looked at, and nearly every row has them
  if ([...text].length < 4) return [];
  return searchTexts(db, { text, but, counted: false, offset: 0, limit: 50 }).hits.map((hit) => ({
    text: `${hit.title}, ${hit.target.name}: ${hit.excerpt}`,
    notable: false,
    cites: [{ exhibit: hit.exhibit, locator: hit.locator }],
  }));
}
