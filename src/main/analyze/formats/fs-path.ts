/**
 * Names on Linux are bytes; texts of ours are Unicode. A byte that is part of no valid UTF-8 becomes one character of plane
 * 16's private use area, U+10FE80…U+10FEFF, so that every path has one text, every text leads back to its bytes, and SQLite
 * and JSON keep it (lone surrogates, as Python uses them, survive neither). A name that really holds one of those
 * characters has each of its four bytes written so: nothing can pretend to be such a byte.
 */
const BASE = 0x10fe00;
/** F4 8F BA 80 … F4 8F BB BF: what U+10FE80…U+10FEFF are in UTF-8. */
const STRAY = /[\u{10fe80}-\u{10feff}]/u;
const STRAYS = /[\u{10fe80}-\u{10feff}]/gu;

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const stray = (byte: number): string => String.fromCodePoint(BASE + byte);

/** The bytes of a name as text; see above. */
export function textOfName(bytes: Uint8Array): string {
  try {
    const text = strict.decode(bytes);
    if (!STRAY.test(text)) return text;
  } catch {
    // not UTF-8 as a whole: taken apart below
  }
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequence(bytes, at);
    const char = length === 0 ? '' : strict.decode(bytes.subarray(at, at + length));
    if (length > 0 && !STRAY.test(char)) {
      text += char;
      at += length;
      continue;
    }
    for (const end = at + Math.max(1, length); at < end; at++) text += stray(bytes[at] ?? 0);
  }
  return text;
}

/** The bytes that a text of textOfName stands for. */
export function nameOfText(text: string): Buffer {
  if (!STRAY.test(text)) return Buffer.from(text);
  const parts: Buffer[] = [];
  let from = 0;
  for (const match of text.matchAll(STRAYS)) {
    parts.push(Buffer.from(text.slice(from, match.index)), Buffer.from([(match[0].codePointAt(0) ?? BASE) - BASE]));
    from = match.index + match[0].length;
  }
  return Buffer.concat([...parts, Buffer.from(text.slice(from))]);
}

/** Bytes of the UTF-8 sequence (RFC 3629) that begins there; 0 where none does. */
function sequence(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length < 2) return length;
  for (let i = 1; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1] ?? 0;
  if (first === 0xe0 && second < 0xa0) return 0;
  if (first === 0xed && second > 0x9f) return 0; // a surrogate
  if (first === 0xf0 && second < 0x90) return 0;
  if (first === 0xf4 && second > 0x8f) return 0;
  return length;
}

/** PATH_MAX of Linux, in characters here: longer names are hostile. */
const PATH_MAX = 4096;

/**
 * A member's name in an archive as a path of the file system: absolute, without '.', doubled or final slashes; '/' is the
 * root. Undefined for one that would lead out of the root ('..'), holds a NUL or is longer than Linux takes.
 */
export function pathOfMember(name: string): string | undefined {
  if (name.length > PATH_MAX || name.includes('\0')) return undefined;
  // nearly every name needs nothing done to it
  const clean = name.startsWith('./') ? name.slice(2) : name.startsWith('/') ? name.slice(1) : name;
  if (!/(?:^|\/)\.{0,2}(?:\/|$)/.test(clean)) return `/${clean}`;
  const parts = clean.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') ? undefined : `/${parts.join('/')}`;
}

/** The folder a path is in; '/' of the root too. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** The last part of a path; '/' of the root. */
export function baseOf(path: string): string {
  return path === '/' ? '/' : path.slice(path.lastIndexOf('/') + 1);
}

/** A name below a folder. */
export function within(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}
