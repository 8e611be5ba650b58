import { LadingError } from '../../../shared/errors';

/**
 * Reads a bolt database (go.etcd.io/bbolt, page.go and bucket.go) from a copy of its file. containerd keeps what it knows
 * in such files. Everything in it is hostile: pages out of the file, circles and depth end in FILE_UNREADABLE.
 */
export interface Bucket {
  get(key: string): Buffer | undefined;
  bucket(key: string): Bucket | undefined;
  keys(): string[];
}

const MAGIC = 0xed0cdaed;
const PAGE_HEADER = 16;
const BRANCH = 1;
const LEAF = 2;
const META = 4;
const IS_BUCKET = 1;
/** Pages on one way down, and in all for one bucket. */
const DEPTH_MAX = 64;
const PAGES_MAX = 1 << 20;

type Values = Map<string, { value: Buffer; isBucket: boolean }>;

/** The root bucket. Throws FILE_UNREADABLE where the bytes are no bolt database. */
export function openBolt(file: Buffer): Bucket {
  const meta = metaOf(file);
  return bucketAt(file, meta.pageSize, meta.root, undefined);
}

const broken = (why: string) => new LadingError('FILE_UNREADABLE', `This is no whole bolt database: ${why}.`);

/** Of the two meta pages the one that was written last and is whole (its checksum is FNV-1a of what is before it). */
function metaOf(file: Buffer): { pageSize: number; root: number } {
  let best: { pageSize: number; root: number; txid: bigint } | undefined;
  const first = file.length >= 80 ? file.readUInt32LE(PAGE_HEADER + 8) : 0;
  for (const at of [0, first >= 512 && first <= 1 << 20 ? first : 4096]) {
    if (at + 80 > file.length || (file.readUInt16LE(at + 8) & META) === 0) continue;
    const body = file.subarray(at + PAGE_HEADER, at + PAGE_HEADER + 64);
    if (body.readUInt32LE(0) !== MAGIC || body.readUInt32LE(4) !== 2) continue;
    if (fnv1a(body.subarray(0, 56)) !== body.readBigUInt64LE(56)) continue;
    const txid = body.readBigUInt64LE(48);
    if (best && best.txid >= txid) continue;
    best = { pageSize: body.readUInt32LE(8), root: Number(body.readBigUInt64LE(16)), txid };
  }
  if (!best || best.pageSize < 512) throw broken('no page of it says what it is');
  return best;
}

function fnv1a(bytes: Buffer): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

function bucketAt(file: Buffer, pageSize: number, root: number, inline: Buffer | undefined): Bucket {
  const values: Values = new Map();
  let pages = 0;
  const walk = (page: Buffer, depth: number): void => {
    pages += 1;
    if (depth > DEPTH_MAX || pages > PAGES_MAX) throw broken('its pages lead in a circle');
    const flags = page.readUInt16LE(8);
    const count = page.readUInt16LE(10);
    for (let i = 0; i < count; i++) {
      const at = PAGE_HEADER + i * 16;
      if (at + 16 > page.length) throw broken('a page ends too early');
      if (flags & BRANCH) {
        walk(pageOf(Number(page.readBigUInt64LE(at + 8))), depth + 1);
      } else if (flags & LEAF) {
        const key = at + page.readUInt32LE(at + 4);
        const value = key + page.readUInt32LE(at + 8);
        const end = value + page.readUInt32LE(at + 12);
        if (end > page.length) throw broken('a value ends outside of its page');
        const isBucket = (page.readUInt32LE(at) & IS_BUCKET) !== 0;
        values.set(page.toString('latin1', key, value), { value: page.subarray(value, end), isBucket });
      } else throw broken('a page is of no known kind');
    }
  };
  const pageOf = (id: number): Buffer => {
    const at = id * pageSize;
    if (!Number.isSafeInteger(at) || at + PAGE_HEADER > file.length) throw broken('a page lies outside of the file');
    const overflow = file.readUInt32LE(at + 12);
    return file.subarray(at, Math.min(file.length, at + (overflow + 1) * pageSize));
  };
  walk(inline ?? pageOf(root), 0);
  return {
    get(key) {
      const held = values.get(key);
      return held && !held.isBucket ? held.value : undefined;
    },
    bucket(key) {
      const held = values.get(key);
      if (!held?.isBucket || held.value.length < 16) return undefined;
      const page = Number(held.value.readBigUInt64LE(0));
      // A small bucket lies in its value, after its header, as a page of its own.
      return bucketAt(file, pageSize, page, page === 0 ? held.value.subarray(16) : undefined);
    },
    keys: () => [...values.keys()],
  };
}
