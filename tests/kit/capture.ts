/** Makes captures packet by packet: pcap and pcapng, any link, any nesting. Times in µs, lengths as they come out. */
export interface MadePacket {
  us: number;
  bytes: Buffer;
  /** On the wire, where it was longer than what was captured. */
  original?: number;
}

export function ipBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const all = tail === undefined ? before : [...before, ...Array(8 - before.length - after.length).fill(0), ...after];
  const bytes = Buffer.alloc(16);
  for (const [i, group] of all.entries()) bytes.writeUInt16BE(group, i * 2);
  return bytes;
}

export function ip(
  source: string,
  target: string,
  protocol: number,
  body: Buffer,
  more: { id?: number; part?: number; options?: Buffer } = {},
): Buffer {
  if (source.includes(':')) {
    const head = Buffer.alloc(40);
    head[0] = 0x60;
    head.writeUInt16BE(body.length, 4);
    head[6] = protocol;
    head[7] = 64;
    ipBytes(source).copy(head, 8);
    ipBytes(target).copy(head, 24);
    return Buffer.concat([head, body]);
  }
  const options = more.options ?? Buffer.alloc(0);
  const head = Buffer.alloc(20);
  head[0] = 0x40 | ((20 + options.length) / 4);
  head.writeUInt16BE(20 + options.length + body.length, 2);
  head.writeUInt16BE(more.id ?? 0, 4);
  head.writeUInt16BE(more.part ?? 0, 6);
  head[8] = 64;
  head[9] = protocol;
  ipBytes(source).copy(head, 12);
  ipBytes(target).copy(head, 16);
  return Buffer.concat([head, options, body]);
}

export function udp(sport: number, dport: number, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(sport, 0);
  head.writeUInt16BE(dport, 2);
  head.writeUInt16BE(8 + body.length, 4);
  return Buffer.concat([head, body]);
}

export const FLAG = { fin: 1, syn: 2, rst: 4, push: 8, ack: 16 };

export function tcp(
  sport: number,
  dport: number,
  seq: number,
  ack: number,
  flags: number,
  body: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt16BE(sport, 0);
  head.writeUInt16BE(dport, 2);
  head.writeUInt32BE(seq >>> 0, 4);
  head.writeUInt32BE(ack >>> 0, 8);
  head[12] = 0x50;
  head[13] = flags;
  head.writeUInt16BE(65_535, 14);
  return Buffer.concat([head, body]);
}

export function ethernet(body: Buffer, options: { type?: number; vlans?: number[] } = {}): Buffer {
  const type = options.type ?? ((body[0] as number) >> 4 === 6 ? 0x86dd : 0x0800);
  const tags = (options.vlans ?? []).flatMap((vlan, i, all) => [all.length > 1 && i === 0 ? 0x88a8 : 0x8100, vlan]);
  const head = Buffer.alloc(12 + tags.length * 2 + 2);
  head.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]);
  for (const [i, value] of [...tags, type].entries()) head.writeUInt16BE(value, 12 + i * 2);
  return Buffer.concat([head, body]);
}

export function vxlan(vni: number, frame: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head[0] = 8;
  head.writeUIntBE(vni, 4, 3);
  return Buffer.concat([head, frame]);
}

export function pcap(
  packets: readonly MadePacket[],
  options: { little?: boolean; nano?: boolean; link?: number; snap?: number } = {},
): Buffer {
  const { little = true, nano = false, link = 1, snap = 262_144 } = options;
  const u32 = (...values: number[]) => {
    const bytes = Buffer.alloc(values.length * 4);
    for (const [i, value] of values.entries())
      little ? bytes.writeUInt32LE(value >>> 0, i * 4) : bytes.writeUInt32BE(value >>> 0, i * 4);
    return bytes;
  };
  const version = Buffer.alloc(4);
  if (little) version.writeUInt32LE(0x00040002);
  else version.writeUInt32BE(0x00020004);
  return Buffer.concat([
    u32(nano ? 0xa1b23c4d : 0xa1b2c3d4),
    version,
    u32(0, 0, snap, link),
    ...packets.flatMap(({ us, bytes, original }) => {
      const taken = bytes.subarray(0, snap);
      return [u32(Math.floor(us / 1e6), (us % 1e6) * (nano ? 1000 : 1), taken.length, original ?? bytes.length), taken];
    }),
  ]);
}

