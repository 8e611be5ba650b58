import { z } from 'zod';
import { PAGE } from '../../analyze/formats/elf-core';
import type { MappingUse } from '../../analyze/formats/proc-smaps';

const GIB = 1024 ** 3;

export const MemoryChoice = z.object({
  take: z
    .enum(['all', 'own'])
    .default('all')
    .describe('all: every mapping. own: only what is in no file as it is: anonymous, changed, deleted, memory files'),
  largest: z
    .number()
    .int()
    .positive()
    .max(1 << 20)
    .default(16)
    .describe('leave out a mapping larger than so many GiB (some programs reserve terabytes)'),
  pids: z
    .array(z.number().int().positive())
    .max(10_000)
    .default([])
    .describe('only these processes, by their number on the host; none: all of the container'),
});
export type MemoryChoice = z.output<typeof MemoryChoice>;

/** What is asked of one mapping. */
export interface Region {
  /** Addresses; 64 bits. */
  start: bigint;
  size: number;
  perms: string;
  /** As the kernel shows it, with its ' (deleted)'. Hostile text. */
  path: string;
  /** Bytes that will be asked for, from its start. */
  asked: number;
  /** Why that is less than its size. */
  left?: string;
}

/** Names of what a process did not make itself. */
const KERNELS = /^\[(?:vsyscall|vvar|vvar_vclock|vdso)\]$/;

/** What is in no file of a disk as it is here: pages without a file, changed copies, files without a name. */
function isOwn(one: MappingUse): boolean {
  const unnamed = one.path === '' || one.path.startsWith('[') || one.path.startsWith('/memfd:');
  return unnamed || one.deleted || one.anonymous > 0 || one.swapped > 0 || (one.writable && one.shared);
}

/**
 * What to ask of a process's mappings. `sizes`: of mapped files, in bytes, by 'start-end' as in map_files: behind a file's end the
 * kernel has nothing to give. Nothing is left out without a word.
 */
export function planRegions(
  mappings: readonly MappingUse[],
  sizes: ReadonlyMap<string, number>,
  choice: Pick<MemoryChoice, 'take' | 'largest'>,
): Region[] {
  return mappings.map((one) => {
    const start = BigInt(`0x${one.start}`);
    const size = Number(BigInt(`0x${one.end}`) - start);
    const region = {
      start,
      size,
      perms: one.perms,
      path: one.deleted ? `${one.path} (deleted)` : one.path,
    };
    const left = leftOut(one, size, choice);
    if (left) return { ...region, asked: 0, left };
    const file = sizes.get(`${one.start}-${one.end}`);
    const from = Number(BigInt(`0x${one.fileOffset}`));
    const there = file === undefined ? size : Math.max(0, Math.ceil((file - from) / PAGE) * PAGE);
    if (there >= size) return { ...region, asked: size };
    return { ...region, asked: there, left: `the mapped file ends here, at ${file} bytes` };
  });
}

function leftOut(one: MappingUse, size: number, choice: Pick<MemoryChoice, 'take' | 'largest'>): string | undefined {
  if (one.flags.includes('io') || one.flags.includes('pf')) {
    return 'memory of a device or of the kernel, which is not read through /proc/PID/mem';
  }
  if (one.path === '[vsyscall]') return 'a page of the kernel, the same in every process';
  if (/^\/?secretmem$/.test(one.path)) return 'secret memory (memfd_secret(2)): the kernel lets nobody else read it';
  const touched = one.resident + one.swapped;
  const anonymous = one.path === '' || one.path.startsWith('[anon');
  // Without a file and without a page there is nothing; with pages it is read, even where the process itself may not.
  if (touched === 0 && !one.shared && (anonymous || !one.readable)) return 'no page of it was ever touched';
  if (size > choice.largest * GIB) return `larger than ${choice.largest} GiB, as the examiner chose`;
  if (choice.take === 'own' && (!isOwn(one) || KERNELS.test(one.path))) {
    return 'unchanged content of a file, which was not asked for';
  }
  return undefined;
}
