import { type Direction, direction, endDirection, type Ordered, takeSegment } from './assembly';
import { talkOf } from './talk';
import type { Ends, Now, Talk, TalkSink } from './talk-types';

/** A TCP segment with the conversation it belongs to. */
export interface Segment {
  conversation: number;
  /** From B to A. */
  turned: boolean;
  seq: number;
  flags: number;
  bytes: Buffer;
  from: number;
  to: number;
  /** Bytes that it carried on the wire. */
  carried: number;
  /** Sequence numbers before the first byte each way, where they are known. */
  base: readonly [a: number | undefined, b: number | undefined];
}

interface Stream {
  ways: [Direction, Direction];
  /** Made once for each way: a closure a packet costs more than the packet. */
  outs: [Ordered, Ordered];
  /** The packet that is being read. */
  now: Now;
  talk?: Talk;
  ends: Ends;
}

/** Connections that are read at once; of more the oldest is given up, and counted. */
const STREAMS_MAX = 2048;
/** Bytes that wait in all of them. */
const HELD_MAX = 48 * 1024 * 1024;

/**
 * Puts TCP connections in order and reads what they say. `segment` gives false when the connection says nothing that is
 * read, and need not be given any more.
 */
export function streamReader(sink: TalkSink) {
  const streams = new Map<number, Stream>();
  let held = 0;
  let given = 0;

  function drop(id: number, stream: Stream, now: Now): void {
    streams.delete(id);
    stream.now = now;
    for (const i of [0, 1] as const) {
      held -= stream.ways[i].held;
      endDirection(stream.ways[i], stream.outs[i]);
    }
    stream.talk?.close();
  }

  function open(one: Segment, now: Now, ends: Ends): Stream {
    const made: Stream = { ways: [direction(), direction()], outs: [ordered(0), ordered(1)], now, ends };
    function ordered(way: 0 | 1): Ordered {
      return {
        data(bytes, from, to) {
          made.talk ??= talkOf(sink, made.ends, way, bytes, from, to);
          made.talk.data(way, bytes, from, to, made.now);
        },
        missing: (count) => made.talk?.missing(way, count),
      };
    }
    for (const i of [0, 1] as const) {
      const base = one.base[i];
      if (base === undefined) continue;
      made.ways[i].begun = true;
      made.ways[i].next = (base + 1) >>> 0;
    }
    return made;
  }

  return {
    segment(one: Segment, now: Now, endsOf: () => Ends): boolean {
      const { conversation, carried, flags } = one;
      let stream = streams.get(conversation);
      if (!stream) {
        if (carried === 0) return true;
        stream = open(one, now, endsOf());
        streams.set(conversation, stream);
        const [oldest] = streams;
        if (streams.size > STREAMS_MAX && oldest) {
          given++;
          drop(oldest[0], oldest[1], now);
        }
      }
      const way = one.turned ? 1 : 0;
      const d = stream.ways[way];
      const before = d.held;
      const out = stream.outs[way];
      stream.now = now;
      takeSegment(d, one, out);
      held += d.held - before;
      if (held > HELD_MAX) {
        held -= d.held;
        endDirection(d, out);
      }
      if (stream.talk?.over()) {
        drop(conversation, stream, now);
        return false;
      }
      // after a reset, or a FIN whose data is all there, nothing more comes this way
      if (flags & 4) drop(conversation, stream, now);
      else if (flags & 1) {
        stream.ends.closed |= way + 1;
        if (stream.ends.closed === 3) drop(conversation, stream, now);
      }
      return true;
    },
    end(now: Now): void {
      for (const [id, stream] of streams) drop(id, stream, now);
    },
    /** Connections that were given up because too many were open. */
    given: () => given,
  };
}
