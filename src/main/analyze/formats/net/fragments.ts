/** Pieces of datagrams until they are whole; bounded, and what was given up is counted. */
export interface Fragments {
  /** Gives the whole datagram's payload when this was its last missing piece. `carried` is the piece's length on the wire. */
  add(
    words: Uint32Array,
    id: number,
    offset: number,
    more: boolean,
    bytes: Buffer,
    from: number,
    to: number,
    carried: number,
  ): Buffer | undefined;
  /** Datagrams that never became whole, so far. */
  lost(): number;
}

const DATAGRAMS_MAX = 512;
const SIZE_MAX = 65_535;

interface Datagram {
  bytes: Buffer;
  have: [from: number, to: number][];
  end?: number;
}

/** RFC 791 section 3.2 and RFC 8200 section 4.5. The oldest are given up first. */
export function fragmentStore(): Fragments {
  const held = new Map<string, Datagram>();
  let given = 0;
  return {
    add(words, id, offset, more, bytes, from, to, carried) {
      const key = `${words.join()} ${id}`;
      const length = to - from;
      // one that was not captured whole cannot be put together
      if (length <= 0 || length < carried || offset + length > SIZE_MAX) return undefined;
      let one = held.get(key);
      if (!one) {
        one = { bytes: Buffer.alloc(0), have: [] };
        held.set(key, one);
        const [oldest] = held.keys();
        if (held.size > DATAGRAMS_MAX && oldest !== undefined) {
          held.delete(oldest);
          given++;
        }
      }
      if (one.bytes.length < offset + length) {
        const grown = Buffer.alloc(Math.min(SIZE_MAX, Math.max(offset + length, one.bytes.length * 2)));
        one.bytes.copy(grown);
        one.bytes = grown;
      }
      bytes.copy(one.bytes, offset, from, to);
      if (one.have.length < 1000) one.have.push([offset, offset + length]);
      if (!more) one.end = offset + length;
      if (one.end === undefined) return undefined;
      let reach = 0;
      for (const [begin, end] of one.have.sort((a, b) => a[0] - b[0])) {
        if (begin > reach) return undefined;
        reach = Math.max(reach, end);
      }
      if (reach < one.end) return undefined;
      held.delete(key);
      return one.bytes.subarray(0, one.end);
    },
    lost: () => given + held.size,
  };
}
