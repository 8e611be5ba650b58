/** A row of netstat(8) or ss(8) on a TCP or UDP socket. */
export interface NetstatRow {
  /** 'tcp' or 'udp'; that it is of IPv6 is not kept, as one socket may serve both. */
  protocol: 'tcp' | 'udp';
  listening: boolean;
  localPort: number;
  /** 0 where there is none. */
  remotePort: number;
  /** 1-based line in the text. */
  line: number;
}

const ENDPOINT = /^\S*[\]:.*a-z\d]:(\d{1,5}|\*)$/i;

/**
 * Reads `netstat -an…` (net-tools: Proto Recv-Q Send-Q Local Foreign State; busybox the same) and `ss -an…` (Netid State
 * Recv-Q Send-Q Local Peer). Lines on other sockets are passed over. Undefined where nothing is like either.
 */
export function parseNetstat(text: string): NetstatRow[] | undefined {
  const lines = text.split('\n');
  const isSs = lines.some((line) => /^\s*Netid\s+State\b/.test(line));
  if (!isSs && !lines.some((line) => /^Proto\s+Recv-Q\b/.test(line))) return undefined;
  return lines.flatMap((line, at) => {
    const words = line.trim().split(/\s+/);
    const protocol = /^(tcp|udp)6?$/.exec(words[0] ?? '')?.[1];
    if (protocol !== 'tcp' && protocol !== 'udp') return [];
    const [local = '', remote = ''] = isSs ? [words[4], words[5]] : [words[3], words[4]];
    if (!ENDPOINT.test(local) || !ENDPOINT.test(remote)) return [];
    const state = isSs ? words[1] : words[5];
    const remotePort = port(remote);
    const listening = protocol === 'tcp' ? /^LISTEN$/i.test(state ?? '') : remotePort === 0;
    return [{ protocol, listening, localPort: port(local), remotePort, line: at + 1 }];
  });
}

function port(endpoint: string): number {
  const text = endpoint.slice(endpoint.lastIndexOf(':') + 1);
  return text === '*' ? 0 : Number(text);
}
