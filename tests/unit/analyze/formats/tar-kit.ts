import { archiveReader } from '../../../../src/main/analyze/formats/fs-archive';
import type { FsEntry } from '../../../../src/main/analyze/formats/fs-entry';

/** A member as a test gives it. `raw` replaces bytes of its header before the sum is made. */
export interface Member {
  name: string | Buffer;
  type?: string;
  body?: string | Buffer;
  /** What the header says, where it is not the body's. */
  size?: number;
  mode?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  link?: string | Buffer;
  device?: [major: number, minor: number];
  pax?: Record<string, string | Buffer>;
  raw?: (header: Buffer) => void;
}

const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`;
const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);

function headerOf(name: Buffer, type: string, size: number, one: Partial<Member>): Buffer {
  const header = Buffer.alloc(512);
  name.copy(header, 0, 0, 100);
  header.write(octal(one.mode ?? (type === '5' ? 0o755 : 0o644), 8), 100, 'latin1');
  header.write(octal(one.uid ?? 0, 8), 108, 'latin1');
  header.write(octal(one.gid ?? 0, 8), 116, 'latin1');
  header.write(octal(size, 12), 124, 'latin1');
  header.write(octal(Math.floor(one.mtime ?? 1_700_000_000), 12), 136, 'latin1');
  header.write(type, 156, 'latin1');
  Buffer.from(one.link ?? '').copy(header, 157, 0, 100);
  header.write('ustar\x0000', 257, 'latin1');
  const [major, minor] = one.device ?? [0, 0];
  header.write(octal(major, 8), 329, 'latin1');
  header.write(octal(minor, 8), 337, 'latin1');
  one.raw?.(header);
  header.write('        ', 148, 'latin1');
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      7,
    )} `,
    148,
    'latin1',
  );
  return header;
}

function paxBody(records: Record<string, string | Buffer>): Buffer {
  return Buffer.concat(
    Object.entries(records).map(([key, value]) => {
      const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
      let length = rest.length + 1;
      while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
      return Buffer.concat([Buffer.from(String(length)), rest]);
    }),
  );
}

/** A tar archive of such members, with its end mark unless that is left out. */
export function tarOf(members: readonly Member[], options: { end?: boolean } = {}): Buffer {
  const parts: Buffer[] = [];
  for (const one of members) {
    const body = Buffer.from(one.body ?? '');
    const name = Buffer.from(one.name);
    if (one.pax) {
      const records = paxBody(one.pax);
      parts.push(headerOf(Buffer.from('PaxHeaders/x'), 'x', records.length, {}), padded(records));
    }
    if (name.length > 100 && one.pax?.path === undefined) {
      const long = Buffer.concat([name, Buffer.alloc(1)]);
      parts.push(headerOf(Buffer.from('././@LongLink'), 'L', long.length, {}), padded(long));
    }
    parts.push(headerOf(name, one.type ?? '0', one.size ?? body.length, one), padded(body));
  }
  if (options.end ?? true) parts.push(Buffer.alloc(1024));
  return Buffer.concat(parts);
}

/** What the reader says of an archive, given in pieces of `piece` bytes. */
export function readTar(bytes: Buffer, piece = bytes.length, exhibit = 'E0001') {
  const entries: FsEntry[] = [];
  const bodies = new Map<FsEntry, Buffer[]>();
  const unfinished: FsEntry[] = [];
  const faults: { offset: number; reason: string }[] = [];
  const reader = archiveReader(exhibit, {
    entry: (entry) => {
      entries.push(entry);
      bodies.set(entry, []);
    },
    content: (part) => bodies.get(entries.at(-1) as FsEntry)?.push(Buffer.from(part)),
    ended: (entry, whole) => {
      if (!whole) unfinished.push(entry);
    },
    fault: (offset, reason) => faults.push({ offset, reason }),
  });
  for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece));
  reader.end();
  return { entries, faults, unfinished, body: (entry: FsEntry) => Buffer.concat(bodies.get(entry) ?? []) };
}
