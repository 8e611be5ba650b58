/** What is known of the header that is being shown; one for all packets, so it is good during the call alone. */
export interface Header {
  version: 4 | 6;
  /** Source and destination, four words each, most significant first; an IPv4 address is the last word of ::ffff:0:0/96. */
  readonly words: Uint32Array;
  /** Protocol after extension headers. */
  protocol: number;
  sport: number;
  dport: number;
  /** TCP: flags, sequence and acknowledgement numbers. */
  flags: number;
  seq: number;
  ack: number;
  /** What the header carries: `bytes[from, to)` of what was captured. */
  bytes: Buffer;
  from: number;
  to: number;
  /** Bytes that it carried on the wire, of TCP. */
  carried: number;
  /** How many IP headers are around it. */
  depth: number;
}

/** Told of every header of a packet, the outer before the inner. */
export interface HeaderSink {
  ip(header: Header): void;
  tcp(header: Header): void;
  udp(header: Header): void;
  /** ICMP and ICMPv6; `flags` is the type, `sport` the code. */
  icmp(header: Header): void;
}

/** Packets that were not wholly understood, by what stopped it. */
export interface Odd {
  /** Not IP: by EtherType, as 'arp', '0x88cc', 'LLC'. */
  readonly other: Map<string, number>;
  /** Lengths or versions that contradict each other. */
  malformed: number;
  /** A link type that is not read. */
  link: number;
}

/** Link types (tcpdump.org/linktypes.html) that are read. */
export const LINKS: ReadonlyMap<number, string> = new Map([
  [0, 'null'],
  [1, 'Ethernet'],
  [12, 'raw IP'],
  [14, 'raw IP'],
  [101, 'raw IP'],
  [108, 'loop'],
  [113, 'Linux cooked'],
  [228, 'raw IPv4'],
  [229, 'raw IPv6'],
  [276, 'Linux cooked v2'],
]);

/** One for all packets of a reader. */
export function emptyHeader(): Header {
  return {
    version: 4,
    words: new Uint32Array(8),
    protocol: 0,
    sport: 0,
    dport: 0,
    flags: 0,
    seq: 0,
    ack: 0,
    bytes: Buffer.alloc(0),
    from: 0,
    to: 0,
    carried: 0,
    depth: 0,
  };
}

/** Big-endian, unchecked: the checked calls of Buffer are half of the time. */
export const u16 = (bytes: Buffer, at: number) => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
export const u32 = (bytes: Buffer, at: number) =>
  (((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)) >>>
  0;
