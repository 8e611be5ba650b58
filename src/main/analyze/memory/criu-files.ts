import { type CriuFile, readGhosts, readMemfds } from '../formats/criu-process';
import { readMessage, wireNumber } from '../formats/protobuf';
import type { HeldFile, MemorySpace } from './layout';
import { type CriuSet, pagesOf } from './layout-criu';

/** A file that a checkpoint holds; `shmid` names the pages of a memfd. */
export type CriuHeld = HeldFile & { shmid?: string };

/** Holes of a file, in bytes: one that claims more would be zeros for hours. */
const HOLES_MAX = 16 * 2 ** 30;

function fits({ faults }: CriuSet, { name, size, pieces }: CriuHeld): boolean {
  const ends = pieces.every(({ at, length }) => at + length <= size);
  if (ends && size - pieces.reduce((sum, { length }) => sum + length, 0) <= HOLES_MAX) return true;
  faults.push(`${name} claims ${size} bytes, which does not fit what there is of it: it was left out.`);
  return false;
}

/** Chunks of one ghost file: CRIU writes one for each run of data between holes. */
const CHUNKS_MAX = 1_000_000;

/** Deleted files that processes still had open: CRIU keeps their content in ghost-file-N.img. */
export async function ghostFiles(set: CriuSet, files: ReadonlyMap<number, CriuFile>): Promise<CriuHeld[]> {
  const remap = await set.image('remap-fpath.img');
  const held: CriuHeld[] = [];
  for (const { file: id, ghost } of remap ? readGhosts(remap) : []) {
    const name = `ghost-file-${ghost}.img`;
    const member = set.members.get(name);
    const image = await set.image(name, 1);
    const entry = image?.entries[0];
    if (!member || !image || !entry) continue;
    // one name for all descriptors of the file; several ghosts of one name are several files
    const path = files.get(id)?.name ?? `ghost ${ghost}`;
    const pieces = wireNumber(entry, 9) ? await chunks(set, name, image.rest) : [rest(member, image.rest)];
    const size = wireNumber(entry, 10) ?? pieces.reduce((end, { at, length }) => Math.max(end, at + length), 0);
    const file: CriuHeld = {
      kind: 'ghost',
      name: path,
      size,
      pieces: pieces.filter(({ length }) => length > 0),
      pids: [],
    };
    if (fits(set, file)) held.push(file);
  }
  return held;
}

/** Not in chunks: everything behind the entry is the file. */
function rest({ offset, size }: { offset: number; size: number }, from: number) {
  return { at: 0, offset: offset + from, length: size - from };
}

/** ghost_chunk_entry (length 1, offset 2) and so many bytes, repeated. */
async function chunks(set: CriuSet, name: string, from: number): Promise<HeldFile['pieces']> {
  const member = set.members.get(name);
  const pieces: HeldFile['pieces'] = [];
  if (!member) return pieces;
  for (let at = from; at + 4 <= member.size && pieces.length < CHUNKS_MAX; ) {
    const head = await set.source.read(member.offset + at, Math.min(64, member.size - at));
    const size = head.readUInt32LE(0);
    const entry = size <= 60 ? readMessage(head.subarray(4, 4 + size)) : undefined;
    const length = entry && wireNumber(entry, 1);
    const place = entry && wireNumber(entry, 2);
    if (length === undefined || place === undefined || at + 4 + size + length > member.size) {
      set.faults.push(`${name} is damaged at byte ${at}: what follows of it was not read.`);
      return pieces;
    }
    pieces.push({ at: place, offset: member.offset + at + 4 + size, length });
    at += 4 + size + length;
  }
  return pieces;
}

/** Files that exist in memory only (memfd_create(2)), whole: their pages and their size. Names the regions that map them. */
export async function memfdFiles(set: CriuSet, spaces: readonly MemorySpace[]): Promise<CriuHeld[]> {
  const image = await set.image('memfd.img');
  const held: CriuHeld[] = [];
  for (const { id, name, size, shmid } of image ? readMemfds(image) : []) {
    const segments = (await pagesOf(set, `pagemap-shmem-${shmid}.img`)) ?? [];
    const pieces = segments.flatMap(({ address, offset, length }) => {
      const at = Number(address);
      return at >= size ? [] : [{ at, offset, length: Math.min(length, size - at) }];
    });
    const file: CriuHeld = { kind: 'memfd', name: `memfd:${name}`, size, pieces, pids: [], shmid: String(shmid) };
    const known = new Set([`memfd:#${id}`, `shared memory ${shmid}`]);
    for (const space of spaces) {
      const uses = [...space.regions, ...space.open].filter((one) => known.has(one.name));
      for (const one of uses) one.name = file.name;
      const runs = space.exe !== undefined && known.has(space.exe);
      if (runs) space.exe = file.name;
      if ((runs || uses.length > 0) && space.pid !== undefined) file.pids.push(space.pid);
    }
    if (fits(set, file)) held.push(file);
  }
  return held;
}
