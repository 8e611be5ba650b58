import { LadingError } from './errors';

/** A place in an exhibit, parsed. See domain/finding.ts for the text form. */
export type Place =
  | { kind: 'json'; pointer: string }
  | { kind: 'bytes'; offset: number; length: number }
  /** Bytes of what comes out where the exhibit, or a piece of it, is unpacked; `via` says how to get there: see INSIDE. */
  | { kind: 'inside'; via: string; offset: number; length: number }
  | { kind: 'line'; line: number }
  | { kind: 'whole' };

/**
 * Steps to bytes that are packed, each of what the step before gives: `unpacked!bytes:512+9` are nine bytes of the unpacked exhibit
 * (gzip, RFC 1952; Zstandard, RFC 8878), `bytes:1024+700!unpacked!bytes:512+9` of the unpacked piece that lies there.
 */
const INSIDE = /^((?:bytes:\d+\+\d+!)?unpacked(?:!bytes:\d+\+\d+!unpacked){0,2})!bytes:(\d+)\+(\d+)$/;

/** Reads a locator's text form; throws BAD_INPUT for anything else. */
export function parseLocator(text: string): Place {
  if (text === 'whole') return { kind: 'whole' };
  if (text.startsWith('json:')) return { kind: 'json', pointer: text.slice(5) };
  const bytes = /^bytes:(\d+)\+(\d+)$/.exec(text);
  if (bytes) return { kind: 'bytes', offset: Number(bytes[1]), length: Number(bytes[2]) };
  const inside = INSIDE.exec(text);
  if (inside) return { kind: 'inside', via: inside[1] ?? '', offset: Number(inside[2]), length: Number(inside[3]) };
  const line = /^line:(\d+)$/.exec(text);
  if (line) return { kind: 'line', line: Number(line[1]) };
  throw new LadingError('BAD_INPUT', `"${text}" is not a place in an exhibit.`, {
    advice: 'Use json:/pointer, bytes:offset+length, unpacked!bytes:offset+length, line:n or whole.',
  });
}

/** The text of bytes of an exhibit, or of what is unpacked from it by `via`. */
export function bytesAt({ offset, length }: { offset: number; length: number }, via?: string): string {
  return `${via === undefined ? '' : `${via}!`}bytes:${offset}+${length}`;
}

/** Joins keys to an RFC 6901 pointer locator: jsonAt('HostConfig', 'Binds', 0) → `json:/HostConfig/Binds/0`. */
export function jsonAt(...keys: (string | number)[]): string {
  return `json:${keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`;
}

/** The value a pointer names, or undefined where there is none. */
export function atPointer(value: unknown, pointer: string): unknown {
  let here = value;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (here === null || typeof here !== 'object' || !Object.hasOwn(here, key)) return undefined;
    // of an array the pointer names items, not its length
    if (Array.isArray(here) && !/^(?:0|[1-9]\d*)$/.test(key)) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}
