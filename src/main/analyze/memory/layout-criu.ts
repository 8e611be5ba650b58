import { readCriuImage, readPageMap } from '../formats/criu-image';
import {
  type CriuFile,
  type CriuMemory,
  readCore,
  readFdInfo,
  readFiles,
  readFilesId,
  readMm,
  readTree,
} from '../formats/criu-process';
import { ghostFiles, memfdFiles } from './criu-files';
import {
  type ByteSource,
  type MemoryLayout,
  type MemorySpace,
  type Region,
  readSpace,
  type Segment,
  tidySegments,
} from './layout';
import { type TarMember, tarMembers } from './tar-members';

/** Images that describe are read whole; those of pages are not. */
const IMAGE_MAX = 256 * 1024 * 1024;
/** Linux's own limit of arguments and environment together is a quarter of the stack: 2 MiB as a rule. */
const WORDS_MAX = 8 * 1024 * 1024;

/** The images of one checkpoint in an archive, by their names without folder. */
export interface CriuSet {
  source: ByteSource;
  members: Map<string, TarMember>;
  faults: string[];
  /** A small image with its entries; undefined where it is absent or none, which is told as a fault. */
  image(name: string, most?: number): Promise<ReturnType<typeof readCriuImage>>;
}

/** Opens the set that lies where pstree.img is; undefined where there is none. */
export async function criuSet(source: ByteSource): Promise<CriuSet | undefined> {
  const { members, faults } = await tarMembers(source);
  const tree = members.find(({ name }) => /(^|\/)pstree\.img$/.test(name));
  if (!tree) return undefined;
  const folder = tree.name.slice(0, -'pstree.img'.length);
  const own = new Map<string, TarMember>();
  for (const member of members) {
    const rest = member.name.slice(folder.length);
    if (member.name.startsWith(folder) && !rest.includes('/')) own.set(rest, member);
  }
  return {
    source,
    members: own,
    faults,
    async image(name, most) {
      const member = own.get(name);
      if (!member) return undefined;
      if (member.size > IMAGE_MAX && most === undefined) {
        faults.push(`${name} has ${member.size} bytes and was not read.`);
        return undefined;
      }
      const read = readCriuImage(await source.read(member.offset, Math.min(member.size, IMAGE_MAX)), most);
      if (!read || read.fault) faults.push(`${name} ${read ? `is damaged: ${read.fault}` : 'is no image of CRIU'}.`);
      return read;
    },
  };
}

/** Reads a checkpoint: its processes with what they had, every page with its address, and files that only it has. */
export async function criuLayout(set: CriuSet): Promise<MemoryLayout> {
  const { faults } = set;
  const filesImage = await set.image('files.img');
  const files = new Map((filesImage ? readFiles(filesImage) : []).map((file) => [file.id, file]));
  const tree = await set.image('pstree.img');
  const spaces: MemorySpace[] = [];
  for (const process of tree ? readTree(tree) : []) {
    spaces.push(await processSpace(set, process, files));
  }
  const held = [...(await ghostFiles(set, files)), ...(await memfdFiles(set, spaces))];
  for (const file of held) {
    if (file.kind !== 'ghost') continue;
    for (const space of spaces) {
      for (const one of space.open) if (one.name === file.name && one.kind === 'file') one.deleted = true;
      if (space.pid !== undefined && space.open.some((one) => one.deleted && one.name === file.name))
        file.pids.push(space.pid);
    }
  }
  for (const [name] of set.members) {
    const shared = /^pagemap-shmem-(\d{1,20})\.img$/.exec(name);
    if (!shared?.[1]) continue;
    const memfd = held.find((file) => file.kind === 'memfd' && file.pieces.length > 0 && file.shmid === shared[1]);
    const segments = await pagesOf(set, name);
    if (!segments) continue;
    const last = segments.at(-1);
    const end = last ? last.address + BigInt(last.length) : 0n;
    const region = {
      start: 0n,
      end,
      perms: '????',
      kind: 'shared' as const,
      name: memfd?.name ?? `shared memory ${shared[1]}`,
      deleted: false,
      fileOffset: 0n,
    };
    spaces.push({ id: `shared:${shared[1]}`, kind: 'shared', open: [], sockets: [], regions: [region], segments });
  }
  return { form: 'checkpoint', spaces, files: held.map(({ shmid: _, ...file }) => file), faults };
}

