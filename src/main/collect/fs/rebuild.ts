import { LadingError } from '../../../shared/errors';
import { checksumOk, number, text } from '../../analyze/formats/fs-header';
import { textOfName } from '../../analyze/formats/fs-path';
import type { SplitPart } from '../../analyze/formats/tar-split';
import { type Pull, pull } from '../../import/tar/pull';

const BLOCK = 512;
/** Pieces smaller than this are gathered: a layer has many headers of 512 bytes. */
const GATHER = 128 << 10;
const NAME_MAX = 64 << 10;
/** Names kept of files that are not as the layer has them; all are counted. */
const NAMED_MAX = 10_000;

/** What of a layer's folder is not as the layer's list says, as far as it shows by names and sizes. */
export interface Differing {
  files: { name: string; why: 'missing' | 'size' | 'type'; listed: number; found?: number }[];
  count: number;
}

interface Member {
  name: Buffer;
  regular: boolean;
  size: number;
}

/**
 * A layer's archive from tar-split's list and the tar of its files in the order of the list. A file that is missing or of another size
 * is filled up with zeros, or cut, to the size in its header, so that the archive stays one, and is named in `differing`; whether the
 * contents are those of the image only the archive's SHA-256 says. Throws COMMAND_FAILED where what comes is no tar.
 */
export async function* rebuildLayer(
  parts: AsyncIterable<SplitPart>,
  tar: AsyncIterable<Buffer>,
  differing: Differing,
): AsyncGenerator<Buffer> {
  const from = pull(tar);
  let waiting: Member | undefined;
  let small: Buffer[] = [];
  let have = 0;
  const gather = (piece: Buffer): Buffer | undefined => {
    small.push(piece);
    have += piece.length;
    if (have < GATHER) return undefined;
    const all = small.length === 1 ? piece : Buffer.concat(small);
    small = [];
    have = 0;
    return all;
  };
  const differs = (part: SplitPart & { kind: 'file' }, why: Differing['files'][number]['why'], found?: number) => {
    differing.count += 1;
    if (differing.files.length < NAMED_MAX) {
      differing.files.push({
        name: textOfName(part.name),
        why,
        listed: part.size,
        ...(found !== undefined && { found }),
      });
    }
  };
  for await (const part of parts) {
    if (part.kind === 'bytes') {
      const full = gather(part.bytes);
      if (full) yield full;
      continue;
    }
    waiting ??= await member(from);
    let left = part.size;
    if (!waiting?.name.equals(memberName(part.name))) differs(part, 'missing');
    else {
      if (!waiting.regular) differs(part, 'type');
      else if (waiting.size !== part.size) differs(part, 'size', waiting.size);
      const body = waiting.regular ? waiting.size : 0;
      const take = Math.min(body, left);
      for await (const piece of from.pieces(take)) {
        left -= piece.length;
        const full = gather(piece);
        if (full) yield full;
      }
      await from.skip(body - take + padding(body));
      waiting = undefined;
    }
    for (; left > 0; left -= Math.min(left, GATHER)) {
      const full = gather(Buffer.alloc(Math.min(left, GATHER)));
      if (full) yield full;
    }
  }
  if (have > 0) yield Buffer.concat(small);
  // what is left is the archive's end mark; a command that is not read to its end never ends
  await from.skip(Number.MAX_SAFE_INTEGER);
}

/** As the list of names is sent to tar, so that no name can be taken for an option or begin at the root. */
export function memberName(name: Buffer): Buffer {
  const clean = name.subarray(name.findIndex((byte) => byte !== 0x2f));
  return clean[0] === 0x2e && clean[1] === 0x2f ? Buffer.from(clean) : Buffer.concat([Buffer.from('./'), clean]);
}

/** Whether a name stays in its folder: the layer's list is as hostile as any. */
export function staysInside(name: Buffer): boolean {
  return !name.includes(0) && !/(?:^|\/)\.\.(?:\/|$)/.test(name.toString('latin1'));
}

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

/** The next member's header; undefined at the end. */
async function member(from: Pull): Promise<Member | undefined> {
  let long: Buffer | undefined;
  for (;;) {
    const block = await from.take(BLOCK);
    if (block.length < BLOCK || block.every((byte) => byte === 0)) return undefined;
    if (!checksumOk(block)) throw new LadingError('COMMAND_FAILED', "What the host's tar wrote is no tar.");
    const type = String.fromCharCode(block[156] ?? 0);
    const size = number(block, 124, 12);
    if (type !== 'L' && type !== 'K') {
      const regular = type === '0' || type === '\0';
      return { name: long ?? Buffer.from(text(block, 0, 100)), regular, size: regular ? size : 0 };
    }
    if (!(size >= 0 && size <= NAME_MAX)) throw new LadingError('COMMAND_FAILED', 'A name is longer than Linux takes.');
    const body = await from.take(size);
    await from.skip(padding(size));
    if (type === 'L') long = body.subarray(0, body.indexOf(0) < 0 ? body.length : body.indexOf(0));
  }
}
