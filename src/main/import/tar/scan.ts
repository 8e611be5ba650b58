import { LadingError } from '../../../shared/errors';
import { BLOCK, type Header, isZero, readHeader, readPax, sumFits } from './header';
import { pull } from './pull';

/** Most entries of one archive that are looked at. A Docker host's whole data root has a few million. */
export const MAX_ENTRIES = 10_000_000;
/** A pax record or GNU long name beyond this is no name: Linux allows 4096 bytes. */
const MAX_EXTENDED = 1 << 20;
const MAX_EXTENSIONS = 16;

export interface Member {
  /** As it stands in the archive, in UTF-8; bytes that are none become U+FFFD. Hostile text: never a path of ours. */
  name: string;
  link: string;
  /** Of the type flag: a plain file has a body. */
  type: 'file' | 'hard link' | 'link' | 'device' | 'folder' | 'fifo' | 'other';
  /** Bytes of the body. */
  size: number;
  /** Holes are left out of the body, which then is not the file's bytes (GNU tar, "Storing Sparse Files"). */
  sparse: boolean;
  /** Where in the (unpacked) archive the body begins. */
  offset: number;
  /** The header blocks before the body, extended ones included, as they stand. */
  head: Buffer;
  /** The body, once, before the next member is asked for. It ends early where the archive does. */
  body(): AsyncGenerator<Buffer>;
}

const TYPES: Record<string, Member['type']> = {
  '0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hard link',
  '2': 'link',
  '3': 'device',
  '4': 'device',
  '5': 'folder',
  '6': 'fifo',
};

export interface ScanEnd {
  entries: number;
  /** Bytes of the archive that were read. */
  bytes: number;
  /** Why the reading stopped before the archive's own end; absent where it came to it. */
  fault?: string;
}

/**
 * Reads the members of a tar archive one after the other, in constant memory, from any stream. Never throws for what is
 * in the archive: a broken one ends with `fault`. What the stream itself throws (a disk error, a cancel) is thrown.
 */
export async function* scanTar(
  source: AsyncIterable<Buffer>,
  options: { maxEntries?: number } = {},
): AsyncGenerator<Member, ScanEnd> {
  const bytes = pull(source);
  const maxEntries = options.maxEntries ?? MAX_ENTRIES;
  let entries = 0;
  const end = (fault?: string): ScanEnd => ({ entries, bytes: bytes.at, fault });
  let extended = new Extended();
  let broken: string | undefined;
  try {
    for (;;) {
      const start = bytes.at;
      const block = await bytes.take(BLOCK);
      if (block.length === 0) return end(entries === 0 ? 'it is empty' : 'it ends without its end mark');
      if (block.length < BLOCK) return end(`it ends inside a header, at byte ${start}`);
      if (isZero(block)) {
        // Read to the stream's own end: only there a packed one is known to be whole, and nothing is hidden behind.
        const behind = await anythingIn(bytes.pieces(Number.MAX_SAFE_INTEGER));
        if (extended.used) return end('it ends after an extended header');
        return end(behind ? `bytes that were not looked at follow its end mark at byte ${start}` : undefined);
      }
      const header = sumFits(block) ? readHeader(block) : undefined;
      if (!header) return end(`no tar header at byte ${start}`);
      extended.head.push(block);
      if (extended.takes(header.type)) {
        if (header.size > MAX_EXTENDED) return end(`an extended header at byte ${start} claims ${header.size} bytes`);
        if (extended.head.length > 2 * MAX_EXTENSIONS) return end(`too many extended headers before byte ${start}`);
        const body = await bytes.take(padded(header.size));
        if (body.length < padded(header.size)) return end(`it ends inside an extended header, at byte ${start}`);
        extended.add(header.type, body.subarray(0, header.size), body);
        continue;
      }
      if (header.type === 'S') await sparseMaps(bytes.take, block, extended.head);
      const member = extended.apply(header);
      if (!member) return end(`a header at byte ${start} claims an impossible size`);
      entries += 1;
      if (entries > maxEntries) {
        entries -= 1;
        return end(`it has more than ${maxEntries} entries; the rest was not looked at`);
      }
      let left = member.size;
      const offset = bytes.at;
      yield {
        ...member,
        offset,
        head: Buffer.concat(extended.head),
        body: async function* () {
          try {
            for await (const piece of bytes.pieces(left)) {
              left -= piece.length;
              yield piece;
            }
          } catch (error) {
            broken = faultOf(error, bytes.at);
            if (broken === undefined) throw error;
          }
        },
      };
      if (broken !== undefined) return end(broken);
      extended = extended.next();
      if (left > 0) left -= await bytes.skip(left);
      const pad = padded(member.size) - member.size;
      if (left > 0 || (pad > 0 && (await bytes.skip(pad)) < pad))
        return end(`it ends inside the member at byte ${offset}, ${left} bytes before that member's end`);
    }
  } catch (error) {
    const fault = faultOf(error, bytes.at);
    if (fault === undefined) throw error;
    return end(fault);
  } finally {
    await bytes.close();
  }
}