/** Segments that a pagemap gives, by address; undefined and a fault where it or its pages are not there. */
export async function pagesOf(set: CriuSet, name: string): Promise<Segment[] | undefined> {
  const image = await set.image(name);
  if (!image) return undefined;
  const map = readPageMap(image);
  if (!map) {
    set.faults.push(`${name} is no list of pages.`);
    return undefined;
  }
  const pages = set.members.get(`pages-${map.pages}.img`);
  if (!pages) {
    if (map.bytes > 0) set.faults.push(`pages-${map.pages}.img, which ${name} needs, is not there.`);
    return [];
  }
  const end = Math.min(pages.size, Math.max(0, set.source.size - pages.offset));
  if (map.bytes > end) set.faults.push(`pages-${map.pages}.img has ${end} of ${map.bytes} bytes: it is not whole.`);
  const missing = map.runs.filter(({ offset }) => offset === undefined).reduce((sum, { length }) => sum + length, 0);
  if (missing > 0) set.faults.push(`${missing} bytes of ${name} are in an earlier checkpoint that is not here.`);
  return tidySegments(
    map.runs.flatMap(({ address, length, offset }) =>
      offset === undefined ? [] : [{ address, offset: pages.offset + offset, length: Math.min(length, end - offset) }],
    ),
    set.source.size,
  );
}

async function processSpace(
  set: CriuSet,
  { pid, ppid }: { pid: number; ppid: number },
  files: ReadonlyMap<number, CriuFile>,
): Promise<MemorySpace> {
  const core = await set.image(`core-${pid}.img`);
  const mmImage = await set.image(`mm-${pid}.img`);
  const mm = mmImage && readMm(mmImage);
  const ids = await set.image(`ids-${pid}.img`);
  const filesId = ids && readFilesId(ids);
  const fds = filesId === undefined ? undefined : await set.image(`fdinfo-${filesId}.img`);
  const { comm, uid } = core ? readCore(core) : {};
  const space: MemorySpace = {
    id: `pid:${pid}`,
    kind: 'process',
    pid,
    ppid,
    comm,
    uid,
    exe: mm?.exe === undefined ? undefined : files.get(Number(mm.exe))?.name,
    open: [],
    sockets: [],
    regions: mm ? regionsOf(mm, files) : [],
    segments: (await pagesOf(set, `pagemap-${pid}.img`)) ?? [],
  };
  for (const { fd, file } of fds ? readFdInfo(fds) : []) {
    const meant = files.get(file);
    if (meant?.socket) space.sockets.push({ fd, ...meant.socket });
    space.open.push({ fd, kind: meant?.kind ?? 'other', name: meant?.name ?? `file ${file}`, deleted: false });
  }
  space.arguments = await wordsAt(set.source, space, mm?.arguments);
  space.environment = await wordsAt(set.source, space, mm?.environment);
  return space;
}

/** NUL-separated words of a span of memory; undefined where the checkpoint does not hold all of it. */
async function wordsAt(source: ByteSource, space: MemorySpace, span: { start: bigint; end: bigint } | undefined) {
  const length = span ? Number(span.end - span.start) : 0;
  if (!span || length <= 0 || length > WORDS_MAX) return undefined;
  const { bytes, held } = await readSpace(source, space, span.start, length);
  if (held.length !== 1 || held[0]?.length !== length) return undefined;
  return bytes.toString('utf8').replace(/\0+$/, '').split('\0');
}

function regionsOf(mm: CriuMemory, files: ReadonlyMap<number, CriuFile>): Region[] {
  const { heap, stack } = mm;
  return mm.vmas
    .map(({ start, end, perms, kind, shmid, fileOffset }): Region => {
      const where = { start, end, perms, deleted: false, fileOffset };
      if (kind === 'file') return { ...where, kind: 'file', name: files.get(Number(shmid))?.name ?? `file ${shmid}` };
      if (kind === 'memfd')
        return { ...where, kind: 'memfd', name: files.get(Number(shmid))?.name ?? `memfd:${shmid}` };
      if (kind === 'shared' || kind === 'socket') return { ...where, kind: 'shared', name: `shared memory ${shmid}` };
      if (kind === 'vdso' || kind === 'vvar' || kind === 'vsyscall')
        return { ...where, kind: 'kernel', name: `[${kind}]` };
      if (kind === 'heap' || (heap && start < heap.end && end > heap.start))
        return { ...where, kind: 'heap', name: '[heap]' };
      if (kind === 'stack' || (stack !== undefined && stack >= start && stack < end))
        return { ...where, kind: 'stack', name: '[stack]' };
      return { ...where, kind: 'anonymous', name: '' };
    })
    .sort((a, b) => (a.start < b.start ? -1 : 1));
}
