/** A row of netstat(8) or ss(8) on a TCP or UDP socket. */
export interface NetstatRow {
  /** 'tcp' or 'udp'; that it is of IPv6 is not kept, as one socket may serve both. */
  protocol: 'tcp' | 'udp';
  listening: boolean;
  /** As printed, without brackets and zone. */
  localAddress: string;
  localPort: number;
  remoteAddress: string;
  /** 0 where there is none. */
  remotePort: number;
  /** 1-based line in the text. */
  line: number;
}

const ENDPOINT = /^(\S*[\]:.*a-z\d]):(\d{1,5}|\*)$/i;

/**
 * Reads `netstat -an…` (net-tools: Proto Recv-Q Send-Q Local Foreign State; busybox the same) and `ss -an…` (Netid State
 * Recv-Q Send-Q Local Peer). Lines on other sockets are passed over; those on TCP and UDP that cannot be read are counted.
 * Undefined where nothing is like either.
 */
export function parseNetstat(text: string): { rows: NetstatRow[]; unreadable: number } | undefined {
  const lines = text.split('\n');
  const isSs = lines.some((line) => /^\s*Netid\s+State\b/.test(line));
  if (!isSs && !lines.some((line) => /^Proto\s+Recv-Q\b/.test(line))) return undefined;
  const rows: NetstatRow[] = [];
  let unreadable = 0;
  for (const [at, line] of lines.entries()) {
    const words = line.trim().split(/\s+/);
    const protocol = /^(tcp|udp)6?$/.exec(words[0] ?? '')?.[1];
    if (protocol !== 'tcp' && protocol !== 'udp') continue;
    const local = endpointOf(isSs ? words[4] : words[3]);
    const remote = endpointOf(isSs ? words[5] : words[4]);
    if (!local || !remote) {
      unreadable += 1;
      continue;
    }
    const state = isSs ? words[1] : words[5];
    rows.push({
      protocol,
      listening: protocol === 'tcp' ? /^LISTEN$/i.test(state ?? '') : remote.port === 0,
      localAddress: local.address,
      localPort: local.port,
      remoteAddress: remote.address,
      remotePort: remote.port,
      line: at + 1,
    });
  }
  return { rows, unreadable };
}

function endpointOf(word = ''): { address: string; port: number } | undefined {
  const [, address = '', port = ''] = ENDPOINT.exec(word) ?? [];
  if (address === '') return undefined;
  return { address: address.replace(/^\[|\]$/g, '').replace(/%[^\]]*\]?$/, ''), port: port === '*' ? 0 : Number(port) };
}

/** net-tools and busybox give address and port 22 columns and leave out what is too much of the address. */
const COLUMNS = 20;

/**
 * Whether an address of a row may be that of a socket. All that say "any" are one: which of '*', '0.0.0.0' and '::' is shown
 * differs between the programs. An IPv6 address may be cut where netstat has no more room.
 */
export function sameAddress(told: string, port: number, real: string): boolean {
  const [a, b] = [canonical(told), canonical(real)];
  if (a === b) return true;
  const cut = told.includes(':') && told.length + String(port).length >= COLUMNS;
  return cut && real.toLowerCase().startsWith(told.toLowerCase());
}

/** Small letters, RFC 5952; a mapped IPv4 address is the IPv4 one. */
function canonical(address: string): string {
  const text = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  if (text === '*' || text === '0.0.0.0' || text === '::') return '*';
  if (!text.includes(':')) return text;
  try {
    return new URL(`http://[${text}]`).hostname.slice(1, -1);
  } catch {
    return text;
  }
}
