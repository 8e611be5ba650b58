import { z } from 'zod';
import { ExhibitId, Sha256, TargetRef } from '../domain';
import { base, InCase, TaskStarted } from './base';
import { ProcessRow } from './evidence';

/** An address as 0x and hex digits: 64 bits do not fit a number. */
export const Address = z.string().regex(/^0x[0-9a-f]{1,16}$/);

const Space = z.object({
  id: z.string(),
  kind: z.enum(['process', 'shared', 'physical']),
  /** As the exhibit counts: inside the container for a checkpoint, on the host for a process's core. */
  pid: z.number().nullable(),
  ppid: z.number().nullable(),
  comm: z.string().nullable(),
  arguments: z.array(z.string()).nullable(),
  exe: z.string().nullable(),
  uid: z.number().nullable(),
  regions: z.number(),
  /** Bytes that the exhibit has of it, and that it had in all. */
  held: z.number(),
  size: z.number(),
});
export type MemorySpaceInfo = z.infer<typeof Space>;

/** An exhibit of memory with the address spaces in it. */
export const MemoryExhibit = z.object({
  exhibit: ExhibitId,
  title: z.string(),
  target: TargetRef,
  hostname: z.string().nullable(),
  taken: z.string(),
  partial: z.boolean(),
  bytes: z.number(),
  form: z.enum(['core', 'checkpoint', 'lime', 'raw']),
  /** Offsets are those of the unpacked archive. */
  unpacked: z.boolean(),
  spaces: z.array(Space),
  faults: z.array(z.string()),
});
export type MemoryExhibit = z.infer<typeof MemoryExhibit>;

export const MemoryRegion = z.object({
  start: Address,
  end: Address,
  perms: z.string(),
  kind: z.enum(['file', 'anonymous', 'heap', 'stack', 'memfd', 'shared', 'kernel', 'ram']),
  name: z.string(),
  deleted: z.boolean(),
  size: z.number(),
  /** Bytes that the exhibit has of it. */
  held: z.number(),
});
export type MemoryRegion = z.infer<typeof MemoryRegion>;

/** Where in memory something stands. */
const At = {
  space: z.string(),
  address: Address,
  /** Of its first byte in the exhibit (or the archive that it unpacks to). */
  offset: z.number(),
  /** In bytes. */
  length: z.number(),
  /** Place for a citation; 'whole' for a packed exhibit, whose file has other offsets. */
  locator: z.string(),
};
/** How far a search is: `next` is where to go on; null at the end. Bytes. */
const Progress = { next: z.number().nullable(), done: z.number(), total: z.number() };

export const MemoryHit = z.object({
  ...At,
  /** What was found, of the terms that were given. */
  term: z.string(),
  encoding: z.enum(['bytes', 'utf16le']),
  region: z.string(),
  perms: z.string(),
  before: z.string(),
  found: z.string(),
  after: z.string(),
});
export type MemoryHit = z.infer<typeof MemoryHit>;

export const MemoryText = z.object({ ...At, encoding: z.enum(['ascii', 'utf16le']), text: z.string() });
export type MemoryText = z.infer<typeof MemoryText>;

export const CANDIDATE_KINDS = ['private key', 'token', 'password', 'card number', 'URL'] as const;
export const MemoryCandidate = z.object({
  ...At,
  kind: z.enum(CANDIDATE_KINDS),
  what: z.string(),
  /** Masked unless it was asked for. */
  value: z.string(),
  masked: z.boolean(),
  count: z.number(),
});
export type MemoryCandidate = z.infer<typeof MemoryCandidate>;

export const TypedCommand = z.object({
  space: z.string(),
  address: Address,
  entry: Address,
  time: z.string(),
  command: z.string(),
});
export type TypedCommand = z.infer<typeof TypedCommand>;

export const CarvedFile = z.object({
  id: z.string(),
  kind: z.enum(['ghost', 'memfd', 'mapped', 'elf']),
  name: z.string(),
  pids: z.array(z.number()),
  space: z.string().nullable(),
  address: Address.nullable(),
  size: z.number(),
  held: z.number(),
  /** All its bytes are the file's own, so that its hash says which file it is. */
  whole: z.boolean(),
  sha256: Sha256,
  /** Files and executables of the case with this hash, in words. */
  same: z.array(z.string()),
});
export type CarvedFile = z.infer<typeof CarvedFile>;

const OfExhibit = InCase.extend({ exhibit: ExhibitId });
const Scan = OfExhibit.extend({
  /** Only this address space. */
  space: z.string().optional(),
  from: z.number().int().nonnegative().optional(),
  limit: z.number().int().positive().max(10_000).default(1000),
});

