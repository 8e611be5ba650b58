import { Readable } from 'node:stream';
import type { ExhibitMeta, ExhibitRecord } from '../../../shared/domain';
import { LadingError } from '../../../shared/errors';
import { type ListedFile, parseListing } from '../../../shared/listing';
import { visible } from '../../../shared/visible';
import type { CollectContext } from '../collector';
import { hostFilesCommand } from './index';
import { ONE_FILE } from './script';

/** The first pair that is there counts; see WithinPart. */
type Folders = readonly (readonly [root: string, sub: string])[];

/** A listing larger than this is an attack: a container's folder holds a few dozen files. */
const LISTING_LIMIT = 16 << 20;

/**
 * Lists a folder as an exhibit, and gives what it says. Where there is none: a miss with `nothing`, and no entries.
 * Throws COMMAND_FAILED where the host could not list it.
 */
export async function listFolder(
  ctx: CollectContext,
  meta: ExhibitMeta,
  what: { source: string; folders: Folders; depth: number; nothing: string },
): Promise<ListedFile[]> {
  const parts = [{ within: what.folders, parts: [{ as: 'folder', list: ['.'], depth: what.depth }] }];
  const { argv, stdin, boundary } = hostFilesCommand(what.source, parts);
  const run = await ctx.host.exec(argv, { asRoot: true, stdin, signal: ctx.signal });
  const [bytes, words, exit] = await Promise.all([limited(run.stdout), limited(run.stderr), run.done]);
  const said = words.toString('utf8');
  if (exit.code !== 0) {
    throw new LadingError(
      'COMMAND_FAILED',
      `The folder could not be listed (status ${exit.code}): ${visible(said.trim(), { max: 300 })}`,
    );
  }
  if (bytes.length === 0) {
    await ctx.miss('missing', what.nothing);
    return [];
  }
  await ctx.exhibit(meta, Readable.from([bytes]), () => ({
    kind: 'exec',
    argv,
    asRoot: true,
    exit: exit.code,
    signal: exit.signal,
    stderr: said,
    stderrBytes: words.length,
  }));
  return parseListing(body(bytes, boundary, 'folder:1.list')).files;
}

/** One file of the folder, raw, as an exhibit of its own. `path` is as the listing gave it, without './'. */
export function captureFile(
  ctx: CollectContext,
  meta: ExhibitMeta,
  folders: Folders,
  path: string,
): Promise<ExhibitRecord | undefined> {
  const slash = path.lastIndexOf('/');
  return ctx.capture(
    meta,
    ['sh', '-c', ONE_FILE, 'lading', path.slice(0, Math.max(0, slash)), path.slice(slash + 1), ...folders.flat()],
    {
      asRoot: true,
      nothing: { outcome: 'none', reason: `${visible(path, { max: 200 })} is empty.` },
    },
  );
}

/** The body of one frame, whose boundary we drew. */
function body(bytes: Buffer, boundary: string, name: string): Buffer {
  const head = Buffer.from(`${boundary} output - ${name} 0\n`);
  const at = bytes.indexOf(head);
  if (at < 0) return Buffer.alloc(0);
  const start = at + head.length;
  const end = bytes.indexOf(`\n${boundary} = `, start);
  return bytes.subarray(start, end < 0 ? start : end);
}

async function limited(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let have = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    have += piece.length;
    if (have > LISTING_LIMIT) {
      stream.destroy();
      throw new LadingError('COMMAND_FAILED', `The host's listing of a folder is larger than ${LISTING_LIMIT} bytes.`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
