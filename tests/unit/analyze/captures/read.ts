import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { z } from 'zod';
import { type CaptureFacts, makeCapture, withCapture } from '../../../../src/main/analyze/captures/store';

const dirs: string[] = [];
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
});

const Rows = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()])));
export type Rows = z.infer<typeof Rows>;

export interface ReadCapture {
  dir: string;
  path: string;
  capture: { id: string; file: string; sha256: string };
  facts: CaptureFacts;
  rows(sql: string): Rows;
}

/** Stores bytes as an exhibit and reads them. */
export async function readCapture(bytes: Buffer, options: { flows?: number } = {}): Promise<ReadCapture> {
  const dir = await mkdtemp(join(tmpdir(), 'lading-capture-'));
  dirs.push(dir);
  const capture = { id: 'E0001', file: 'a.pcap', sha256: createHash('sha256').update(bytes).digest('hex') };
  const folder = join(dir, 'evidence', 'E0001');
  await mkdir(folder, { recursive: true });
  const path = join(folder, capture.file);
  await writeFile(path, bytes);
  await makeCapture(dir, capture, options);
  const facts = withCapture(dir, capture, (_, all) => all);
  const rows = (sql: string) => withCapture(dir, capture, (db) => Rows.parse(db.prepare(sql).all()));
  return { dir, path, capture, facts, rows };
}