export function pcapng(
  packets: readonly MadePacket[],
  options: { little?: boolean; resolution?: number; link?: number; drops?: number } = {},
): Buffer {
  const { little = true, resolution = 6, link = 1, drops } = options;
  const u32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    little ? bytes.writeUInt32LE(value >>> 0) : bytes.writeUInt32BE(value >>> 0);
    return bytes;
  };
  const u16 = (value: number) => {
    const bytes = Buffer.alloc(2);
    little ? bytes.writeUInt16LE(value) : bytes.writeUInt16BE(value);
    return bytes;
  };
  const block = (type: number, ...parts: Buffer[]) => {
    const body = Buffer.concat(parts);
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    const size = u32(12 + padded.length);
    return Buffer.concat([u32(type), size, padded, size]);
  };
  const long = (value: bigint) => {
    const [high, low] = [u32(Number(value >> 32n)), u32(Number(value & 0xffffffffn))];
    return little ? [low, high] : [high, low];
  };
  const wide = Buffer.alloc(8, 0xff);
  const parts = [
    block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), wide),
    block(
      1,
      u16(link),
      u16(0),
      u32(0),
      u16(2),
      u16(4),
      Buffer.from('eth0'),
      u16(9),
      u16(1),
      Buffer.from([resolution, 0, 0, 0]),
      u16(0),
      u16(0),
    ),
    ...packets.map(({ us, bytes, original }) => {
      const ticks =
        resolution >= 0x80
          ? (BigInt(us) * (1n << BigInt(resolution & 0x7f))) / 1_000_000n
          : (BigInt(us) * 10n ** BigInt(resolution)) / 1_000_000n;
      return block(
        6,
        u32(0),
        u32(Number(ticks >> 32n)),
        u32(Number(ticks & 0xffffffffn)),
        u32(bytes.length),
        u32(original ?? bytes.length),
        bytes,
      );
    }),
  ];
  if (drops !== undefined)
    parts.push(block(5, u32(0), u32(0), u32(0), u16(5), u16(8), ...long(BigInt(drops)), u16(0), u16(0)));
  return Buffer.concat(parts);
}

/** A DNS message with one question and, of a response, its addresses. */
export function dns(
  id: number,
  name: string,
  options: { type?: number; answers?: string[]; code?: number } = {},
): Buffer {
  const label = Buffer.concat([
    ...name.split('.').map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)])),
    Buffer.from([0]),
  ]);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE((options.answers || options.code ? 0x8180 : 0x0100) | (options.code ?? 0), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(options.answers?.length ?? 0, 6);
  const question = Buffer.concat([label, Buffer.from([0, options.type ?? 1, 0, 1])]);
  const answers = (options.answers ?? []).map((address) => {
    const data = ipBytes(address);
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(data.length === 16 ? 28 : 1, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt32BE(60, 6);
    record.writeUInt16BE(data.length, 10);
    return Buffer.concat([record, data]);
  });
  return Buffer.concat([head, question, ...answers]);
}

/** A TCP connection of such turns: 'a' is the client. Segments of at most `mss` bytes; gives its packets and the time after them. */
export function connection(
  options: {
    client: string;
    server: string;
    sport: number;
    dport: number;
    us: number;
    step?: number;
    mss?: number;
    seq?: number;
    close?: boolean;
  },
  turns: readonly { way: 'a' | 'b'; body: Buffer | string; wait?: number }[],
  wrap: (packet: Buffer) => Buffer = ethernet,
): MadePacket[] {
  const { client, server, sport, dport, step = 1000, mss = 1400 } = options;
  const seq = { a: options.seq ?? 1000, b: (options.seq ?? 1000) + 0x70000000 };
  let us = options.us;
  const packets: MadePacket[] = [];
  const send = (way: 'a' | 'b', flags: number, body: Buffer = Buffer.alloc(0)) => {
    const other = way === 'a' ? 'b' : 'a';
    const ports: [number, number] = way === 'a' ? [sport, dport] : [dport, sport];
    const ends: [string, string] = way === 'a' ? [client, server] : [server, client];
    const segment = tcp(...ports, seq[way], flags & FLAG.ack ? seq[other] : 0, flags, body);
    packets.push({ us, bytes: wrap(ip(...ends, 6, segment)) });
    seq[way] += body.length + (flags & (FLAG.syn | FLAG.fin) ? 1 : 0);
    us += step;
  };
  send('a', FLAG.syn);
  send('b', FLAG.syn | FLAG.ack);
  send('a', FLAG.ack);
  for (const { way, body, wait = 0 } of turns) {
    us += wait;
    const bytes = Buffer.from(body);
    for (let at = 0; at < bytes.length; at += mss) send(way, FLAG.ack | FLAG.push, bytes.subarray(at, at + mss));
    send(way === 'a' ? 'b' : 'a', FLAG.ack);
  }
  if (options.close ?? true) {
    send('a', FLAG.fin | FLAG.ack);
    send('b', FLAG.fin | FLAG.ack);
    send('a', FLAG.ack);
  }
  return packets;
}
