import { z } from 'zod';
import { LadingError } from '../../../shared/errors';

/** A line is a header, with its padding, in base64: longer ones are hostile. */
const LINE_MAX = 32 << 20;

const Line = z.union([
  z.object({ type: z.literal(2), payload: z.string() }),
  z.object({
    type: z.literal(1),
    name: z.string().optional(),
    name_raw: z.string().optional(),
    size: z.number().int().nonnegative().optional(),
    payload: z.string().nullish(),
  }),
]);

/** A part of a layer's archive: bytes as they stand in it, or a file whose content lies in the layer's folder. */
export type SplitPart =
  | { kind: 'bytes'; bytes: Buffer }
  /** `name` in bytes, as the archive had it; `crc64` (ISO 3309, Go's hash/crc64) of the content, in hex. */
  | { kind: 'file'; name: Buffer; size: number; crc64: string };

/**
 * Reads tar-split's list of a layer (github.com/vbatts/tar-split, tar/storage/entry.go: JSON lines) from its unpacked bytes. With the
 * files of the layer's folder it gives the layer's archive back, bit for bit. Members without content are no part of their own: their
 * headers are bytes. Throws FILE_UNREADABLE where a line is none of that format.
 */
export async function* tarSplitParts(source: AsyncIterable<Buffer>): AsyncGenerator<SplitPart> {
  let at = 0;
  for await (const line of lines(source)) {
    at += 1;
    if (line.length === 0) continue;
    const part = partOf(line, at);
    if (part.kind === 'bytes' ? part.bytes.length > 0 : part.size > 0) yield part;
  }
}

function partOf(line: Buffer, at: number): SplitPart {
  let json: unknown;
  try {
    json = JSON.parse(line.toString('utf8'));
  } catch {
    throw broken(at);
  }
  const parsed = Line.safeParse(json);
  if (!parsed.success) throw broken(at);
  const entry = parsed.data;
  if (entry.type === 2) return { kind: 'bytes', bytes: Buffer.from(entry.payload, 'base64') };
  const name = entry.name_raw ? Buffer.from(entry.name_raw, 'base64') : Buffer.from(entry.name ?? '', 'utf8');
  const crc64 = Buffer.from(entry.payload ?? '', 'base64').toString('hex');
  return { kind: 'file', name, size: entry.size ?? 0, crc64 };
}

const broken = (line: number) =>
  new LadingError('FILE_UNREADABLE', `Line ${line} of a layer's tar-split list is not of that format.`);

async function* lines(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let have = 0;
  for await (const piece of source) {
    let from = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
      held.push(piece.subarray(from, end));
      yield held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held);
      held = [];
      have = 0;
      from = end + 1;
    }
    if (from < piece.length) {
      held.push(piece.subarray(from));
      have += piece.length - from;
      if (have > LINE_MAX) {
        throw new LadingError(
          'FILE_UNREADABLE',
          `A line of a layer's tar-split list is longer than ${LINE_MAX} bytes.`,
        );
      }
    }
  }
  if (have > 0) yield Buffer.concat(held);
}
