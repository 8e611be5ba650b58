/** Text that was found in bytes. */
export interface FoundText {
  /** Of its first byte, from the first byte that was given. */
  at: number;
  /** In bytes. */
  length: number;
  encoding: 'ascii' | 'utf16le';
  text: string;
}

/** A longer text is given in pieces, each with its own place. */
export const TEXT_MAX = 16 * 1024;

/** 1: shows on a terminal, as strings(1) takes it: blank to tilde, and tab. */
const PRINTS = Uint8Array.from({ length: 256 }, (_, byte) => ((byte >= 0x20 && byte < 0x7f) || byte === 9 ? 1 : 0));

/**
 * Takes bytes in pieces that follow each other, tells text of at least `least` characters: ASCII, and UTF-16LE of ASCII characters (at
 * even and odd places). Texts go on over pieces. `end` tells what is still open, and begins anew. Each kind comes in the order
 * of its places. `tell` gives false to be told nothing more.
 */
export function stringsReader(least: number, tell: (found: FoundText) => boolean) {
  let at = 0; // of the next byte
  let told = true;
  let ascii = '';
  let asciiAt = 0;
  // UTF-16 at even and odd places: two texts may be open at once
  const wide = ['', ''];
  const wideAt = [0, 0];
  let before = -1; // the byte before

  const give = (found: FoundText): void => {
    if (told) told = tell(found);
  };
  const closeAscii = () => {
    if (ascii.length >= least) give({ at: asciiAt, length: ascii.length, encoding: 'ascii', text: ascii });
    ascii = '';
  };
  const closeWide = (parity: number) => {
    const text = wide[parity] as string;
    if (text.length >= least)
      give({ at: wideAt[parity] as number, length: text.length * 2, encoding: 'utf16le', text });
    wide[parity] = '';
  };

  function push(bytes: Buffer): void {
    let start = ascii === '' ? -1 : 0; // of the ASCII run in this piece
    for (let i = 0; i < bytes.length && told; i++) {
      const byte = bytes[i] as number;
      if (PRINTS[byte] === 1) {
        if (start < 0) {
          start = i;
          asciiAt = at + i;
        } else if (ascii.length + i - start >= TEXT_MAX) {
          ascii += bytes.toString('latin1', start, i);
          closeAscii();
          start = i;
          asciiAt = at + i;
        }
      } else {
        if (start >= 0) {
          if (ascii !== '' || i - start >= least) ascii += bytes.toString('latin1', start, i);
          closeAscii();
          start = -1;
        }
        // a pair of a character and NUL ends here, one that began at the byte before
        if (byte === 0 && before >= 0 && PRINTS[before] === 1) {
          const parity = (at + i - 1) & 1;
          const open = wide[parity] as string;
          const follows = open !== '' && (wideAt[parity] as number) + open.length * 2 === at + i - 1;
          if (open !== '' && (!follows || open.length >= TEXT_MAX)) closeWide(parity);
          if (wide[parity] === '') wideAt[parity] = at + i - 1;
          wide[parity] += String.fromCharCode(before);
        } else if (byte === 0) {
          // two NULs in a row end both
          if (wide[0] !== '') closeWide(0);
          if (wide[1] !== '') closeWide(1);
        }
      }
      before = byte;
    }
    if (start >= 0) ascii += bytes.toString('latin1', start, bytes.length);
    at += bytes.length;
  }

  function end(): void {
    closeAscii();
    closeWide(0);
    closeWide(1);
    before = -1;
  }

  /** Whether more is wanted. */
  return { push, end, wanted: () => told };
}
