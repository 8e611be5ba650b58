import { Duplex, Readable } from 'node:stream';
import type { HostSocket } from './host';

/** Bytes kept between a host's stream and its reader. */
const BETWEEN = 256 << 10;

/**
 * A host's output that cannot be cut off unseen. A connection that dies looks like an orderly end to a channel's reader;
 * here `fault` is asked at the end, and what it gives breaks the stream instead.
 */
export function guarded(
  source: Readable,
  options: {
    fault: () => Error | undefined;
    onBytes?: (bytes: number) => void;
    filter?: (piece: Buffer) => Buffer;
    rest?: () => Buffer;
  },
): Readable {
  const guard = new Readable({
    highWaterMark: BETWEEN,
    read: () => source.resume(),
    destroy(error, callback) {
      source.off('data', onData);
      source.resume(); // what still comes is let go, so that the other side can end
      callback(error);
    },
  });
  function onData(piece: Buffer): void {
    options.onBytes?.(piece.length);
    const passed = options.filter ? options.filter(piece) : piece;
    if (passed.length > 0 && !guard.push(passed)) source.pause();
  }
  source.on('data', onData);
  source.pause();
  source.once('end', () => {
    const fault = options.fault();
    if (fault) {
      guard.destroy(fault);
      return;
    }
    const rest = options.rest?.();
    if (rest && rest.length > 0) guard.push(rest);
    guard.push(null);
  });
  source.once('error', (error) => guard.destroy(options.fault() ?? error));
  source.once('close', () => {
    if (!source.readableEnded && !guard.readableEnded) guard.destroy(options.fault());
  });
  return guard;
}

/**
 * The same for a stream that goes both ways, with the manners of a socket: it closes when either side is done. `ending`
 * is asked when the other side has no more to say: an error breaks the socket instead of ending it.
 */
export function socketOver(
  channel: { input: NodeJS.WritableStream; output: Readable; end(): void },
  via: HostSocket['via'],
  fault: () => Error | undefined,
  ending: () => Promise<Error | undefined> = async () => fault(),
): HostSocket {
  const socket = new Duplex({
    allowHalfOpen: false,
    readableHighWaterMark: BETWEEN,
    read: () => {
      channel.output.resume();
    },
    write: (piece: Buffer, _encoding, callback) => {
      channel.input.write(piece, (error) => callback(error ?? null));
    },
    final: (callback) => {
      channel.input.end();
      callback();
    },
    destroy: (error, callback) => {
      channel.output.removeAllListeners('data');
      channel.output.resume();
      channel.end();
      callback(error);
    },
  });
  const broke = (error?: Error) => {
    if (!socket.destroyed) socket.destroy(fault() ?? error);
  };
  channel.output.on('data', (piece: Buffer) => {
    if (!socket.push(piece)) channel.output.pause();
  });
  channel.output.once('end', () => {
    void ending().then((error) => {
      if (error) broke(error);
      else if (!socket.destroyed) socket.push(null);
    });
  });
  channel.output.once('close', () => {
    if (fault()) broke();
  });
  channel.output.once('error', broke);
  channel.input.on('error', broke);
  return Object.assign(socket, { via });
}
