/** The tables below /proc/PID/net (proc_pid_net(5)). Places are counted from the first byte of what was parsed. */
export interface InetSocket {
  protocol: string;
  /** '127.0.0.1', '::1'. */
  localAddress: string;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
  /** TCP's name of the state; UDP and raw sockets are 'CLOSE' or, when connected, 'ESTABLISHED'. */
  state: string;
  uid: number;
  /** 0 once the socket has no process any more (TIME_WAIT, and connections not yet accepted). */
  inode: number;
  txQueue: number;
  rxQueue: number;
  offset: number;
  length: number;
}

export interface UnixSocket {
  /** 'stream', 'dgram', 'seqpacket'. */
  type: string;
  state: string;
  listening: boolean;
  inode: number;
  /** Empty for unnamed ones; an abstract name begins with '@'. */
  path: string;
  offset: number;
  length: number;
}

export interface PacketSocket {
  /** 'raw' sees whole frames, 'dgram' without their link header. */
  type: string;
  /** EtherType in hex; 0003 is every protocol. */
  protocol: string;
  /** Index of the interface; 0 for all. */
  interfaceIndex: number;
  running: boolean;
  uid: number;
  inode: number;
  offset: number;
  length: number;
}

/** What a table holds, and how many lines were none of its own. */
export interface Table<Row> {
  rows: Row[];
  unreadable: number;
}

/** include/net/tcp_states.h */
const TCP_STATES = [
  'UNKNOWN',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
];

const SOCKET_TYPES: Record<number, string> = { 1: 'stream', 2: 'dgram', 3: 'raw', 5: 'seqpacket', 10: 'packet' };

const INET =
  /^ *\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2}) ([0-9A-F]{8}):([0-9A-F]{8}) [0-9A-F]{2}:[0-9A-F]{8,16} +[0-9A-F]{8} +(\d{1,10}) +\d+ +(\d{1,20})(?: |$)/;

/** Reads net/{tcp,tcp6,udp,udp6,udplite,udplite6,raw,raw6,icmp,icmp6}; `protocol` is the file's name. */
export function parseInet(bytes: Buffer, protocol: string): Table<InetSocket> {
  return table(bytes, INET, (match, place) => ({
    protocol,
    localAddress: hexAddress(match[1] ?? ''),
    localPort: Number.parseInt(match[2] ?? '', 16),
    remoteAddress: hexAddress(match[3] ?? ''),
    remotePort: Number.parseInt(match[4] ?? '', 16),
    state: TCP_STATES[Number.parseInt(match[5] ?? '', 16)] ?? 'UNKNOWN',
    txQueue: Number.parseInt(match[6] ?? '', 16),
    rxQueue: Number.parseInt(match[7] ?? '', 16),
    uid: Number(match[8]),
    inode: Number(match[9]),
    ...place,
  }));
}

const UNIX =
  /^[0-9a-fA-F]{1,16}: ([0-9A-F]{8}) ([0-9A-F]{8}) ([0-9A-F]{8}) ([0-9A-F]{4}) ([0-9A-F]{2}) +(\d{1,20})(?: (.*))?$/s;
/** __SO_ACCEPTCON of include/linux/net.h. */
const ACCEPTS = 0x10000;
const UNIX_STATES = ['FREE', 'UNCONNECTED', 'CONNECTING', 'CONNECTED', 'DISCONNECTING'];

/**
 * Reads net/unix. The kernel prints a path's bytes as they are, and a process may bind a path with a line feed: what
 * follows it is counted in `unreadable`, or is a line made up to look real. So a row proves something only where a
 * process holds its inode.
 */
export function parseUnix(bytes: Buffer): Table<UnixSocket> {
  return table(bytes, UNIX, (match, place) => ({
    type: SOCKET_TYPES[Number.parseInt(match[4] ?? '', 16)] ?? 'unknown',
    state: UNIX_STATES[Number.parseInt(match[5] ?? '', 16)] ?? 'UNKNOWN',
    listening: (Number.parseInt(match[3] ?? '', 16) & ACCEPTS) !== 0,
    inode: Number(match[6]),
    path: match[7] ?? '',
    ...place,
  }));
}

const PACKET = /^[0-9a-fA-F]{1,16} +\d+ +(\d{1,3}) +([0-9a-f]{4}) +(\d{1,10}) +(\d) +\d+ +(\d{1,10}) +(\d{1,20})\s*$/;

/** Reads net/packet: who listens to whole frames. */
export function parsePacket(bytes: Buffer): Table<PacketSocket> {
  return table(bytes, PACKET, (match, place) => ({
    type: SOCKET_TYPES[Number(match[1])] ?? 'unknown',
    protocol: match[2] ?? '',
    interfaceIndex: Number(match[3]),
    running: match[4] === '1',
    uid: Number(match[5]),
    inode: Number(match[6]),
    ...place,
  }));
}

/** The socket's inode in the target of a link like 'socket:[12345]'. */
export function socketInode(target: string): number | undefined {
  const match = /^socket:\[(\d{1,20})\]$/.exec(target);
  return match ? Number(match[1]) : undefined;
}

function table<Row>(
  bytes: Buffer,
  pattern: RegExp,
  row: (match: RegExpExecArray, place: { offset: number; length: number }) => Row,
): Table<Row> {
  const rows: Row[] = [];
  let unreadable = 0;
  // the first line names the columns
  const first = bytes.indexOf(10);
  for (let at = first < 0 ? bytes.length : first + 1; at < bytes.length; ) {
    const feed = bytes.indexOf(10, at);
    const end = feed < 0 ? bytes.length : feed;
    const match = pattern.exec(bytes.toString('utf8', at, end));
    if (match) rows.push(row(match, { offset: at, length: end - at }));
    else if (end > at) unreadable++;
    at = end + 1;
  }
  return { rows, unreadable };
}

/**
 * An address as the kernel prints it: each 32 bits in the byte order of the host, which is little-endian on every
 * machine that Docker is built for but s390x. IPv6 is written as RFC 5952 says, mapped IPv4 as ::ffff:a.b.c.d.
 */
export function hexAddress(hex: string): string {
  const bytes: number[] = [];
  for (let word = 0; word < hex.length; word += 8) {
    for (let byte = 6; byte >= 0; byte -= 2) bytes.push(Number.parseInt(hex.slice(word + byte, word + byte + 2), 16));
  }
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255) {
    return `::ffff:${bytes.slice(12).join('.')}`;
  }
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0)).toString(16));
  return compress(groups);
}

/** RFC 5952 4.2: the longest run of at least two zero groups, the first of equals, becomes '::'. */
function compress(groups: string[]): string {
  let best = { at: -1, length: 1 };
  for (let at = 0; at < groups.length; at++) {
    let length = 0;
    while (groups[at + length] === '0') length++;
    if (length > best.length) best = { at, length };
    at += length;
  }
  if (best.at < 0) return groups.join(':');
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`;
}
