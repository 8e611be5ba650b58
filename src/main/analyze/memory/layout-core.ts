import { type CoreNote, type CoreSegment, NT, PF, parseCore } from '../formats/elf-core';
import { type ByteSource, type MemoryLayout, type MemorySpace, type Region, regionAt, tidySegments } from './layout';

/** Bytes read first: headers and notes of most processes. */
const FIRST = 1 << 20;

/** Whether bytes begin an ELF core of 64 bits, little-endian (elf(5): class 2, data 1, type 4). */
export function isCore(head: Buffer): boolean {
  return parseCore(head) !== undefined && head.length >= 64;
}

/**
 * Reads the layout of an ELF core (core(5), elf(5)): a process's, or the kernel's own view. Files of mappings come from the
 * note NT_FILE, the PID from NT.prpsinfo or NT_PRSTATUS, `[heap]` and `[stack]` from a note of maps where there is one.
 */
export async function coreLayout(source: ByteSource): Promise<MemoryLayout> {
  const faults: string[] = [];
  let core = parseCore(await source.read(0, Math.min(FIRST, source.size)));
  while (core && 'more' in core) {
    if (core.more > source.size) {
      const fault = 'It ends inside its headers: no region of it can be told.';
      return { form: 'core', spaces: [], files: [], faults: [fault] };
    }
    core = parseCore(await source.read(0, core.more));
  }
  if (!core) return { form: 'core', spaces: [], files: [], faults: ['Its headers are damaged.'] };
  const { segments: loads, notes } = core;
  const maps = mapsOf(notes);
  const files = maps ? [] : filesOf(notes, faults);
  const regions = maps ?? loads.map((load): Region => regionOf(load, files));
  regions.sort((a, b) => (a.start < b.start ? -1 : 1));
  const cut = loads.filter(({ offset, fileBytes }) => offset + fileBytes > source.size).length;
  if (cut > 0) faults.push(`${cut} of ${loads.length} regions go beyond the end of the file: it is not whole.`);
  const space: MemorySpace = {
    ...identityOf(notes),
    open: [],
    sockets: [],
    regions,
    segments: tidySegments(
      loads.map(({ address, offset, fileBytes }) => ({ address, offset, length: fileBytes })),
      source.size,
    ),
  };
  return { form: 'core', spaces: [space], files: [], faults };
}

const note = (notes: readonly CoreNote[], type: number) =>
  notes.find((one) => one.name === 'CORE' && one.type === type)?.body;

/** elf_prpsinfo and elf_prstatus of x86-64 and arm64 (Linux, include/linux/elfcore.h). */
function identityOf(
  notes: readonly CoreNote[],
): Pick<MemorySpace, 'id' | 'kind' | 'pid' | 'ppid' | 'comm' | 'arguments' | 'uid'> {
  const info = note(notes, NT.prpsinfo);
  const status = note(notes, NT.prstatus);
  if (info && info.length >= 136) {
    const text = (from: number, to: number) => info.toString('utf8', from, to).replace(/\0[\s\S]*$/, '');
    const pid = info.readInt32LE(24);
    const words = text(56, 136).trim();
    return {
      id: `pid:${pid}`,
      kind: 'process',
      pid,
      ppid: info.readInt32LE(28),
      uid: info.readUInt32LE(16),
      comm: text(40, 56),
      arguments: words === '' ? undefined : words.split(' '),
    };
  }
  if (status && status.length >= 40) {
    const pid = status.readInt32LE(32);
    return { id: `pid:${pid}`, kind: 'process', pid, ppid: status.readInt32LE(36) };
  }
  return { id: 'core', kind: notes.some(({ name }) => name === 'VMCOREINFO') ? 'physical' : 'process' };
}

/** A note whose body is /proc/PID/maps as the kernel gave it: it says more than NT_FILE does. */
function mapsOf(notes: readonly CoreNote[]): Region[] | undefined {
  for (const { name, body } of notes) {
    if (name === 'CORE' || !/^[0-9a-f]{1,16}-[0-9a-f]{1,16} [r-][w-][x-][ps] /.test(body.toString('latin1', 0, 48)))
      continue;
    return regionsOfMaps(body);
  }
  return undefined;
}

/** Regions of the text of /proc/PID/maps (proc_pid_maps(5)). */
export function regionsOfMaps(bytes: Buffer): Region[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .flatMap((line): Region[] => {
      const match = /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r-][w-][x-][ps]) ([0-9a-f]{1,16}) \S+ \d+ *(.*)$/.exec(line);
      if (!match) return [];
      const [, start = '0', end = '0', perms = '', fileOffset = '0', path = ''] = match;
      const region = named(path);
      return [
        {
          ...region,
          start: BigInt(`0x${start}`),
          end: BigInt(`0x${end}`),
          perms,
          fileOffset: BigInt(`0x${fileOffset}`),
        },
      ];
    });
}

/** What a name of maps or NT_FILE says of a mapping. */
export function named(path: string): Pick<Region, 'kind' | 'name' | 'deleted'> {
  const deleted = path.endsWith(' (deleted)');
  const name = deleted ? path.slice(0, -' (deleted)'.length) : path;
  if (name === '') return { kind: 'anonymous', name, deleted };
  if (name === '[heap]') return { kind: 'heap', name, deleted };
  if (name.startsWith('[stack')) return { kind: 'stack', name, deleted };
  if (/^\[v(dso|var|syscall)/.test(name)) return { kind: 'kernel', name, deleted };
  if (name.startsWith('[anon')) return { kind: 'anonymous', name, deleted };
  if (name.startsWith('/memfd:')) return { kind: 'memfd', name: name.slice(1), deleted };
  if (/^\/(SYSV[0-9a-f]{8}|dev\/zero)$/.test(name)) return { kind: 'shared', name, deleted };
  return { kind: 'file', name, deleted };
}

function regionOf(load: CoreSegment, files: readonly Region[]): Region {
  const perms = `${load.flags & PF.r ? 'r' : '-'}${load.flags & PF.w ? 'w' : '-'}${load.flags & PF.x ? 'x' : '-'}?`;
  const file = regionAt(files, load.address);
  const size = load.memoryBytes > BigInt(load.fileBytes) ? load.memoryBytes : BigInt(load.fileBytes);
  const where = { start: load.address, end: load.address + size, perms };
  if (file) return { ...where, kind: file.kind, name: file.name, deleted: file.deleted, fileOffset: file.fileOffset };
  return { ...where, ...named(''), fileOffset: 0n };
}

/** NT_FILE: count, page size, then start, end and offset in pages of each, then the names (core(5)). */
function filesOf(notes: readonly CoreNote[], faults: string[]): Region[] {
  const body = note(notes, NT.file);
  if (!body || body.length < 16) return [];
  const count = Number(body.readBigUInt64LE(0));
  const page = body.readBigUInt64LE(8);
  if (count > (body.length - 16) / 24) {
    faults.push('Its list of mapped files is damaged.');
    return [];
  }
  const names = body.toString('utf8', 16 + count * 24).split('\0');
  const files = Array.from({ length: count }, (_, i): Region => {
    const at = 16 + i * 24;
    return {
      start: body.readBigUInt64LE(at),
      end: body.readBigUInt64LE(at + 8),
      perms: '????',
      ...named(names[i] ?? ''),
      fileOffset: body.readBigUInt64LE(at + 16) * page,
    };
  });
  return files.sort((a, b) => (a.start < b.start ? -1 : 1));
}
