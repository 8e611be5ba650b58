import type { MemoryExhibit, MemorySpaceInfo } from '../../../shared/contract/memory';

/** An address space of an exhibit: a row of the screen, and what its detail is about. */
export interface SpaceRow {
  id: string;
  exhibit: MemoryExhibit;
  space: MemorySpaceInfo;
}

/** Every address space of every exhibit of memory. */
export function spaceRows(exhibits: readonly MemoryExhibit[]): SpaceRow[] {
  return exhibits.flatMap((exhibit) =>
    exhibit.spaces.map((space) => ({ id: `${exhibit.exhibit} ${space.id}`, exhibit, space })),
  );
}

/** Bytes of a row of the hex view. */
export const WIDTH = 16;
/** Bytes that the hex view shows at once. */
export const SHOWN = 64 * WIDTH;

/** '0x7f…' with or without the 0x, as a number; undefined for anything else, and beyond 64 bits. */
export function parseAddress(text: string): bigint | undefined {
  const match = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(text.trim());
  return match ? BigInt(`0x${match[1]}`) : undefined;
}

/** One row of the hex view: `undefined` for a byte that the exhibit does not have. */
export interface HexRow {
  address: bigint;
  bytes: (number | undefined)[];
}

/** Rows of bytes at an address; bytes outside `held` are not shown as zeros, since they are not known. */
export function hexRows(
  address: bigint,
  bytes: Uint8Array,
  held: readonly { from: number; length: number }[],
): HexRow[] {
  const known = (at: number) => held.some(({ from, length }) => at >= from && at < from + length);
  return Array.from({ length: Math.ceil(bytes.length / WIDTH) }, (_, row) => ({
    address: address + BigInt(row * WIDTH),
    bytes: Array.from(bytes.subarray(row * WIDTH, row * WIDTH + WIDTH), (byte, i) =>
      known(row * WIDTH + i) ? byte : undefined,
    ),
  }));
}
