import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { project } from '../../../src/main/cases/project';
import type { CaseSession } from '../../../src/main/cases/session';
import { verifyCase } from '../../../src/main/custody/verify';
import { type ImportOptions, runImport } from '../../../src/main/import/run';
import { scratch } from '../../kit/case';

export async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(await scratch(), name);
  await writeFile(path, content);
  return path;
}

export async function folder(files: Record<string, string | object>): Promise<string> {
  const dir = join(await scratch(), 'copy');
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return dir;
}

export function bring(session: CaseSession, paths: string[], more: Partial<ImportOptions> = {}) {
  return runImport({
    session,
    paths,
    signal: new AbortController().signal,
    onItem: () => undefined,
    onBytes: () => undefined,
    onDone: () => undefined,
    ...more,
  });
}

export async function verified(session: CaseSession) {
  await session.close();
  return (await verifyCase(session.dir, { project })).faults;
}
