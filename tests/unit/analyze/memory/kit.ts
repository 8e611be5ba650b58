import { coreHead, LADING_NOTE, NT, PF } from '../../../../src/main/analyze/formats/elf-core';
import type { OpenMemory } from '../../../../src/main/analyze/memory/open';

/** A field of a message: its number and its value; text and bytes are of wire type 2. */
export type GivenField = [field: number, value: bigint | number | string | Buffer];

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let left = value;
  do {
    bytes.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0));
    left >>= 7n;
  } while (left > 0n);
  return Buffer.from(bytes);
}

/** A protocol-buffer message. */
export function message(...fields: GivenField[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([field, value]) => {
      if (typeof value === 'bigint' || typeof value === 'number') {
        return [varint(BigInt(field) << 3n), varint(BigInt(value))];
      }
      const bytes = Buffer.from(value);
      return [varint((BigInt(field) << 3n) | 2n), varint(BigInt(bytes.length)), bytes];
    }),
  );
}

/** An image of CRIU with these entries; `rest` are bytes behind them. */
export function image(entries: readonly Buffer[], rest: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x54564319, 0);
  head.writeUInt32LE(0x50273030, 4);
  const sized = entries.map((entry) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(entry.length);
    return Buffer.concat([size, entry]);
  });
  return Buffer.concat([head, ...sized, rest]);
}

