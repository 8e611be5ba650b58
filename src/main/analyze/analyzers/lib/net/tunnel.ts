/** A name that was asked for, with its packet. */
export interface DnsName {
  name: string;
  at: number;
  length: number;
  type: string;
}

export interface TunnelSigns<T extends DnsName = DnsName> {
  names: T[];
  /** To follow "names that". */
  why: string;
  strong: boolean;
}

/** A label that is hexadecimal or base32, and long enough not to be a word. */
const CODED = /^(?:[0-9a-f]{10,}|[a-z2-7]{24,}|[A-Za-z0-9+/_-]{32,})$/;
/** Names of machines that content networks make, and reverse lookups. */
const USUAL =
  /\.(?:in-addr\.arpa|ip6\.arpa|amazonaws\.com|cloudfront\.net|akamai\w*\.net|azure\.com|windows\.net|googleusercontent\.com)$/i;

/** Shannon's entropy of a text, bits a character. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/**
 * Whether the names that one client asked for below one domain look like carried data: labels that are hexadecimal text or
 * long codes, or very many names. Undefined where they do not.
 */
export function tunnelSigns<T extends DnsName>(names: readonly T[]): TunnelSigns<T> | undefined {
  const kept = names.filter(({ name }) => !USUAL.test(name));
  const first = ({ name }: DnsName) => name.split('.')[0] ?? '';
  const readable = kept.filter((one) => isHexText(first(one)));
  if (readable.length > 0) {
    return {
      names: readable,
      why: 'begin with hexadecimal digits which spell readable text',
      strong: readable.length > 1,
    };
  }
  const coded = kept.filter((one) => CODED.test(first(one)) && entropy(first(one)) > 2.5);
  if (coded.length >= 3) return { names: coded, why: 'begin with a long code', strong: coded.length >= 20 };
  const long = kept.filter(({ name }) => name.length > 80);
  if (long.length >= 3) return { names: long, why: 'are longer than 80 characters', strong: long.length >= 20 };
  if (new Set(kept.map(({ name }) => name)).size >= 200) {
    return { names: kept, why: 'are each asked for once or a few times', strong: false };
  }
  return undefined;
}

/** Hexadecimal that decodes to at least five printable characters: '637573746f6d657273' is 'customers'. */
function isHexText(label: string): boolean {
  if (label.length < 8 || label.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(label) || !/[a-f]/i.test(label)) return false;
  return /^[\x20-\x7e\r\n\t]+$/.test(Buffer.from(label, 'hex').toString('latin1'));
}
