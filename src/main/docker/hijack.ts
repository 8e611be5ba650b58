import { z } from 'zod';
import { LadingError } from '../../shared/errors';
import { recordAccess } from '../hosts/access';
import type { Host, HostSocket } from '../hosts/host';
import type { Engine } from './engine';
import { statusError } from './engine-client';

/** An answer's head that is longer is none. */
const HEAD_LIMIT = 64 << 10;

/**
 * A POST whose connection becomes a stream in both directions (Docker Engine API, "Attach to a container", hijacking), such
 * as /exec/{id}/start with a terminal. `path` is without the version. Gives the stream, with what came behind the head put back. Throws ENGINE_ERROR,
 * TARGET_GONE, CONNECTION_LOST.
 */
export async function hijack(host: Host, engine: Engine, path: string, body: unknown): Promise<HostSocket> {
  const text = JSON.stringify(body);
  const whole = `/v${engine.facts.apiVersion}${path}`;
  const access = recordAccess({ host: host.address, kind: 'api', what: ['POST', whole, text] });
  const began = performance.now();
  let socket: HostSocket | undefined;
  try {
    socket = await host.connect(engine.facts.socket);
    socket.on('error', () => undefined); // whoever reads it hears of it
    socket.write(
      `POST ${whole} HTTP/1.1\r\nHost: docker\r\nUser-Agent: lading\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
    const { status, rest } = await readHead(socket, host);
    access.status = status;
    if (status !== 101 && status !== 200) throw statusError(status, whole, rest);
    if (rest.length > 0) socket.unshift(rest);
    return socket;
  } catch (error) {
    access.error = error instanceof Error ? error.message : String(error);
    socket?.destroy();
    throw error;
  } finally {
    access.ms = Math.round(performance.now() - began);
  }
}

/** The head of an HTTP/1.1 answer (RFC 9112) and what came behind it. */
function readHead(socket: HostSocket, host: Host): Promise<{ status: number; rest: Buffer }> {
  return new Promise((resolve, reject) => {
    let have = Buffer.alloc(0);
    const settle = (done: () => void) => {
      socket.off('readable', read).off('close', closed).off('error', closed);
      done();
    };
    const closed = () =>
      settle(() => reject(new LadingError('CONNECTION_LOST', `The engine on ${host.address} broke its answer off.`)));
    const read = () => {
      for (let piece: unknown = socket.read(); piece !== null; piece = socket.read()) {
        have = Buffer.concat([have, z.instanceof(Buffer).parse(piece)]);
        const end = have.indexOf('\r\n\r\n');
        if (end < 0 && have.length <= HEAD_LIMIT) continue;
        const [, status] = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(have.toString('latin1', 0, Math.max(end, 0) + 2)) ?? [];
        const rest = have.subarray(end + 4);
        return settle(() =>
          status && end >= 0
            ? resolve({ status: Number(status), rest })
            : reject(new LadingError('ENGINE_ERROR', `What answers on ${host.address} is not an engine.`)),
        );
      }
    };
    socket.on('readable', read).on('close', closed).on('error', closed);
    read();
  });
}
