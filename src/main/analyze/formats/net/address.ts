/** The text of an address of four words, as RFC 5952 writes it; the last word alone of an IPv4 one. */
export function addressText(words: ArrayLike<number>, at: number): string {
  const [a, b, c, d] = [words[at], words[at + 1], words[at + 2], words[at + 3]] as [number, number, number, number];
  if (a === 0 && b === 0 && c === 0xffff) return `${d >>> 24}.${(d >>> 16) & 255}.${(d >>> 8) & 255}.${d & 255}`;
  const groups = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff, c >>> 16, c & 0xffff, d >>> 16, d & 0xffff];
  // the longest run of zeros, the first of equals, and of two at least
  let best = { from: -1, length: 1 };
  for (let from = 0; from < 8; from++) {
    let length = 0;
    while (from + length < 8 && groups[from + length] === 0) length++;
    if (length > best.length) best = { from, length };
  }
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  if (best.from < 0) return hex(groups);
  return `${hex(groups.slice(0, best.from))}::${hex(groups.slice(best.from + best.length))}`;
}

/** Whether an address stays in the machine or the local network: loopback, private (RFC 1918, 4193), link-local, multicast. */
export function isLocal(address: string): boolean {
  if (address.includes(':')) return /^(?:::1?$|f[cd]|fe[89ab]|ff)/i.test(address);
  const [a = 0, b = 0] = address.split('.').map(Number);
  return (
    a === 10 ||
    a === 127 ||
    a === 0 ||
    a >= 224 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254)
  );
}

/** 'address:port', the address in brackets where it has colons. */
export function endText(address: string, port: number | null): string {
  if (port === null) return address;
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
