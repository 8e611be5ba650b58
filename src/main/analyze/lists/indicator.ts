import type { Citation } from '../../../shared/domain';

/** What an indicator names. `name`: a file by its name or its whole path. */
export type IndicatorKind = 'sha256' | 'sha1' | 'md5' | 'address' | 'domain' | 'url' | 'name';

/** Something that a list says to look for. */
export interface Indicator {
  kind: IndicatorKind;
  /** In the form in which it is compared: hex, addresses and domains in lower case, without brackets against clicks. */
  value: string;
  /** What the list says of it. Hostile text. */
  note: string;
  /** Its place in the list. */
  cite: Citation;
  /** One of several conditions that the list wants together: by itself it says less. */
  partial: boolean;
}

/** What was read of a list. */
export interface IndicatorList {
  indicators: Indicator[];
  /** Entries that are of no kind that is looked for, or of another form. */
  skipped: number;
  /** In words, for a list that is broken as a whole or in part. */
  fault?: string;
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;
const IPV6 = /^(?=.*:.*:)[0-9a-f:]{2,39}(?:\.\d{1,3}){0,3}$/i;
const DOMAIN = /^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})$/i;
const HASHES: Readonly<Record<number, IndicatorKind>> = { 32: 'md5', 40: 'sha1', 64: 'sha256' };
/** Addresses that every machine has: a list that names one would find everything. */
const EVERYWHERE = /^(?:127\.|0\.0\.0\.0$|255\.255\.255\.255$|::1?$)/;

/** Undoes what lists do against clicks: `hxxp://1[.]2[.]3[.]4`, `example[dot]com`. */
export function refanged(text: string): string {
  return text
    .trim()
    .replace(/^hxxp(s?):/i, 'http$1:')
    .replace(/\[\s?(?:\.|dot)\s?\]|\(\s?(?:\.|dot)\s?\)/gi, '.')
    .replace(/\[:\]/g, ':')
    .replace(/\[(?::\/\/)\]/g, '://');
}

/** What a text names by its form; undefined for none. A bare name is none: only a column or a type can say that it is one. */
export function kindOf(text: string): { kind: IndicatorKind; value: string } | undefined {
  const value = refanged(text);
  if (/^[0-9a-f]+$/i.test(value)) {
    const kind = HASHES[value.length];
    return kind && { kind, value: value.toLowerCase() };
  }
  const port = /^(.*):\d{1,5}$/.exec(value)?.[1];
  const host = port !== undefined && IPV4.test(port) ? port : value.replace(/\/(?:32|128)$/, '');
  if (IPV4.test(host)) return EVERYWHERE.test(host) ? undefined : { kind: 'address', value: host };
  if (IPV6.test(value)) return EVERYWHERE.test(value) ? undefined : { kind: 'address', value: value.toLowerCase() };
  if (/^[a-z][a-z0-9+.-]{1,15}:\/\/\S{4,2000}$/i.test(value)) return { kind: 'url', value };
  if (DOMAIN.test(value)) return { kind: 'domain', value: value.toLowerCase() };
  if (/^\/[^\0]{2,4095}$/.test(value)) return { kind: 'name', value };
  return undefined;
}

/** A name that a list calls one; those of three letters and fewer would find everything. */
export function nameOf(text: string): string | undefined {
  const name = text.trim();
  return name.length > 3 && name.length < 4096 && !name.includes('\0') ? name : undefined;
}
