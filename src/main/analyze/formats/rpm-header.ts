import { LadingError } from '../../../shared/errors';

/** A file as a package's header has it. */
export interface RpmFile {
  path: string;
  /** Lower-case hex; absent for folders, links and digests of a kind that is not known here. */
  digest?: { algorithm: 'md5' | 'sha1' | 'sha256'; hex: string };
  configuration: boolean;
  /** May be absent: the package owns the name, and brings no such file (%ghost). */
  ghost: boolean;
}

export interface RpmPackage {
  name: string;
  /** epoch:version-release, without the epoch where there is none. */
  version: string;
  files: RpmFile[];
}

/** RPM's rpmtag.h. */
const TAG = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  digests: 1035,
  flags: 1037,
  folderOf: 1116,
  names: 1117,
  folders: 1118,
  algorithm: 5011,
} as const;
const INT32 = 4;
const STRING = 6;
const STRINGS = 8;
const I18N = 9;
/** rpmfiles.h: RPMFILE_CONFIG, RPMFILE_GHOST. */
const CONFIG = 1;
const GHOST = 64;
/** rpmcrypto.h (as RFC 9580 numbers hashes); without the tag it is MD5. */
const ALGORITHMS: Readonly<Record<number, { name: 'md5' | 'sha1' | 'sha256'; length: number }>> = {
  1: { name: 'md5', length: 32 },
  2: { name: 'sha1', length: 40 },
  8: { name: 'sha256', length: 64 },
};
/** As rpm itself limits headers (header.c): entries, bytes of data. */
const ENTRIES_MAX = 0xffff;
const DATA_MAX = 0x0fffffff;

interface Entry {
  type: number;
  offset: number;
  count: number;
}

const broken = (why: string) => new LadingError('BAD_INPUT', `This is no header of an RPM package: ${why}.`);

/**
 * Reads a header blob as rpm's database has it (rpm's docs, "Package format", header structure, without magic): counts of entries
 * and of bytes, entries of 16 bytes (tag, type, offset, count), data; all big-endian. Throws BAD_INPUT.
 */
export function parseRpmHeader(blob: Buffer): RpmPackage {
  if (blob.length < 8) throw broken('it is too short');
  const entries = blob.readUInt32BE(0);
  const length = blob.readUInt32BE(4);
  const start = 8 + entries * 16;
  if (entries > ENTRIES_MAX || length > DATA_MAX || start + length > blob.length) {
    throw broken('it is shorter than it says');
  }
  const data = blob.subarray(start, start + length);
  const index = new Map<number, Entry>();
  for (let at = 8; at < start; at += 16) {
    index.set(blob.readUInt32BE(at), {
      type: blob.readUInt32BE(at + 4),
      offset: blob.readUInt32BE(at + 8),
      count: blob.readUInt32BE(at + 12),
    });
  }
  const numbers = (tag: number): number[] => {
    const entry = index.get(tag);
    if (entry?.type !== INT32) return [];
    if (entry.offset + entry.count * 4 > data.length) throw broken(`tag ${tag} lies outside of it`);
    return Array.from({ length: entry.count }, (_, i) => data.readUInt32BE(entry.offset + i * 4));
  };
  const texts = (tag: number): string[] => {
    const entry = index.get(tag);
    if (!entry || ![STRING, STRINGS, I18N].includes(entry.type)) return [];
    // each has at least its final NUL, so that no count is larger than the data
    if (entry.offset + entry.count > data.length) throw broken(`tag ${tag} lies outside of it`);
    const found: string[] = [];
    for (let at = entry.offset; found.length < entry.count; ) {
      const end = data.indexOf(0, at);
      if (end === -1) throw broken(`tag ${tag} has no end`);
      found.push(data.toString('utf8', at, end));
      at = end + 1;
    }
    return found;
  };
  const [name] = texts(TAG.name);
  if (!name) throw broken('it names no package');
  const [epoch] = numbers(TAG.epoch);
  const version = `${epoch === undefined ? '' : `${epoch}:`}${texts(TAG.version)[0] ?? ''}-${texts(TAG.release)[0] ?? ''}`;
  const folders = texts(TAG.folders);
  const folderOf = numbers(TAG.folderOf);
  const flags = numbers(TAG.flags);
  const digests = texts(TAG.digests);
  const algorithm = ALGORITHMS[numbers(TAG.algorithm)[0] ?? 1];
  const files = texts(TAG.names).flatMap((base, i): RpmFile[] => {
    const folder = folders[folderOf[i] ?? -1];
    if (folder === undefined || !folder.startsWith('/')) return [];
    const hex = digests[i]?.toLowerCase() ?? '';
    const known = algorithm !== undefined && hex.length === algorithm.length && /^[0-9a-f]+$/.test(hex);
    return [
      {
        path: `${folder}${base}`,
        ...(known && { digest: { algorithm: algorithm.name, hex } }),
        configuration: ((flags[i] ?? 0) & CONFIG) !== 0,
        ghost: ((flags[i] ?? 0) & GHOST) !== 0,
      },
    ];
  });
  return { name, version, files };
}
