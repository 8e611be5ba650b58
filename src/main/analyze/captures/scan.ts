import { addressText } from '../formats/net/address';
import { type CaptureInfo, captureReader } from '../formats/net/capture-file';
import { C, COLUMNS, F, flowTable, portsOf } from '../formats/net/conversations';
import { parseDns } from '../formats/net/dns';
import type { Header } from '../formats/net/header';
import { packetReader } from '../formats/net/packet';
import { type Segment, streamReader } from '../formats/net/streams';
import type { Ends, Now } from '../formats/net/talk-types';
import type { Db } from '../index/db';
import type { recorder } from './recorder';
import { STEP } from './schema';

/** What was read of a capture, beside its rows. */
export interface Scanned extends CaptureInfo {
  first?: number;
  last?: number;
  /** Bytes of all packets on the wire. */
  wire: number;
  /** Packets of a link type that is not read. */
  unknownLink: number;
  /** Headers that contradict themselves. */
  malformed: number;
  /** Datagrams of which not every piece is there. */
  fragmentsLost: number;
  /** Connections that were given up because too many were open at once. */
  streamsGiven: number;
  /** Rows of a kind that were too many. */
  rowsLeft: number;
  /** Seconds of a bar of `volume`. */
  bar: number;
}

/** Conversations in memory; of more the rows are written away. */
const FLOWS = 1 << 17;
/** Bars of the volume over time, at most; then two become one. */
const BARS = 2048;
/** Layers' places in LAYERS. */
const [IP, IP6, TCP, UDP] = [0, 1, 2, 3] as const;