/** What an error says of a packed archive; undefined for one that is the reader's affair: a disk, a cancel. */
function faultOf(error: unknown, at: number): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('Z_') || code.startsWith('ZSTD_')) {
    return `its compression is broken or cut off after ${at} unpacked bytes (${code})`;
  }
  return error instanceof LadingError && error.details?.bomb === true ? error.message : undefined;
}

/** Whether there is a byte that is not zero; reads all of it. */
async function anythingIn(pieces: AsyncIterable<Buffer>): Promise<boolean> {
  let found = false;
  for await (const piece of pieces) found ||= !isZero(piece);
  return found;
}

const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

/** GNU sparse members (type S): blocks of further extents follow the header while byte 482, then byte 504, is set. */
async function sparseMaps(take: (length: number) => Promise<Buffer>, header: Buffer, head: Buffer[]): Promise<void> {
  for (let more = header[482] === 1, n = 0; more && n < 10_000; n++) {
    const block = await take(BLOCK);
    head.push(block);
    more = block[504] === 1;
  }
}

/** What extended headers say of the member that follows them. */
class Extended {
  head: Buffer[] = [];
  #pax = new Map<string, Buffer>();
  #global: Map<string, Buffer>;
  #name: Buffer | undefined;
  #link: Buffer | undefined;

  constructor(global = new Map<string, Buffer>()) {
    this.#global = global;
  }

  get used(): boolean {
    return this.#pax.size > 0 || this.#name !== undefined || this.#link !== undefined;
  }

  takes(type: string): boolean {
    return type === 'x' || type === 'g' || type === 'L' || type === 'K';
  }

  add(type: string, content: Buffer, whole: Buffer): void {
    this.head.push(whole);
    const body = Buffer.from(content);
    const nul = body.indexOf(0);
    const name = nul < 0 ? body : body.subarray(0, nul);
    if (type === 'x') this.#pax = new Map([...this.#pax, ...readPax(body)]);
    else if (type === 'g') this.#global = new Map([...this.#global, ...readPax(body)]);
    else if (type === 'L') this.#name = name;
    else this.#link = name;
  }

  /** The next member's, with what holds for all the rest. */
  next(): Extended {
    return new Extended(this.#global);
  }

  /** The member as its headers together say; undefined for a size that cannot be. */
  apply(header: Header): Pick<Member, 'name' | 'link' | 'type' | 'size' | 'sparse'> | undefined {
    const pax = (key: string) => this.#pax.get(key) ?? this.#global.get(key);
    const said = pax('size')?.toString('latin1');
    const size = said === undefined ? header.size : /^\d{1,16}$/.test(said) ? Number(said) : Number.NaN;
    if (!Number.isSafeInteger(size)) return undefined;
    // a sparse file of pax form has a made-up name beside its own
    const name = (pax('GNU.sparse.name') ?? pax('path') ?? this.#name ?? header.name).toString('utf8');
    const link = (pax('linkpath') ?? this.#link ?? header.link).toString('utf8');
    // old tars mark a folder by the slash alone
    const type = header.type === '0' && name.endsWith('/') ? 'folder' : (TYPES[header.type] ?? 'other');
    // only these have a body; a size in a link's or device's header means nothing (POSIX pax(1))
    const hasBody = type === 'file' || type === 'other';
    const sparse = header.type === 'S' || [...this.#pax.keys()].some((key) => key.startsWith('GNU.sparse.'));
    return { name, link, type, size: hasBody ? size : 0, sparse };
  }
}
