/** Layers on which is counted, each as tshark's conv,ip conv,ipv6 conv,tcp conv,udp does. */
export const LAYERS = ['ip', 'ipv6', 'tcp', 'udp'] as const;
export type Layer = (typeof LAYERS)[number];

/** What is counted of a conversation; A is who sent its first packet. Places in the columns of `values`. */
export const C = {
  id: 0,
  packetsAB: 1,
  bytesAB: 2,
  packetsBA: 3,
  bytesBA: 4,
  /** µs since 1970. */
  first: 5,
  last: 6,
  /** Record of the first packet in the file, and of the last. */
  firstAt: 7,
  firstLength: 8,
  lastAt: 9,
  lastLength: 10,
  /** TCP: sequence numbers before the first byte each way. */
  baseA: 11,
  baseB: 12,
  /** Bits: see F. */
  flags: 13,
  /** Bytes above TCP or UDP, each way, retransmissions included. */
  payloadAB: 14,
  payloadBA: 15,
  /** Gaps between bursts of A's payload: when the last began, how many, their mean, and the sum of squares (Welford). */
  burst: 16,
  gaps: 17,
  gapMean: 18,
  gapSquares: 19,
  /** Record of the largest packet from A with payload. */
  topAt: 20,
  topLength: 21,
} as const;
export const COLUMNS = 22;
const KEYS = 10;

/** Flags of a TCP conversation. */
export const F = { baseA: 1, baseB: 2, syn: 4, synAck: 8, fin: 16, rst: 32, ignored: 64 } as const;

/** A quiet time that ends a burst, in µs. */
const QUIET = 500_000;

/** One conversation's key, as its table has it. */
export interface FlowKey {
  layer: number;
  words: Uint32Array;
  /** Where A's and B's address begin in `words`. */
  sport: number;
  dport: number;
}

/** Says what is known of a conversation that is not in memory any more; undefined where it is new. */
export type Recall = (words: Uint32Array, layer: number, sport: number, dport: number) => Recalled | undefined;
export interface Recalled {
  id: number;
  /** The packet goes from B to A. */
  turned: boolean;
  baseA: number;
  baseB: number;
  flags: number;
}

/**
 * Counts conversations in memory of a fixed size: typed arrays, open addressing, no object a packet. When it is full, `spill`
 * is called to write all rows away, and it goes on empty; `recall` then finds what a packet belongs to.
 */
