import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Citation } from '../../../shared/domain';
import { asLadingError, LadingError } from '../../../shared/errors';
import { bytesAt } from '../../../shared/locator';
import type { ViewFile } from '../formats/fs-view';
import { parseRpmHeader, type RpmPackage } from '../formats/rpm-header';
import { openDb } from '../index/db';
import type { Reading } from './listing';
import type { Packaged } from './packages';

/** Folders of rpm's database: of older systems, of SUSE and newer Fedora, of systems by OSTree. */
const FOLDERS = ['/var/lib/rpm', '/usr/lib/sysimage/rpm', '/usr/share/rpm'] as const;
/** Databases that are not read, by their file's name. */
const OTHERS: Readonly<Record<string, string>> = { Packages: 'Berkeley DB', 'Packages.db': 'ndb' };
/** A larger one is hostile, in bytes. */
const DATABASE_MAX = 1 << 30;

const Row = z.object({ hnum: z.number(), size: z.number() });
const Blob = z.object({ blob: z.instanceof(Uint8Array) });
/** A header that is larger is not read, in bytes: a package of a million files has about 100 MB. */
const HEADER_MAX = 128 << 20;

/**
 * The packages of an rpmdb.sqlite, with the write-ahead log that lay beside it. SQLite reads a copy in a folder of its own, which is
 * removed; the database is hostile, so nothing but its table is asked. `fault` is told what could not be read of it. Throws
 * BAD_INPUT where it is no such database.
 */
export async function rpmPackages(
  database: AsyncIterable<Buffer>,
  log: AsyncIterable<Buffer> | undefined,
  fault: (reason: string) => void,
): Promise<RpmPackage[]> {
  const folder = await mkdtemp(join(tmpdir(), 'lading-rpm-'));
  try {
    const path = join(folder, 'rpmdb.sqlite');
    await pipeline(Readable.from(database), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
    if (log) await pipeline(Readable.from(log), createWriteStream(`${path}-wal`, { flags: 'wx', mode: 0o600 }));
    return read(path, fault);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function read(path: string, fault: (reason: string) => void): RpmPackage[] {
  let db: ReturnType<typeof openDb> | undefined;
  try {
    db = openDb(path);
    db.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON');
    // a view or a virtual table of that name would compute its rows
    const table = db
      .prepare("SELECT 1 FROM sqlite_schema WHERE name = 'Packages' AND type = 'table' AND sql LIKE 'CREATE TABLE %'")
      .get();
    if (table === undefined) throw new LadingError('BAD_INPUT', 'It has no table of packages.');
    const found: RpmPackage[] = [];
    const one = db.prepare('SELECT blob FROM Packages WHERE hnum = ?');
    const rows = z.array(Row).parse(db.prepare('SELECT hnum, length(blob) AS size FROM Packages ORDER BY hnum').all());
    for (const { hnum, size } of rows) {
      try {
        if (size > HEADER_MAX) throw new LadingError('BAD_INPUT', `Its header has ${size} bytes.`);
        found.push(parseRpmHeader(Buffer.from(Blob.parse(one.get(hnum)).blob)));
      } catch (error) {
        fault(
          `Package ${hnum} of the database cannot be read: ${error instanceof LadingError ? error.message : 'it is broken.'}`,
        );
      }
    }
    return found;
  } catch (cause) {
    if (cause instanceof LadingError) throw cause;
    throw new LadingError('BAD_INPUT', 'The database of rpm cannot be read: it is broken.', { cause });
  } finally {
    db?.close();
  }
}

/** Gives `put` every file that the rpm databases of a file system name. What cannot be read of them is said of their exhibit. */
export async function rpmOf(
  ctx: Reading,
  files: ReadonlyMap<string, ViewFile>,
  put: (path: string, one: Packaged) => void,
): Promise<void> {
  for (const folder of FOLDERS) {
    for (const [name, kind] of Object.entries(OTHERS)) {
      const other = held(ctx, files.get(`${folder}/${name}`));
      if (other)
        ctx.unreadable(
          other.record,
          `${folder}/${name}: rpm databases in the format ${kind} are not read: files have no owner by it.`,
        );
    }
    const main = held(ctx, files.get(`${folder}/rpmdb.sqlite`));
    if (!main) continue;
    const path = `${folder}/rpmdb.sqlite`;
    const fault = (reason: string) => ctx.unreadable(main.record, `${path}: ${reason}`);
    const log = held(ctx, files.get(`${path}-wal`));
    if (main.size + (log?.size ?? 0) > DATABASE_MAX) {
      fault(`It is larger than ${DATABASE_MAX} bytes and was not read.`);
      continue;
    }
    try {
      for (const { name, version, files: owned } of await rpmPackages(main.stream(), log?.stream(), fault)) {
        for (const { path: owns, digest, configuration, ghost } of owned) {
          if (ghost) continue;
          put(owns, { package: `${name} ${version}`, ...(digest && { digest }), configuration, cite: main.cite });
        }
      }
    } catch (error) {
      const { code, message } = asLadingError(error);
      if (code === 'CANCELLED') throw error;
      fault(message);
    }
  }
}

/** A file's bytes in the exhibit that holds them; nothing of an empty file. */
function held(ctx: Reading, file: ViewFile | undefined) {
  const content = file?.type === 'file' && file.size > 0 ? file.content : undefined;
  const record = content && ctx.exhibits.find(({ id }) => id === content.exhibit);
  if (!content || !record) return undefined;
  const { offset, length, via } = content;
  const cite: Citation = { exhibit: record.id, locator: bytesAt(content, via) };
  const stream = () => ctx.stream(record, { start: offset, end: offset + length }, via) as AsyncIterable<Buffer>;
  return { record, size: length, cite, stream };
}
