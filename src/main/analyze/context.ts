import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type ExhibitRecord, FindingInput } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { parseLocator } from '../../shared/locator';
import { visible } from '../../shared/visible';
import type { AnalyzeContext, MachineFinding } from './analyzer';
import { evidenceFile, evidenceSize } from './evidence-file';
import { innerFile } from './inner';

export { evidenceFile, evidenceSize };

/** What `read` takes into memory at once, in bytes; larger exhibits are streamed. */
export const READ_LIMIT = 64 * 1024 * 1024;

/** Something an analyzer could not understand: which exhibit, which part, why. */
export interface Unreadable {
  exhibit: string;
  reason: string;
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

  const unpacked = new Map<string, Promise<string>>();
  /** What is packed is unpacked once for one run, from the exhibit: no finding rests on what an earlier run left. */
  function inner(exhibit: ExhibitRecord, via: string): Promise<string> {
    const key = `${exhibit.id} ${via}`;
    const made = unpacked.get(key) ?? innerFile(dir, exhibit, via, { again: true, signal });
    unpacked.set(key, made);
    return made;
  }

  async function* pieces(
    exhibit: ExhibitRecord,
    range?: { start: number; end: number },
    via?: string,
  ): AsyncGenerator<Buffer> {
    signal?.throwIfAborted();
    const path = via === undefined ? evidenceFile(dir, exhibit) : await inner(exhibit, via);
    if (via === undefined) await evidenceSize(path, exhibit.id);
    // fs ranges are inclusive at the end; ours, like Buffer.subarray, are not
    if (range && range.end <= range.start) return;
    const file = createReadStream(path, range ? { start: range.start, end: range.end - 1, signal } : { signal });
    const hash = createHash('sha256');
    for await (const chunk of file as AsyncIterable<Buffer>) {
      hash.update(chunk);
      yield chunk;
    }
    if (!range && via === undefined && hash.digest('hex') !== exhibit.sha256) throw changed(exhibit.id);
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
    dir,
    signal,
    exhibits,
    read,
    stream: (exhibit, range, via) => Readable.from(pieces(exhibit, range, via), { objectMode: false }),
    finding,
    unreadable: (exhibit, reason) => out.unreadable({ exhibit: exhibit.id, reason }),
  };
}