export function flowTable(options: { most: number; spill(table: FlowTable): void; recall?: Recall }): FlowTable {
  const { most } = options;
  let slots = 1;
  while (slots < most * 2) slots *= 2;
  const index = new Int32Array(slots);
  const keys = new Uint32Array(most * KEYS);
  const values = new Float64Array(most * COLUMNS);
  let size = 0;
  let lastId = 0;
  let spilled = false;
  let turned = false;

  const hashOf = (layer: number, w: Uint32Array, sport: number, dport: number): number => {
    // the same for both directions
    let h = layer ^ Math.imul((w[3] as number) ^ (w[7] as number), 0x9e3779b1);
    h ^= Math.imul(((w[2] as number) ^ (w[6] as number)) + 1, 0x85ebca6b);
    h ^= Math.imul((w[0] as number) ^ (w[4] as number) ^ (w[1] as number) ^ (w[5] as number), 0xc2b2ae35);
    h ^= Math.imul(((w[3] as number) + (w[7] as number)) | 0, 0x27d4eb2f);
    h ^= Math.imul((sport ^ dport) + 1, 0x165667b1) ^ Math.imul(sport + dport, 0x2545f491);
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    return (h ^ (h >>> 13)) >>> 0;
  };
  const same = (n: number, layer: number, w: Uint32Array, sport: number, dport: number): boolean => {
    const k = n * KEYS;
    if (keys[k + 9] !== layer) return false;
    if (keys[k + 8] === sport * 65536 + dport) {
      let equal = true;
      for (let i = 0; i < 8 && equal; i++) equal = keys[k + i] === w[i];
      if (equal) {
        turned = false;
        return true;
      }
    }
    if (keys[k + 8] !== dport * 65536 + sport) return false;
    for (let i = 0; i < 4; i++) if (keys[k + i] !== w[i + 4] || keys[k + i + 4] !== w[i]) return false;
    turned = true;
    return true;
  };

  function make(slot: number, layer: number, w: Uint32Array, sport: number, dport: number, old?: Recalled): number {
    const n = size++;
    index[slot] = n + 1;
    const k = n * KEYS;
    const swap = old?.turned ? 4 : 0;
    for (let i = 0; i < 4; i++) {
      keys[k + i] = w[i + swap] as number;
      keys[k + i + 4] = w[i + 4 - swap] as number;
    }
    keys[k + 8] = old?.turned ? dport * 65536 + sport : sport * 65536 + dport;
    keys[k + 9] = layer;
    const v = n * COLUMNS;
    values.fill(0, v, v + COLUMNS);
    values[v + C.id] = old?.id ?? ++lastId;
    values[v + C.first] = Number.NaN;
    values[v + C.flags] = old?.flags ?? 0;
    values[v + C.baseA] = old?.baseA ?? 0;
    values[v + C.baseB] = old?.baseB ?? 0;
    turned = old?.turned ?? false;
    return n;
  }

  function find(layer: number, w: Uint32Array, sport: number, dport: number): number {
    let slot = hashOf(layer, w, sport, dport) & (slots - 1);
    for (;;) {
      const at = index[slot] as number;
      if (at === 0) break;
      if (same(at - 1, layer, w, sport, dport)) return at - 1;
      slot = (slot + 1) & (slots - 1);
    }
    if (size === most) {
      flush();
      slot = hashOf(layer, w, sport, dport) & (slots - 1);
    }
    return make(slot, layer, w, sport, dport, spilled ? options.recall?.(w, layer, sport, dport) : undefined);
  }

  /** The entry keeps its slot and begins again under a new id; what it counted is written away first. */
  function renew(n: number, layer: number, w: Uint32Array, sport: number, dport: number): number {
    let slot = hashOf(layer, w, sport, dport) & (slots - 1);
    while (index[slot] !== n + 1) slot = (slot + 1) & (slots - 1);
    if (size === most) {
      flush();
      slot = hashOf(layer, w, sport, dport) & (slots - 1);
    }
    // the old one stays in the arrays, to be written, and no packet finds it any more
    return make(slot, layer, w, sport, dport);
  }

  function flush(): void {
    options.spill(table);
    spilled = true;
    size = 0;
    index.fill(0);
  }

  const table: FlowTable = {
    keys,
    values,
    size: () => size,
    turned: () => turned,
    find,
    renew,
    flush,
    count(n, us, wire, at, length) {
      const v = n * COLUMNS;
      const way = turned ? C.packetsBA : C.packetsAB;
      values[v + way] = (values[v + way] as number) + 1;
      values[v + way + 1] = (values[v + way + 1] as number) + wire;
      const first = values[v + C.first] as number;
      if (Number.isNaN(first)) {
        values[v + C.first] = us;
        values[v + C.firstAt] = at;
        values[v + C.firstLength] = length;
        values[v + C.last] = us;
      } else if (us < first) values[v + C.first] = us;
      if (us >= (values[v + C.last] as number)) values[v + C.last] = us;
      values[v + C.lastAt] = at;
      values[v + C.lastLength] = length;
    },
    carry(n, us, bytes, at, length) {
      if (bytes <= 0) return;
      const v = n * COLUMNS;
      const way = turned ? C.payloadBA : C.payloadAB;
      values[v + way] = (values[v + way] as number) + bytes;
      if (turned) return;
      if (length > (values[v + C.topLength] as number)) {
        values[v + C.topAt] = at;
        values[v + C.topLength] = length;
      }
      const before = values[v + C.burst] as number;
      if (before === 0) values[v + C.burst] = us;
      else if (us - before > QUIET) {
        const gap = us - before;
        const count = (values[v + C.gaps] as number) + 1;
        const mean = values[v + C.gapMean] as number;
        values[v + C.gaps] = count;
        values[v + C.gapMean] = mean + (gap - mean) / count;
        values[v + C.gapSquares] =
          (values[v + C.gapSquares] as number) + (gap - mean) * (gap - (values[v + C.gapMean] as number));
        values[v + C.burst] = us;
      }
    },
    tcp(n, flags, seq, layer, w, sport, dport) {
      let at = n;
      const bit = turned ? F.baseB : F.baseA;
      const base = turned ? C.baseB : C.baseA;
      const syn = (flags & 0x12) === 0x02;
      let v = at * COLUMNS;
      // the ports are used again: another connection, as Wireshark has it
      if (syn && ((values[v + C.flags] as number) & bit) !== 0 && values[v + base] !== seq) {
        at = renew(n, layer, w, sport, dport);
        v = at * COLUMNS;
        values[v + C.baseA] = seq;
        values[v + C.flags] = F.baseA | F.syn;
        return at;
      }
      let known = values[v + C.flags] as number;
      if ((known & bit) === 0) {
        values[v + base] = (flags & 0x02) !== 0 ? seq : (seq - 1) >>> 0;
        known |= bit;
      }
      if (syn) known |= F.syn;
      if ((flags & 0x12) === 0x12) known |= F.synAck;
      if (flags & 1) known |= F.fin;
      if (flags & 4) known |= F.rst;
      values[v + C.flags] = known;
      return at;
    },
  };
  return table;
}

export interface FlowTable {
  readonly keys: Uint32Array;
  readonly values: Float64Array;
  size(): number;
  /** Of the last `find`: the packet goes from B to A. */
  turned(): boolean;
  /** The row of a packet's conversation, made where there is none. */
  find(layer: number, words: Uint32Array, sport: number, dport: number): number;
  renew(n: number, layer: number, words: Uint32Array, sport: number, dport: number): number;
  flush(): void;
  /** Counts a packet of `wire` bytes, whose record in the file is `at`+`length`. */
  count(n: number, us: number, wire: number, at: number, length: number): void;
  /** Counts payload. */
  carry(n: number, us: number, bytes: number, at: number, length: number): void;
  /** Takes note of TCP's flags; gives the row, another one where a new connection begins on the same ports. */
  tcp(n: number, flags: number, seq: number, layer: number, words: Uint32Array, sport: number, dport: number): number;
}

/** Ports of a row: A's and B's. */
export function portsOf(table: FlowTable, n: number): [number, number] {
  const both = table.keys[n * KEYS + 8] as number;
  return [Math.floor(both / 65536), both % 65536];
}
export const keyAt = (n: number): number => n * KEYS;
export const layerOf = (table: FlowTable, n: number): number => table.keys[n * KEYS + 9] as number;
