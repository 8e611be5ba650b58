/** A word that a list has, with its place in the stream. */
export interface TokenHit {
  token: string;
  offset: number;
  length: number;
}

/** Bytes of which words are made: letters, digits and . : _ - in the classes of this table. */
const WORD = new Uint8Array(256);
for (let byte = 0; byte < 128; byte++) {
  if (/[A-Za-z0-9_-]/.test(String.fromCharCode(byte))) WORD[byte] = 1;
}
WORD[0x2e] = 2; // .
WORD[0x3a] = 3; // :

const LONGEST = 300;

/**
 * Finds words of a list in bytes of any kind, piece by piece: addresses, domains (and names below them), digests. A byte is
 * looked at once, so hostile bytes cost no more than others. `has` is asked with the word in lower case.
 */
export function tokenScanner(has: (token: string) => boolean, take: (hit: TokenHit) => void) {
  let begun = -1; // where the word begins, in the stream
  let word = '';
  let dots = 0;
  let colons = 0;
  let at = 0;

  function ended(): void {
    const length = word.length;
    if (length >= 4 && length <= LONGEST && (dots > 0 || colons > 1 || length === 32 || length === 40 || length === 64))
      look();
    begun = -1;
    word = '';
    dots = 0;
    colons = 0;
  }

  function look(): void {
    const whole = word.toLowerCase();
    // a sentence's full stop, 'key:value', '10.0.0.9:4444'
    const from = /^[.:_-]*/.exec(whole)?.[0].length ?? 0;
    let text = whole.slice(from).replace(/[.:-]+$/, '');
    if (tried(text, from)) return;
    const ported = /^([^:]+):\d{1,5}$/.exec(text)?.[1];
    if (ported !== undefined && tried(ported, from)) return;
    for (let colon = text.indexOf(':'); colon !== -1; colon = text.indexOf(':', colon + 1)) {
      const after = text.slice(colon + 1);
      if (tried(after, from + colon + 1)) return;
      const bare = /^([^:]+):\d{1,5}$/.exec(after)?.[1];
      if (bare !== undefined && tried(bare, from + colon + 1)) return;
    }
    text = ported ?? text;
    // www.evil.example is below evil.example; an address has nothing above it
    if (!/[a-z]/.test(text.slice(text.lastIndexOf('.') + 1))) return;
    for (let dot = text.indexOf('.'); dot !== -1; dot = text.indexOf('.', dot + 1)) {
      const above = text.slice(dot + 1);
      if (above.includes('.') && tried(above, from + dot + 1)) return;
    }
  }

  function tried(token: string, from: number): boolean {
    if (token.length < 4 || !has(token)) return false;
    take({ token, offset: begun + from, length: token.length });
    return true;
  }

  return {
    push(piece: Buffer): void {
      let from = begun >= 0 ? 0 : -1;
      for (let i = 0; i < piece.length; i++) {
        const kind = WORD[piece[i] as number];
        if (kind !== 0) {
          if (from < 0) {
            from = i;
            begun = at + i;
          }
          if (kind === 2) dots++;
          else if (kind === 3) colons++;
        } else if (from >= 0) {
          // beyond the longest nothing of it is kept
          if (word.length <= LONGEST) word += piece.toString('latin1', from, Math.min(i, from + LONGEST + 1));
          ended();
          from = -1;
        }
      }
      if (from >= 0 && word.length <= LONGEST) word += piece.toString('latin1', from, from + LONGEST + 1);
      at += piece.length;
    },
    end(): void {
      if (begun >= 0) ended();
    },
  };
}
