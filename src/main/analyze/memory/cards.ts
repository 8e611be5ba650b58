/** Where something that may be a payment card's number stands. */
export interface CardPlace {
  at: number;
  length: number;
  /** Digits alone. */
  value: string;
}

/** Digits of the shortest. */
export const CARD_LEAST = 13;
const MOST = 19;

/**
 * Numbers of 13 to 19 digits, with single blanks or dashes between groups, that begin as issuers' numbers do (ISO/IEC 7812: 3 to
 * 6, and 2221–2720), have the right check digit (Luhn), and are not part of a longer number. Those of one digit repeated are left out.
 */
export function* cardsIn(bytes: Buffer, from: number, own: number): Generator<CardPlace> {
  let taken = -1; // where the last one ended
  for (let at = from; at < own; at++) {
    const first = bytes[at] as number;
    if (first < 0x32 || first > 0x36) continue;
    const before = at > 0 ? (bytes[at - 1] as number) : 0;
    const inGroups = at > 1 && isSeparator(before) && isDigit(bytes[at - 2] as number) && taken !== at - 1;
    const end = isWord(before) || inGroups ? undefined : endOf(bytes, at);
    if (end !== undefined) {
      yield { at, length: end - at, value: bytes.toString('latin1', at, end).replaceAll(/[ -]/g, '') };
      taken = end;
      at = end - 1;
    } else {
      // what follows of these digits is inside the same number
      while (at + 1 < own && isDigit(bytes[at + 1] as number)) at++;
    }
  }
}

/** Where a card's number that begins here ends: at the first end of a group of digits that makes one. */
function endOf(bytes: Buffer, at: number): number | undefined {
  let digits = '';
  let separators = 0;
  for (let end = at; digits.length <= MOST; end++) {
    const byte = bytes[end] ?? 0;
    if (isDigit(byte)) {
      digits += String.fromCharCode(byte);
      continue;
    }
    if (digits.length >= CARD_LEAST && digits.length <= MOST && !isWord(byte) && fits(digits, separators)) return end;
    if (!isSeparator(byte) || !isDigit(bytes[end + 1] ?? 0) || separators === 3) return undefined;
    separators++;
  }
  return undefined;
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isSeparator = (byte: number): boolean => byte === 0x20 || byte === 0x2d;
const isWord = (byte: number): boolean =>
  isDigit(byte) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f || byte === 0x2e;

function fits(digits: string, separators: number): boolean {
  if (/^(\d)\1+$/.test(digits)) return false;
  if (digits.startsWith('2') && !(Number(digits.slice(0, 4)) >= 2221 && Number(digits.slice(0, 4)) <= 2720))
    return false;
  // in groups, as cards print it: 4-4-4-4 or 4-6-5
  if (separators > 0 && separators !== 2 && separators !== 3) return false;
  return luhn(digits);
}

/** ISO/IEC 7812-1, annex B. */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30;
    const twice = digit * 2;
    sum += i % 2 === 0 ? digit : twice > 9 ? twice - 9 : twice;
  }
  return digits.length > 0 && sum % 10 === 0;
}
