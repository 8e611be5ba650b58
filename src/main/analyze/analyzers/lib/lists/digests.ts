import type { Citation, ExhibitRecord, TargetRef } from '../../../../../shared/domain';
import { visible } from '../../../../../shared/visible';
import type { AnalyzeContext } from '../../../analyzer';
import { digestsOf, type Wanted } from '../../../files/digests';
import { csvRows } from '../../../lists/csv';
import { tokenScanner } from '../../../lists/tokens';
import { citeContent, citeFile, howChanged, type Subject, shownPath } from '../files/subject';

/** Something in the evidence that has a digest. */
export interface Digested {
  target: TargetRef;
  /** 'The file /tmp/x, which was added …'. */
  what: string;
  cites: Citation[];
}

export type Algorithm = 'md5' | 'sha1' | 'sha256';
const BY_LENGTH: Readonly<Record<number, Algorithm>> = { 32: 'md5', 40: 'sha1', 64: 'sha256' };

/** The algorithm of a digest in hex, by its length. */
export function algorithmOf(hex: string): Algorithm | undefined {
  return /^[0-9a-f]+$/i.test(hex) ? BY_LENGTH[hex.length] : undefined;
}

/** A digest in a list, with its line. */
export interface Listed {
  hex: string;
  note: string;
  cite: Citation;
}

/** The digests of a list, line by line: the National Software Reference Library has a hundred million. */
export async function* listedDigests(ctx: AnalyzeContext, list: ExhibitRecord): AsyncGenerator<Listed> {
  const pieces = (async function* () {
    for await (const piece of ctx.stream(list)) yield Buffer.isBuffer(piece) ? piece : Buffer.from(piece);
  })();
  for await (const { cells, offset, length } of csvRows(pieces)) {
    for (const cell of cells) {
      // `sha256sum` puts a backslash before the digest of a file with an odd name
      const hex = cell.replace(/^\\/, '').toLowerCase();
      if (!algorithmOf(hex)) continue;
      const note = cells.filter((one) => !algorithmOf(one.replace(/^\\/, ''))).join(' ');
      yield { hex, note: note.slice(0, 200), cite: { exhibit: list.id, locator: `bytes:${offset}+${length}` } };
    }
  }
}

/** Exhibits in whose frames digests of programs stand. */
const PROGRAMS = new Set([
  'container.processes',
  'container.executables',
  'host.processes',
  'engine.binaries',
  'host.tools',
]);

/** Collects what has a digest; of the older algorithms only where a list has some. */
export function digestCollector(ctx: AnalyzeContext, algorithms: ReadonlySet<Algorithm>) {
  const all = new Map<string, Digested[]>();
  const add = (hex: string, one: Digested) => {
    const held = all.get(hex);
    if (held) held.push(one);
    else all.set(hex, [one]);
  };
  return {
    all,
    /** Files of a file system that was loaded with their SHA-256. */
    async files(subject: Subject): Promise<void> {
      const wanted: (Wanted & { one: Digested })[] = [];
      for (const file of subject.view.files) {
        if (file.type !== 'file' || file.state === 'deleted' || file.size === 0 || !file.exhibit) continue;
        const one: Digested = {
          target: subject.view.plan.target,
          what: `The file ${shownPath(file.path)}, which ${howChanged(file)},`,
          cites: [...(file.content ? [citeContent(file.content)] : []), ...citeFile(subject, file)],
        };
        if (file.sha256) add(file.sha256, one);
        if (!file.content || file.content.via !== undefined) continue;
        for (const algorithm of algorithms)
          if (algorithm !== 'sha256') wanted.push({ place: file.content, algorithm, one });
      }
      if (wanted.length === 0) return;
      for (const [{ one }, hex] of await digestsOf(ctx, wanted)) add(hex, one);
    },
    /** Exhibits that are one file each, and digests of programs that the host said. */
    async exhibits(): Promise<void> {
      for (const exhibit of ctx.exhibits) {
        if (exhibit.kind === 'binary' && !exhibit.collector.id.startsWith('import.')) {
          const what = `What ${exhibit.id} holds (${visible(exhibit.title, { max: 200 })})`;
          add(exhibit.sha256, { target: exhibit.target, what, cites: [{ exhibit: exhibit.id, locator: 'whole' }] });
        }
        if (exhibit.kind !== 'frames' || !PROGRAMS.has(exhibit.collector.id)) continue;
        const scanner = tokenScanner(
          (token) => algorithmOf(token) === 'sha256',
          ({ token, offset, length }) =>
            add(token, {
              target: exhibit.target,
              what: `A program of which ${exhibit.id} (${visible(exhibit.title, { max: 100 })}) gives the digest`,
              cites: [{ exhibit: exhibit.id, locator: `bytes:${offset}+${length}` }],
            }),
        );
        for await (const piece of ctx.stream(exhibit))
          scanner.push(Buffer.isBuffer(piece) ? piece : Buffer.from(piece));
        scanner.end();
      }
    },
  };
}
