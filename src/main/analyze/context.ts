import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ExhibitId, type ExhibitRecord, FindingInput } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { parseLocator } from '../../shared/locator';
import { visible } from '../../shared/visible';
import type { AnalyzeContext, MachineFinding } from './analyzer';

/** What `read` takes into memory at once, in bytes; larger exhibits are streamed. */
export const READ_LIMIT = 64 * 1024 * 1024;

/** Something an analyzer could not understand: which exhibit, which part, why. */
export interface Unreadable {
  exhibit: string;
  reason: string;
}

/**
 * Where an exhibit's bytes lie. The name comes from a record that somebody may have written by hand, so anything that is
 * not one plain file name inside its own folder is refused, on POSIX and on Windows alike.
 */
export function evidenceFile(dir: string, exhibit: Pick<ExhibitRecord, 'id' | 'file'>): string {
  const { id, file } = exhibit;
  if (!ExhibitId.safeParse(id).success || file === '' || file === '.' || file === '..' || /[/\\:\0]/.test(file)) {
    throw new LadingError(
      'CASE_DAMAGED',
      `The record of exhibit ${JSON.stringify(id)} names a file outside its folder.`,
      {
        advice: 'Verify the case: this record was not written by Lading.',
      },
    );
  }
  return join(dir, 'evidence', id, file);
}

/** Refuses a link, a device or a folder in the place of an exhibit; gives the file's size in bytes. */
export async function evidenceSize(path: string, id: string): Promise<number> {
  const found = await lstat(path).catch((cause: unknown) => {
    throw new LadingError('FILE_UNREADABLE', `The file of ${id} cannot be read.`, {
      advice: 'Verify the case to see what is missing.',
      cause,
    });
  });
  if (!found.isFile()) {
    throw new LadingError('CASE_DAMAGED', `The file of ${id} is not a plain file.`, { advice: 'Verify the case.' });
  }
  return found.size;
}

function changed(id: string): LadingError {
  return new LadingError(
    'CASE_DAMAGED',
    `${id} is not the file that was collected: its SHA-256 differs from its record.`,
    {
      advice: 'Verify the case. No finding was made from this exhibit.',
    },
  );
}

/**
 * What every analyzer of one run is given. Bytes are compared with the record's SHA-256 whenever a whole exhibit is
 * read, so that no finding rests on a changed file. The last files read are kept, since several analyzers read them.
 */
export function analyzeContext(
  dir: string,
  exhibits: readonly ExhibitRecord[],
  out: { finding(finding: MachineFinding): void; unreadable(unreadable: Unreadable): void },
  signal?: AbortSignal,
): AnalyzeContext {
  const known = new Set(exhibits.map(({ id }) => id));
  const kept = new Map<string, Buffer>();
  let keptBytes = 0;

  async function read(exhibit: ExhibitRecord): Promise<Buffer> {
    signal?.throwIfAborted();
    const again = kept.get(exhibit.id);
    if (again) return again;
    const path = evidenceFile(dir, exhibit);
    const size = await evidenceSize(path, exhibit.id);
    if (size > READ_LIMIT) {
      throw new LadingError('NOT_POSSIBLE', `${exhibit.id} is too large to be read at once (${size} bytes).`, {
        advice: 'Use a viewer that reads it piece by piece.',
      });
    }
    const bytes = await readFile(path, { signal });
    if (createHash('sha256').update(bytes).digest('hex') !== exhibit.sha256) throw changed(exhibit.id);
    if (keptBytes + bytes.length > READ_LIMIT) {
      kept.clear();
      keptBytes = 0;
    }
    kept.set(exhibit.id, bytes);
    keptBytes += bytes.length;
    return bytes;
  }

  async function* pieces(exhibit: ExhibitRecord, range?: { start: number; end: number }): AsyncGenerator<Buffer> {
    signal?.throwIfAborted();
    const path = evidenceFile(dir, exhibit);
    await evidenceSize(path, exhibit.id);
    // fs ranges are inclusive at the end; ours, like Buffer.subarray, are not
    if (range && range.end <= range.start) return;
    const file = createReadStream(path, range ? { start: range.start, end: range.end - 1, signal } : { signal });
    const hash = createHash('sha256');
    for await (const chunk of file as AsyncIterable<Buffer>) {
      hash.update(chunk);
      yield chunk;
    }
    if (!range && hash.digest('hex') !== exhibit.sha256) throw changed(exhibit.id);
  }

  /** A finding that nothing can be looked up for is a fault of its analyzer, found here rather than in court. */
  function finding(made: MachineFinding): void {
    const subject = { ...made, title: visible(made.title), claim: visible(made.claim), benign: visible(made.benign) };
    FindingInput.parse(subject);
    if (made.cites.length === 0) throw new LadingError('INTERNAL', `${made.rule} made a finding that cites nothing.`);
    for (const { exhibit, locator } of made.cites) {
      parseLocator(locator);
      if (!known.has(exhibit))
        throw new LadingError('INTERNAL', `${made.rule} cites ${exhibit}, which is not in this case.`);
    }
    out.finding(subject);
  }

  return {
    exhibits,
    read,
    stream: (exhibit, range) => Readable.from(pieces(exhibit, range), { objectMode: false }),
    finding,
    unreadable: (exhibit, reason) => out.unreadable({ exhibit: exhibit.id, reason }),
  };
}
