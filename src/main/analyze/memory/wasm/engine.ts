import { z } from 'zod';
import { SCAN_WASM } from './bytes';

/** What scan.wat exports; places are bytes of `memory`. */
interface Exports {
  pairs(
    from: number,
    to: number,
    a: number,
    maskA: number,
    offA: number,
    b: number,
    maskB: number,
    offB: number,
    out: number,
  ): number;
  windows(from: number, to: number, width: number, table: number, fold: number, out: number): number;
  runs(from: number, to: number, least: number, out: number): number;
  wides(from: number, to: number, least: number, out: number): number;
}
const isFunction = z.custom<(...given: number[]) => number>((value) => typeof value === 'function');
const Exports: z.ZodType<Exports> = z.object({
  pairs: isFunction,
  windows: isFunction,
  runs: isFunction,
  wides: isFunction,
});

/** Memory in which bytes are scanned sixteen at a time, with room for the pieces that are read. */
export interface ScanEngine extends Exports {
  readonly memory: Buffer;
  /** What was found: numbers of 32 bits from the place `out` on. */
  readonly found: Uint32Array;
  readonly out: number;
  /** Place of a table of 2^17 bytes. */
  readonly table: number;
  /** Where pieces are read to; behind each is room that scans may read. */
  readonly slots: readonly Buffer[];
  /** Bytes as they lie in `memory`: where they are already, or a copy in the first slot. Throws RangeError for more than a slot. */
  hold(bytes: Buffer): number;
}

/** Of the window's last three bytes; scan.wat has the same. */
export const windowHash = (three: number): number => Math.imul(three, 0x9e3779b1) >>> 15;
export const TABLE_BYTES = 1 << 17;
export const OUT_BYTES = 1 << 21;
/** Longest piece with what is read beside it. */
export const SLOT_BYTES = (2 << 20) + (1 << 15);
/** What scan.wat may read behind the end. */
const ROOM = 128;
const SLOTS = 3;
const PAGE = 1 << 16;

let compiled: WebAssembly.Module | null | undefined;
const idle: ScanEngine[] = [];

/** Does a scan with an engine of its own; with none where the processor or the runtime cannot (no SIMD). */
export async function withEngine<T>(work: (engine: ScanEngine | undefined) => Promise<T>): Promise<T> {
  const engine = idle.pop() ?? fresh();
  try {
    return await work(engine);
  } finally {
    // for the next scan; the memory of more than two is freed
    if (engine && idle.length < 2) idle.push(engine);
  }
}

function fresh(): ScanEngine | undefined {
  if (compiled === undefined) {
    const bytes = Buffer.from(SCAN_WASM, 'base64');
    compiled = WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
  }
  return compiled ? made(compiled) : undefined;
}

function made(module: WebAssembly.Module): ScanEngine {
  const out = TABLE_BYTES;
  const first = out + OUT_BYTES;
  const size = first + SLOTS * (SLOT_BYTES + ROOM);
  const pages = Math.ceil(size / PAGE);
  const wasm = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const instance = new WebAssembly.Instance(module, { host: { memory: wasm } });
  const { pairs, windows, runs, wides } = Exports.parse({ ...instance.exports });
  const memory = Buffer.from(wasm.buffer);
  const slots = Array.from({ length: SLOTS }, (_, i) => {
    const at = first + i * (SLOT_BYTES + ROOM);
    return memory.subarray(at, at + SLOT_BYTES);
  });
  return {
    pairs,
    windows,
    runs,
    wides,
    memory,
    found: new Uint32Array(wasm.buffer, out, OUT_BYTES / 4),
    out,
    table: 0,
    slots,
    hold(bytes) {
      if (bytes.buffer === wasm.buffer) return bytes.byteOffset;
      if (bytes.length > SLOT_BYTES) throw new RangeError('More bytes than a slot has.');
      bytes.copy(memory, first);
      return first;
    },
  };
}