/** A tar archive (POSIX.1-1988 ustar) of plain files. */
export function tar(files: Readonly<Record<string, Buffer>>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, body] of Object.entries(files)) {
    const head = Buffer.alloc(512);
    head.write(name, 0);
    head.write('0000644\0', 100);
    head.write('0000000\0', 108);
    head.write('0000000\0', 116);
    head.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
    head.write('00000000000\0', 136);
    head.write('        ', 148);
    head.write('0', 156);
    head.write('ustar\u000000', 257);
    const sum = head.reduce((all, byte) => all + byte, 0);
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    parts.push(head, body, Buffer.alloc((512 - (body.length % 512)) % 512));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

export const PAGE = 4096;
export const STACK = 0x7ffc_0000_0000n;
export const HEAP = 0x5555_0000_0000n;
export const TEXT = 0x5554_0000_0000n;

export function page(text: string | Buffer, at = 0): Buffer {
  const bytes = Buffer.alloc(PAGE);
  Buffer.from(text).copy(bytes, at);
  return bytes;
}

export interface GivenCheckpoint {
  /** Pages of the heap, in order. */
  heap: Buffer[];
  /** Count pages in field 5, as CRIU 4.2 does. */
  wide?: boolean;
  /** Rights of the heap: 1 read, 2 write, 4 execute. */
  heapRights?: number;
  memfd?: Buffer;
  ghost?: Buffer;
}

/** A checkpoint of one process, PID 7 'perl', by its images. */
export function checkpointImages({
  heap,
  wide,
  heapRights = 3,
  memfd,
  ghost,
}: GivenCheckpoint): Record<string, Buffer> {
  const count = wide ? 5 : 2;
  const words = page('perl\0-e\0x\0SECRET=tok-env\0HOME=/root\0', 0x100);
  const vma = (start: bigint, end: bigint, more: GivenField[]) => message([1, start], [2, end], ...more);
  const run = (address: bigint, pages: number, flags = 4) => message([1, address], [count, pages], [4, flags]);
  const images: Record<string, Buffer> = {
    'pstree.img': image([message([1, 7], [2, 1], [3, 7], [4, 7], [5, 7])]),
    'core-7.img': image([message([1, 1], [3, message([6, 'perl'])], [4, message([9, message([1, 33], [3, 0])])])]),
    'ids-7.img': image([message([1, 1], [2, 2])]),
    'fdinfo-2.img': image([
      message([1, 10], [4, 0]),
      message([1, 11], [4, 3]),
      message([1, 12], [4, 4]),
      message([1, 13], [4, 5]),
    ]),
    'files.img': image([
      message([1, 1], [2, 1], [3, message([1, 1], [6, '/usr/bin/perl'])]),
      message([1, 1], [2, 10], [3, message([1, 10], [6, '/dev/null'])]),
      message([1, 1], [2, 11], [3, message([1, 11], [6, '/tmp/gone.txt'], [8, 9])]),
      message([1, 18], [2, 12], [20, message([1, 12], [5, 1])]),
      message(
        [1, 4],
        [2, 13],
        [4, message([3, 2], [4, 1], [5, 6], [6, 1], [7, 4444], [8, 443], [11, 0x0100007fn], [12, 0x05030a0an])],
      ),
    ]),
    'mm-7.img': image([
      message(
        [5, STACK + 0x800n],
        [6, HEAP],
        [7, HEAP + BigInt(heap.length * PAGE)],
        [8, STACK + 0x100n],
        [9, STACK + 0x10an],
        [10, STACK + 0x10an],
        [11, STACK + 0x125n],
        [12, 1],
        [
          14,
          vma(TEXT, TEXT + 0x2000n, [
            [4, 1],
            [5, 5],
            [6, 2],
            [7, 0x41],
          ]),
        ],
        [
          14,
          vma(HEAP, HEAP + BigInt(heap.length * PAGE), [
            [5, heapRights],
            [6, 0x22],
            [7, 0x221],
          ]),
        ],
        [
          14,
          vma(STACK, STACK + 0x1000n, [
            [5, 3],
            [6, 0x22],
            [7, 0x201],
          ]),
        ],
      ),
    ]),
    'pagemap-7.img': image([message([1, 2]), run(TEXT, 1, 1), run(HEAP, heap.length, 6), run(STACK, 1)]),
    'pages-2.img': Buffer.concat([...heap, words]),
  };
  if (memfd) {
    const pages = Math.ceil(memfd.length / PAGE);
    images['memfd.img'] = image([message([1, 'payload'], [4, memfd.length], [5, 99], [7, 1])]);
    images['pagemap-shmem-99.img'] = image([message([1, 3]), run(0n, pages)]);
    images['pages-3.img'] = Buffer.concat([memfd, Buffer.alloc(pages * PAGE - memfd.length)]);
  }
  if (ghost) {
    images['remap-fpath.img'] = image([message([1, 11], [2, 1], [3, 0x1])]);
    const chunk = message([1, ghost.length], [2, 0]);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(chunk.length);
    images['ghost-file-1.img'] = image(
      [message([1, 0], [9, 1], [10, ghost.length])],
      Buffer.concat([size, chunk, ghost]),
    );
  }
  return images;
}

/** The same as an archive, as Kubernetes writes it. */
export function checkpoint(given: GivenCheckpoint): Buffer {
  const images = checkpointImages(given);
  return tar(Object.fromEntries(Object.entries(images).map(([name, bytes]) => [`checkpoint/${name}`, bytes])));
}

/** A core of PID 4242 with these parts, as the collector writes it. */
export function core(
  comm: string,
  parts: readonly { address: bigint; bytes: Buffer; perms: string; path?: string }[],
): Buffer {
  const info = Buffer.alloc(136);
  info.writeInt32LE(4242, 24);
  info.writeInt32LE(1, 28);
  info.write(comm, 40);
  info.write(`${comm} -i`, 56);
  const maps = parts
    .map(({ address, bytes, perms, path = '' }) => {
      const [start, end] = [address, address + BigInt(bytes.length)].map((at) => at.toString(16).padStart(12, '0'));
      return `${start}-${end} ${perms} 00000000 00:00 0 ${path}\n`;
    })
    .join('');
  const { head } = coreHead(
    62,
    [
      { name: 'CORE', type: NT.prpsinfo, body: info },
      { name: LADING_NOTE.name, type: LADING_NOTE.maps, body: Buffer.from(maps) },
    ],
    parts.map(({ address, bytes, perms }) => ({
      address,
      fileBytes: bytes.length,
      memoryBytes: BigInt(bytes.length),
      flags: (perms[0] === 'r' ? PF.r : 0) | (perms[1] === 'w' ? PF.w : 0) | (perms[2] === 'x' ? PF.x : 0),
    })),
  );
  return Buffer.concat([head, ...parts.map(({ bytes }) => bytes)]);
}

/** Memory of one space whose bytes are at these addresses; in the source they follow each other. */
export function memoryOf(parts: readonly { address: bigint; bytes: Buffer }[]): OpenMemory {
  const all = Buffer.concat(parts.map(({ bytes }) => bytes));
  let offset = 0;
  const segments = parts.map(({ address, bytes }) => {
    const segment = { address, offset, length: bytes.length };
    offset += bytes.length;
    return segment;
  });
  const space = {
    id: 'pid:1',
    kind: 'process' as const,
    pid: 1,
    comm: 'bash',
    open: [],
    sockets: [],
    regions: [],
    segments,
  };
  return {
    layout: { form: 'core', spaces: [space], files: [], faults: [] },
    source: { size: all.length, read: async (at, length) => all.subarray(at, at + length) },
    unpacked: false,
    close: async () => {},
  };
}
