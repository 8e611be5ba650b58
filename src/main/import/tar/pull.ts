/** Bytes of a stream, asked for in the amounts that a format needs. */
export interface Pull {
  /** Bytes taken so far. */
  readonly at: number;
  /** The next `length` bytes, fewer at the end of the stream. Meant for headers: they are held in memory. */
  take(length: number): Promise<Buffer>;
  /** The next `length` bytes in pieces, as they come; fewer at the end of the stream. */
  pieces(length: number): AsyncGenerator<Buffer>;
  /** Passes over `length` bytes; gives how many there were. */
  skip(length: number): Promise<number>;
  /** Ends the stream. */
  close(): Promise<void>;
}

/** Makes a stream's pieces, of whatever sizes, into bytes that can be asked for. Constant memory. */
export function pull(source: AsyncIterable<Buffer>): Pull {
  const iterator = source[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  let at = 0;
  let ended = false;

  /** Whether there is at least one byte. */
  async function more(): Promise<boolean> {
    while (held.length === 0 && !ended) {
      const next = await iterator.next();
      if (next.done) ended = true;
      else held = next.value;
    }
    return held.length > 0;
  }

  function cut(length: number): Buffer {
    const piece = held.subarray(0, length);
    held = held.subarray(piece.length);
    at += piece.length;
    return piece;
  }

  async function* pieces(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0 && (await more()); ) {
      const piece = cut(left);
      left -= piece.length;
      yield piece;
    }
  }

  return {
    get at() {
      return at;
    },
    async take(length) {
      if (held.length >= length) return cut(length);
      const parts: Buffer[] = [];
      for await (const piece of pieces(length)) parts.push(piece);
      return Buffer.concat(parts);
    },
    pieces,
    async skip(length) {
      let left = length;
      while (left > 0 && (await more())) left -= cut(left).length;
      return length - left;
    },
    async close() {
      ended = true;
      held = Buffer.alloc(0);
      // What a stream still has to say while it is being closed is of no use to anybody.
      await iterator.return?.().catch(() => undefined);
    },
  };
}