/** Reads a capture, piece by piece, into its database. */
export function captureScan(out: ReturnType<typeof recorder>, options: { flows?: number } = {}) {
  const now: Now = { us: 0, at: 0, length: 0 };
  let wire = 0;
  let total = 0;
  let first: number | undefined;
  let last: number | undefined;
  let n = 0;
  const volume = volumeOf();
  const icmp = new Map<
    string,
    { row: [number, number, string, string]; packets: number; bytes: number; at: number; length: number }
  >();
  const flows = flowTable({
    most: options.flows ?? FLOWS,
    spill: out.spill,
    recall: (...key) => out.recall(...key),
  });
  const streams = streamReader(out.sink);
  /** One for all packets, and the row of the present one. */
  const segment: Segment & { base: [number | undefined, number | undefined] } = {
    conversation: 0,
    turned: false,
    seq: 0,
    flags: 0,
    bytes: Buffer.alloc(0),
    from: 0,
    to: 0,
    carried: 0,
    base: [undefined, undefined],
  };
  let current = 0;
  const currentEnds = () => endsOf(current, segment.conversation);

  const copy = (): Now => ({ us: now.us, at: now.at, length: now.length });
  const reader = packetReader({
    ip({ version, words }) {
      const row = flows.find(version === 4 ? IP : IP6, words, 0, 0);
      flows.count(row, now.us, wire, now.at, now.length);
    },
    tcp(h: Header) {
      let row = flows.find(TCP, h.words, h.sport, h.dport);
      row = flows.tcp(row, h.flags, h.seq, TCP, h.words, h.sport, h.dport);
      flows.count(row, now.us, wire, now.at, now.length);
      if (h.carried > 0) flows.carry(row, now.us, h.carried, now.at, now.length);
      const v = row * COLUMNS;
      const flags = flows.values[v + C.flags] as number;
      if ((flags & F.ignored) !== 0 || (h.carried === 0 && (h.flags & 7) === 0)) return;
      segment.conversation = flows.values[v + C.id] as number;
      segment.turned = flows.turned();
      segment.seq = h.seq;
      segment.flags = h.flags;
      segment.bytes = h.bytes;
      segment.from = h.from;
      segment.to = Math.min(h.to, h.from + h.carried);
      segment.carried = h.carried;
      segment.base[0] = flags & F.baseA ? (flows.values[v + C.baseA] as number) : undefined;
      segment.base[1] = flags & F.baseB ? (flows.values[v + C.baseB] as number) : undefined;
      current = row;
      const more = streams.segment(segment, copy(), currentEnds);
      if (!more) flows.values[v + C.flags] = flags | F.ignored;
    },
    udp(h: Header) {
      const row = flows.find(UDP, h.words, h.sport, h.dport);
      flows.count(row, now.us, wire, now.at, now.length);
      flows.carry(row, now.us, h.carried, now.at, now.length);
      if (h.sport !== 53 && h.dport !== 53 && h.dport !== 5353) return;
      const message = parseDns(h.bytes, h.from, h.to);
      if (!message) return;
      const protocol = h.dport === 5353 ? 'mdns' : 'udp';
      out.dnsRow(copy(), protocol, [addressText(h.words, 0), h.sport, addressText(h.words, 4), h.dport], message);
    },
    icmp(h: Header) {
      const [source, target] = [addressText(h.words, 0), addressText(h.words, 4)];
      const key = `${h.version} ${h.flags} ${source} ${target}`;
      const held = icmp.get(key);
      if (held) {
        held.packets++;
        held.bytes += wire;
      } else if (icmp.size < 50_000) {
        icmp.set(key, {
          row: [h.flags, h.version, source, target],
          packets: 1,
          bytes: wire,
          at: now.at,
          length: now.length,
        });
      }
    },
  });

  function endsOf(row: number, conversation: number): Ends {
    const [a, b] = portsOf(flows, row);
    return {
      conversation,
      a: { address: addressText(flows.keys, row * 10), port: a },
      b: { address: addressText(flows.keys, row * 10 + 4), port: b },
      closed: 0,
    };
  }

  const file = captureReader((bytes, start, end, original, us, _ns, at, length, link) => {
    now.us = us;
    now.at = at;
    now.length = length;
    wire = original;
    total += original;
    if (us > 0) {
      if (first === undefined || us < first) first = us;
      if (last === undefined || us > last) last = us;
      volume.add(us, original);
    }
    if (n % STEP === 0) out.packet(n, at, us);
    n++;
    reader.read(bytes, start, end, link);
  });

  return {
    push: file.push,
    /** Writes the rest; gives what was read. */
    end(db: Db): Scanned {
      const info = file.end();
      streams.end(now);
      flows.flush();
      const put = db.prepare('INSERT INTO icmp VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
      for (const { row, packets, bytes, at, length } of icmp.values()) put.run([...row, packets, bytes, at, length]);
      const other = db.prepare('INSERT INTO other VALUES (?, ?)');
      for (const [name, packets] of reader.odd.other) other.run([name, packets]);
      const bar = db.prepare('INSERT INTO volume VALUES (?, ?, ?)');
      for (const [start, one] of volume.bars()) bar.run([start * volume.width() * 1e6, one[0], one[1]]);
      return {
        ...info,
        first,
        last,
        wire: total,
        unknownLink: reader.odd.link,
        malformed: reader.odd.malformed,
        fragmentsLost: reader.fragments.lost(),
        streamsGiven: streams.given(),
        rowsLeft: [...out.left.values()].reduce((sum, one) => sum + one, 0),
        bar: volume.width(),
      };
    },
  };
}

/** Packets and bytes by time, in bars of 1, 2, 4 … seconds: as many as needed for the whole time to fit. */
function volumeOf() {
  let width = 1;
  let bars = new Map<number, [packets: number, bytes: number]>();
  let current: [number, number] = [0, 0];
  let at = Number.NaN;
  return {
    add(us: number, bytes: number): void {
      const bar = Math.floor(us / 1e6 / width);
      if (bar !== at) {
        at = bar;
        current = bars.get(bar) ?? [0, 0];
        bars.set(bar, current);
        while (bars.size > BARS) {
          width *= 2;
          const wider = new Map<number, [number, number]>();
          for (const [start, [packets, sum]] of bars) {
            const key = Math.floor(start / 2);
            const one = wider.get(key) ?? [0, 0];
            wider.set(key, [one[0] + packets, one[1] + sum]);
          }
          bars = wider;
          at = Math.floor(us / 1e6 / width);
          current = bars.get(at) ?? [0, 0];
          bars.set(at, current);
        }
      }
      current[0]++;
      current[1] += bytes;
    },
    width: () => width,
    bars: () => [...bars].sort(([a], [b]) => a - b),
  };
}
