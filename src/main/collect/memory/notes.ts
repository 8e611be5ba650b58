import { type CoreNote, LADING_NOTE, MACHINES, NT, PAGE } from '../../analyze/formats/elf-core';
import type { MappingUse } from '../../analyze/formats/proc-smaps';
import type { ProcStat } from '../../analyze/formats/proc-stat';

/** What the listing has of a process, for the notes of its core. */
export interface ListedProcess {
  pid: number;
  stat: ProcStat;
  cmdline: Buffer;
  auxv: Buffer;
  /** `TID/syscall:text` lines. */
  syscalls: string;
  /** `./start-end bytes type` lines of map_files. */
  sizes: string;
  maps: Buffer;
  smaps: Buffer;
  uid: number;
  gid: number;
}

/** Where a thread waits: /proc/PID/task/TID/syscall (proc_pid_syscall(5)). Values are 64 bits. */
export interface Waiting {
  tid: number;
  /** -1: not in a system call. */
  call: bigint;
  args: bigint[];
  sp: bigint;
  pc: bigint;
}

const CALL = /^(\d{1,10})\/syscall:(-?\d{1,6}) ((?:0x[0-9a-f]{1,16} ?){2,8})$/;

/** A thread that runs at this moment says so instead, and has no registers to tell; so has one of which nothing is said. */
export function parseSyscalls(text: string): Waiting[] {
  return text.split('\n').flatMap((line) => {
    const [, tid, call, values] = CALL.exec(line) ?? [];
    if (tid === undefined || call === undefined || values === undefined) return [];
    const words = values.trim().split(' ').map(BigInt);
    const [sp, pc] = words.splice(-2);
    return sp === undefined || pc === undefined ? [] : [{ tid: Number(tid), call: BigInt(call), args: words, sp, pc }];
  });
}

/** Offsets in struct elf_prstatus: the registers begin at 112 on every 64-bit Linux. */
const REGS = 112;
/** Bytes of the registers, and the place of each that is known, in words: struct user_regs_struct. */
const LAYOUTS: Readonly<Record<string, { words: number; args: number[]; call: number; sp: number; pc: number }>> = {
  x86_64: { words: 27, args: [14, 13, 12, 7, 9, 8], call: 15, sp: 19, pc: 16 },
  aarch64: { words: 34, args: [0, 1, 2, 3, 4, 5], call: 8, sp: 31, pc: 32 },
};

function prstatus(arch: string, { stat }: ListedProcess, one: Waiting): CoreNote | undefined {
  const layout = LAYOUTS[arch];
  if (!layout) return undefined;
  const body = Buffer.alloc(REGS + layout.words * 8 + 8);
  body.writeInt32LE(one.tid, 32);
  body.writeInt32LE(stat.ppid, 36);
  body.writeInt32LE(stat.pgrp, 40);
  body.writeInt32LE(stat.session, 44);
  const put = (word: number, value: bigint) => body.writeBigUInt64LE(BigInt.asUintN(64, value), REGS + word * 8);
  for (const [at, value] of one.args.entries()) put(layout.args[at] ?? layout.sp, value);
  if (one.call >= 0n) put(layout.call, one.call);
  put(layout.sp, one.sp);
  put(layout.pc, one.pc);
  return { name: 'CORE', type: NT.prstatus, body };
}

function prpsinfo({ pid, stat, cmdline, uid, gid }: ListedProcess): CoreNote {
  const body = Buffer.alloc(136);
  body.writeUInt8(Math.max(0, 'RSDTZW'.indexOf(stat.state)), 0);
  body.write(stat.state, 1, 1, 'latin1');
  body.writeUInt8(stat.state === 'Z' ? 1 : 0, 2);
  body.writeBigUInt64LE(BigInt(stat.flags >>> 0), 8);
  body.writeUInt32LE(uid >>> 0, 16);
  body.writeUInt32LE(gid >>> 0, 20);
  body.writeInt32LE(pid, 24);
  body.writeInt32LE(stat.ppid, 28);
  body.writeInt32LE(stat.pgrp, 32);
  body.writeInt32LE(stat.session, 36);
  Buffer.from(stat.comm, 'utf8').copy(body, 40, 0, 15);
  Buffer.from(cmdline.subarray(0, 79))
    .map((byte) => (byte === 0 ? 32 : byte))
    .forEach((byte, at) => void body.writeUInt8(byte, 56 + at));
  return { name: 'CORE', type: NT.prpsinfo, body };
}

/** NT_FILE: which file is mapped where (fs/binfmt_elf.c, fill_files_note). */
function files(mappings: readonly MappingUse[]): CoreNote {
  const mapped = mappings.filter(({ path }) => path.startsWith('/'));
  const table = Buffer.alloc(16 + mapped.length * 24);
  table.writeBigUInt64LE(BigInt(mapped.length), 0);
  table.writeBigUInt64LE(BigInt(PAGE), 8);
  for (const [at, { start, end, fileOffset }] of mapped.entries()) {
    table.writeBigUInt64LE(BigInt(`0x${start}`), 16 + at * 24);
    table.writeBigUInt64LE(BigInt(`0x${end}`), 24 + at * 24);
    table.writeBigUInt64LE(BigInt(`0x${fileOffset}`) / BigInt(PAGE), 32 + at * 24);
  }
  const names = Buffer.from(mapped.map(({ path, deleted }) => `${path}${deleted ? ' (deleted)' : ''}\0`).join(''));
  return { name: 'CORE', type: NT.file, body: Buffer.concat([table, names]) };
}

/** The notes of a process's core. `plan`: what was asked for, as text. */
export function coreNotes(
  arch: string,
  process: ListedProcess,
  mappings: readonly MappingUse[],
  plan: string,
): { machine: number; notes: CoreNote[]; threads: number } {
  const threads = parseSyscalls(process.syscalls).flatMap((one) => prstatus(arch, process, one) ?? []);
  const own = (type: number, body: Buffer): CoreNote => ({ name: LADING_NOTE.name, type, body });
  return {
    machine: MACHINES[arch] ?? 0,
    threads: threads.length,
    notes: [
      prpsinfo(process),
      ...threads,
      { name: 'CORE', type: NT.auxv, body: process.auxv },
      files(mappings),
      own(LADING_NOTE.maps, process.maps),
      own(LADING_NOTE.smaps, process.smaps),
      own(LADING_NOTE.plan, Buffer.from(plan)),
    ],
  };
}
