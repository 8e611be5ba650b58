import { z } from 'zod';
import type { Citation } from '../../../../../shared/domain';
import { asLadingError } from '../../../../../shared/errors';
import { bytesAt } from '../../../../../shared/locator';
import { visible } from '../../../../../shared/visible';
import type { AnalyzeContext } from '../../../analyzer';
import { type LoadedView, readContent } from '../../../files/view';
import type { Place, Span } from '../../../formats/fs-entry';
import type { ViewFile } from '../../../formats/fs-view';
import { isPackageDatabase } from '../changes/changed';
import type { Hit, Rule } from '../rule';

/** A file system as the rules look at it. */
export interface Subject {
  view: LoadedView;
  /** What is there and is not as in the image, or may not be; in the order of paths. */
  changed: readonly ViewFile[];
  /** The database of a package manager was written, so that programs may come from packages. */
  packagesRun: boolean;
  /** When the container was made, in seconds since 1970, as the engine says. */
  created?: number;
  /** Content, up to so many bytes. Undefined where no exhibit holds it. */
  content(file: ViewFile, max?: number): Promise<Buffer | undefined>;
  /** Says of a file's content what could not be taken from it. */
  unreadable(file: ViewFile, reason: string): void;
}

export interface FileRule extends Rule {
  check(subject: Subject): Promise<Hit[]> | Hit[];
}

/** Where a file is written down: its header, or what says its state. */
export function citeFile(subject: Subject, file: ViewFile): Citation[] {
  const said = subject.view.stateAt.get(file.path);
  const cites: Citation[] = [];
  if (file.header) cites.push({ exhibit: file.exhibit, locator: bytesAt(file.header, file.via) });
  if (file.mark?.header) cites.push({ exhibit: file.mark.exhibit, locator: bytesAt(file.mark.header, file.mark.via) });
  if (said) cites.push(said);
  return cites;
}

/** A piece of a file's content; the whole of it without one. */
export function citeContent(content: Place, piece?: Span): Citation {
  const span = piece ? { offset: content.offset + piece.offset, length: piece.length } : content;
  return { exhibit: content.exhibit, locator: bytesAt(span, content.via) };
}

export const shownPath = (path: string): string => visible(path, { max: 300 });

/** Says how a file came to be as it is, as far as the evidence tells. */
export function howChanged({ state }: Pick<ViewFile, 'state'>): string {
  switch (state) {
    case 'added':
      return 'was added since the container was made from its image';
    case 'image':
      return 'is as in the image';
    case 'metadata':
      return 'has other rights, owner or times than in the image';
    case 'unknown':
      return 'is there; whether the image has it so is not known';
    default:
      return 'was changed since the container was made from its image';
  }
}

/** Owner, mode and hash, for a claim. */
export function described(file: ViewFile): string {
  const mode = file.mode.toString(8).padStart(4, '0');
  const hash = file.sha256 ? `, SHA-256 ${file.sha256}` : '';
  return `mode ${mode}, owner ${file.uid}:${file.gid}, ${file.size} bytes${hash}`;
}

const Created = z.looseObject({ Created: z.string() });

async function createdOf(ctx: AnalyzeContext, { plan }: LoadedView): Promise<number | undefined> {
  if (!plan.inspect || plan.kind !== 'container') return undefined;
  try {
    const said = Created.safeParse(JSON.parse((await ctx.read(plan.inspect)).toString('utf8')));
    const at = said.success ? Date.parse(said.data.Created) : Number.NaN;
    return Number.isFinite(at) ? at / 1000 : undefined;
  } catch (error) {
    if (asLadingError(error).code === 'CANCELLED') throw error;
    return undefined; // said by the analyzer of the configuration
  }
}

export async function subjectOf(ctx: AnalyzeContext, view: LoadedView): Promise<Subject> {
  const changed = view.files
    .filter(({ state, exhibit }) => state !== 'image' && state !== 'deleted' && exhibit !== '')
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    view,
    changed,
    packagesRun: changed.some(({ path, state }) => state !== 'unknown' && isPackageDatabase(path)),
    created: await createdOf(ctx, view),
    content: (file, max) => readContent(ctx, file, max),
    unreadable: (file, reason) => {
      const exhibit = ctx.exhibits.find(({ id }) => id === file.exhibit);
      if (exhibit) ctx.unreadable(exhibit, `${shownPath(file.path)}: ${reason}`);
    },
  };
}
