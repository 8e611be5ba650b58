import { type Fragments, fragmentStore } from './fragments';
import { emptyHeader, type HeaderSink, type Odd, u16, u32 } from './header';

const DEPTH = 8;
const OTHER_MAX = 200;

/** Reads the headers of packets; gives a function that takes one, and counts of what was not understood. Never throws. */
export function packetReader(sink: HeaderSink): {
  read(bytes: Buffer, start: number, end: number, link: number): void;
  odd: Odd;
  fragments: Fragments;
} {
  const odd: Odd = { other: new Map(), malformed: 0, link: 0 };
  const fragments = fragmentStore();
  const head = emptyHeader();
  const { words } = head;

  const count = (name: string) => {
    if (odd.other.size < OTHER_MAX || odd.other.has(name)) odd.other.set(name, (odd.other.get(name) ?? 0) + 1);
  };

  function read(bytes: Buffer, start: number, end: number, link: number): void {
    head.depth = 0;
    head.bytes = bytes;
    switch (link) {
      case 1: {
        ethernet(bytes, start, end);
        return;
      }
      case 113:
        if (end - start < 16) {
          short();
          return;
        }
        {
          etherType(bytes, start + 16, end, u16(bytes, start + 14));
          return;
        }
      case 276:
        if (end - start < 20) {
          short();
          return;
        }
        {
          etherType(bytes, start + 20, end, u16(bytes, start));
          return;
        }
      case 0:
      case 108: // the address family's byte order is that of the machine: the IP version says the same
        {
          rawIp(bytes, start + 4, end);
          return;
        }
      case 12:
      case 14:
      case 101:
      case 228:
      case 229: {
        rawIp(bytes, start, end);
        return;
      }
      default:
        odd.link++;
    }
  }

  function short(): void {
    odd.malformed++;
  }

  function rawIp(bytes: Buffer, start: number, end: number): void {
    if (start >= end) {
      short();
      return;
    }
    const version = (bytes[start] as number) >> 4;
    if (version === 4) ipv4(bytes, start, end);
    else if (version === 6) ipv6(bytes, start, end);
    else short();
  }

  function ethernet(bytes: Buffer, start: number, end: number): void {
    if (end - start < 14) {
      short();
      return;
    }
    etherType(bytes, start + 14, end, u16(bytes, start + 12));
  }

  function etherType(bytes: Buffer, start: number, end: number, first: number): void {
    let type = first;
    let at = start;
    // 802.1Q, 802.1ad and the older QinQ, as many as there are
    while (type === 0x8100 || type === 0x88a8 || type === 0x9100) {
      if (end - at < 4) {
        short();
        return;
      }
      type = u16(bytes, at + 2);
      at += 4;
    }
    if (type === 0x0800) ipv4(bytes, at, end);
    else if (type === 0x86dd) ipv6(bytes, at, end);
    else if (type === 0x0806) count('arp');
    else if (type < 0x600) count('LLC');
    else count(`0x${type.toString(16).padStart(4, '0')}`);
  }

  function ipv4(bytes: Buffer, start: number, end: number): void {
    if (end - start < 20 || (bytes[start] as number) >> 4 !== 4) {
      short();
      return;
    }
    const size = ((bytes[start] as number) & 15) * 4;
    const total = u16(bytes, start + 2);
    // 0: the card cuts the segment later (TSO), so the whole packet is it
    if (size < 20 || (total !== 0 && total < size)) {
      short();
      return;
    }
    head.version = 4;
    words[0] = words[1] = words[4] = words[5] = 0;
    words[2] = words[6] = 0xffff;
    words[3] = u32(bytes, start + 12);
    words[7] = u32(bytes, start + 16);
    const protocol = bytes[start + 9] as number;
    head.protocol = protocol;
    sink.ip(head);
    const part = u16(bytes, start + 6);
    const from = start + size;
    const to = total === 0 ? end : Math.min(end, start + total);
    if ((part & 0x3fff) !== 0) {
      const whole = fragments.add(
        words,
        (protocol << 16) | u16(bytes, start + 4),
        (part & 0x1fff) * 8,
        (part & 0x2000) !== 0,
        bytes,
        from,
        to,
        total - size,
      );
      if (whole) above(whole, 0, whole.length, whole.length, protocol);
      return;
    }
    above(bytes, from, to, total === 0 ? end - from : total - size, protocol);
  }

  function ipv6(bytes: Buffer, start: number, end: number): void {
    if (end - start < 40 || (bytes[start] as number) >> 4 !== 6) {
      short();
      return;
    }
    head.version = 6;
    for (let i = 0; i < 8; i++) words[i] = u32(bytes, start + 8 + i * 4);
    const size = u16(bytes, start + 4);
    const limit = size === 0 ? end : Math.min(end, start + 40 + size);
    let next = bytes[start + 6] as number;
    let at = start + 40;
    head.protocol = next;
    sink.ip(head);
    // RFC 8200 section 4: hop-by-hop, routing, destination options; fragment; authentication (RFC 4302)
    for (let n = 0; n < 16; n++) {
      if (next === 0 || next === 43 || next === 60 || next === 51) {
        if (limit - at < 8) {
          short();
          return;
        }
        const length = next === 51 ? ((bytes[at + 1] as number) + 2) * 4 : ((bytes[at + 1] as number) + 1) * 8;
        next = bytes[at] as number;
        at += length;
      } else if (next === 44) {
        if (limit - at < 8) {
          short();
          return;
        }
        const part = u16(bytes, at + 2);
        const id = u32(bytes, at + 4);
        next = bytes[at] as number;
        at += 8;
        if ((part & 0xfff9) === 0) continue;
        const carried = start + 40 + size - at;
        const whole = fragments.add(words, id, part & 0xfff8, (part & 1) === 1, bytes, at, limit, carried);
        if (whole) above(whole, 0, whole.length, whole.length, next);
        return;
      } else break;
    }
    if (at > limit) {
      short();
      return;
    }
    above(bytes, at, limit, size === 0 ? limit - at : start + 40 + size - at, next);
  }

  /** What an IP header carries; `carried` is its length on the wire. */
  function above(bytes: Buffer, from: number, to: number, carried: number, protocol: number): void {
    head.bytes = bytes;
    head.protocol = protocol;
    if (protocol === 6) {
      tcp(bytes, from, to, carried);
      return;
    }
    if (protocol === 17) {
      udp(bytes, from, to, carried);
      return;
    }
    if (protocol === 1 || protocol === 58) {
      if (to - from < 4) return;
      head.flags = bytes[from] as number;
      head.sport = bytes[from + 1] as number;
      head.dport = 0;
      head.from = from;
      head.to = to;
      head.carried = carried;
      sink.icmp(head);
      return;
    }
    if (head.depth >= DEPTH) return;
    if (protocol === 4 || protocol === 41) {
      head.depth++;
      if (protocol === 4) ipv4(bytes, from, to);
      else ipv6(bytes, from, to);
    } else if (protocol === 47) gre(bytes, from, to);
  }

  function tcp(bytes: Buffer, from: number, to: number, carried: number): void {
    if (to - from < 14) return;
    const size = ((bytes[from + 12] as number) >> 4) * 4;
    if (size < 20) {
      short();
      return;
    }
    head.sport = u16(bytes, from);
    head.dport = u16(bytes, from + 2);
    head.seq = u32(bytes, from + 4);
    head.ack = u32(bytes, from + 8);
    head.flags = bytes[from + 13] as number;
    head.from = Math.min(to, from + size);
    head.to = to;
    head.carried = Math.max(0, carried - size);
    sink.tcp(head);
  }

  function udp(bytes: Buffer, from: number, to: number, carried: number): void {
    if (to - from < 8) return;
    const size = u16(bytes, from + 4);
    if (size !== 0 && size < 8) {
      short();
      return;
    }
    head.sport = u16(bytes, from);
    head.dport = u16(bytes, from + 2);
    head.from = from + 8;
    head.to = size === 0 ? to : Math.min(to, from + size);
    head.carried = (size === 0 ? carried : size) - 8;
    sink.udp(head);
    // VXLAN, RFC 7348: what Docker's overlay networks are made of
    if (head.dport === 4789 && to - from >= 16 && (bytes[from + 8] as number) & 8 && head.depth < DEPTH) {
      head.depth++;
      ethernet(bytes, from + 16, to);
    }
  }

  /** RFC 2784 with the key and sequence number of RFC 2890. */
  function gre(bytes: Buffer, from: number, to: number): void {
    if (to - from < 4) {
      short();
      return;
    }
    const flags = bytes[from] as number;
    if ((bytes[from + 1] as number) & 7) return;
    const at = from + 4 + (flags & 0x80 ? 4 : 0) + (flags & 0x20 ? 4 : 0) + (flags & 0x10 ? 4 : 0);
    if (at > to) {
      short();
      return;
    }
    const type = u16(bytes, from + 2);
    head.depth++;
    if (type === 0x6558) ethernet(bytes, at, to);
    else etherType(bytes, at, to, type);
  }

  return { read, odd, fragments };
}
