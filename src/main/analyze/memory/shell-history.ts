import { type MemorySpace, readSpace } from './layout';
import type { OpenMemory } from './open';
import { pieces, stretches } from './scan';

/** A command that a shell kept in its memory. */
export interface TypedCommand {
  space: MemorySpace;
  /** Of the command's text. */
  address: bigint;
  /** Of the entry that points to it. */
  entry: bigint;
  /** When it was entered, UTC ISO 8601. */
  time: string;
  command: string;
}

const COMMAND_MAX = 4096;
const ENTRIES_MAX = 100_000;

/** Whether a process may keep commands as bash does; by its name, which a process can choose. */
export function mayBeBash(space: MemorySpace): boolean {
  const names = [space.comm, space.exe, space.arguments?.[0]].map((name) => name?.split('/').at(-1) ?? '');
  return space.kind === 'process' && names.some((name) => /^-?(bash|rbash|sh)$/.test(name));
}

/**
 * Commands that were typed into bash, from its heap: GNU readline keeps for each an entry of three pointers (line, time stamp, data;
 * history.h of readline), the time stamp being the text '#' and seconds. So the time stamps are looked for, then pointers to them,
 * then the line. Works on little-endian 64-bit processes. Shells without time stamps (dash, busybox ash) are not read.
 */
export async function typedCommands(
  memory: OpenMemory,
  space: MemorySpace,
  signal?: AbortSignal,
): Promise<TypedCommand[]> {
  const stamps = new Map<bigint, number>();
  const writable = { ...space, segments: space.segments.filter((segment) => writableAt(space, segment.address)) };
  const own = stretches({ ...memory.layout, spaces: [writable] });
  for await (const { bytes, from, own: to, address } of pieces(memory.source, own, { ahead: 32, signal })) {
    for (let at = bytes.indexOf(0x23, from); at >= 0 && at < to; at = bytes.indexOf(0x23, at + 1)) {
      const match = /^#(\d{9,11})\0/.exec(bytes.toString('latin1', at, at + 14));
      if (match && stamps.size < ENTRIES_MAX) stamps.set(address + BigInt(at), Number(match[1]));
    }
  }
  if (stamps.size === 0) return [];
  const found: TypedCommand[] = [];
  for await (const { bytes, from, own: to, address } of pieces(memory.source, own, { ahead: 32, signal })) {
    const first = from + ((8 - (Number(address & 7n) + from)) & 7);
    for (let at = first; at + 8 <= bytes.length && at < to; at += 8) {
      // a pointer of user space has no bits above the 47th: most words are ruled out by one half
      if ((bytes[at + 6] as number) !== 0 || (bytes[at + 7] as number) !== 0 || (bytes[at + 5] as number) === 0)
        continue;
      const seconds = stamps.get(bytes.readBigUInt64LE(at));
      if (seconds === undefined) continue;
      const entry = address + BigInt(at) - 8n;
      const command = await lineOf(memory, writable, entry);
      if (command) found.push({ space, entry, time: new Date(seconds * 1000).toISOString(), ...command });
    }
  }
  return found.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.entry < b.entry ? -1 : 1));
}

function writableAt({ regions }: MemorySpace, address: bigint): boolean {
  const region = regions.find(({ start, end }) => address >= start && address < end);
  return region?.perms[1] !== '-';
}

async function lineOf(memory: OpenMemory, space: MemorySpace, entry: bigint) {
  const pointer = await readSpace(memory.source, space, entry, 8);
  if (pointer.held[0]?.length !== 8) return undefined;
  const address = pointer.bytes.readBigUInt64LE(0);
  const { bytes, held } = await readSpace(memory.source, space, address, COMMAND_MAX);
  if (held[0]?.from !== 0) return undefined;
  const end = bytes.subarray(0, held[0].length).indexOf(0);
  if (end <= 0) return undefined;
  return { address, command: bytes.toString('utf8', 0, end) };
}