export const memory = {
  /** Exhibits that hold memory. One that cannot be read has a fault and no spaces. */
  exhibits: base.input(InCase).output(z.array(MemoryExhibit)),
  regions: base.input(OfExhibit.extend({ space: z.string() })).output(z.array(MemoryRegion)),
  /** Bytes at an address, base64; what the exhibit does not have is zeros and in no stretch of `held`. At most 1 MiB. */
  read: base
    .input(
      OfExhibit.extend({ space: z.string(), address: Address, length: z.number().int().positive().max(1_048_576) }),
    )
    .output(
      z.object({
        base64: z.string(),
        held: z.array(z.object({ from: z.number(), length: z.number(), locator: z.string() })),
      }),
    ),
  /** Looks for texts, bytes or a regular expression; looks at 256 MiB a call at most, then `next` says where to go on. */
  search: base
    .input(
      Scan.extend({
        query: z.discriminatedUnion('kind', [
          z.object({
            kind: z.literal('text'),
            terms: z.array(z.string().max(4096)).min(1).max(100_000),
            ignoreCase: z.boolean().default(false),
            /** In UTF-16LE too. */
            wide: z.boolean().default(true),
          }),
          z.object({ kind: z.literal('hex'), hex: z.string().max(20_000) }),
          z.object({
            kind: z.literal('regex'),
            pattern: z.string().min(1).max(2000),
            ignoreCase: z.boolean().default(false),
            wide: z.boolean().default(false),
          }),
        ]),
      }),
    )
    .output(z.object({ hits: z.array(MemoryHit), ...Progress })),
  /** Texts of at least so many characters. */
  strings: base
    .input(
      Scan.extend({ least: z.number().int().min(4).max(1000).default(8), containing: z.string().max(1000).optional() }),
    )
    .output(z.object({ texts: z.array(MemoryText), ...Progress })),
  /** What may be keys, tokens, passwords, card numbers, URLs. */
  candidates: base
    .input(
      Scan.extend({
        kinds: z.array(z.enum(CANDIDATE_KINDS)).optional(),
        /** Give the values themselves; otherwise their first two characters and their length. */
        reveal: z.boolean().default(false),
      }),
    )
    .output(z.object({ candidates: z.array(MemoryCandidate), ...Progress })),
  /** Commands that were typed into shells (bash), oldest first. */
  commands: base.input(OfExhibit.extend({ space: z.string().optional() })).output(z.array(TypedCommand)),
  /** Files that can be made again from memory, hashed and compared with the files of the case. */
  carved: base.input(OfExhibit).output(z.array(CarvedFile)),
  /** Writes one of them to a place outside the case; the copy is hashed and in the ledger. */
  carve: base
    .input(OfExhibit.extend({ id: z.string().max(500), to: z.string().min(1), reason: z.string().max(2000) }))
    .output(z.object({ path: z.string(), sha256: Sha256, bytes: z.number() })),
  /** The process that an address space was, with its container, executable and sockets; null where the index has none. */
  process: base.input(OfExhibit.extend({ space: z.string() })).output(
    z.object({
      process: ProcessRow.nullable(),
      sockets: z.array(z.object({ protocol: z.string(), local: z.string(), remote: z.string(), state: z.string() })),
      open: z.array(z.object({ fd: z.number(), kind: z.string(), name: z.string(), deleted: z.boolean() })),
      environment: z.array(z.string()),
    }),
  ),
  volatility: {
    /** Whether the examiner has Volatility 3, where, and which plugins Lading runs. */
    look: base.input(z.object({ program: z.string().optional() })).output(
      z.object({
        program: z.string().nullable(),
        version: z.string().nullable(),
        plugins: z.array(z.object({ id: z.string(), says: z.string() })),
        /** What to type to have it, where it is not there. */
        advice: z.string(),
      }),
    ),
    /** Runs plugins over an image of a whole host's memory, in a task; `lading` never installs anything by itself. */
    run: base
      .input(
        OfExhibit.extend({
          program: z.string().optional(),
          plugins: z.array(z.string()).min(1).max(50),
          /** Folder with symbol files (ISF) of the kernel. */
          symbols: z.string().optional(),
        }),
      )
      .output(TaskStarted),
    /** What a plugin gave the last time, with the container of each process; null where it was not run. */
    result: base.input(OfExhibit.extend({ plugin: z.string() })).output(
      z
        .object({
          plugin: z.string(),
          version: z.string(),
          argv: z.array(z.string()),
          columns: z.array(z.string()),
          rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))),
        })
        .nullable(),
    ),
  },
};
