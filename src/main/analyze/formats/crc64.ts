/** Polynomial of ISO 3309, reflected, as Go's hash/crc64 ISO table has it; high and low half. */
const POLY_HIGH = 0xd8000000;

const HIGH = new Uint32Array(256);
const LOW = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const odd = low & 1;
    low = ((low >>> 1) | (high << 31)) >>> 0;
    high >>>= 1;
    if (odd) high = (high ^ POLY_HIGH) >>> 0;
  }
  HIGH[byte] = high;
  LOW[byte] = low;
}

/** CRC-64/GO-ISO of what is given to `update`, piece by piece; what tar-split says of each file. No proof against intent. */
export function crc64(): { update(piece: Uint8Array): void; hex(): string } {
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update(piece) {
      for (let i = 0; i < piece.length; i++) {
        const at = (low ^ (piece[i] as number)) & 0xff;
        low = (((low >>> 8) | (high << 24)) ^ (LOW[at] as number)) >>> 0;
        high = ((high >>> 8) ^ (HIGH[at] as number)) >>> 0;
      }
    },
    hex() {
      const word = (half: number) => (~half >>> 0).toString(16).padStart(8, '0');
      return word(high) + word(low);
    },
  };
}
