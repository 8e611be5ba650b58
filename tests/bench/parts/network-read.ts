import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { capturePath, makeCapture, withCapture } from '../../../src/main/analyze/captures/store';
import { connection, dns, ethernet, ip, type MadePacket, pcap, udp } from '../../kit/capture';
import type { BenchPart } from '../bench';
import { compare, MIB, watchMemory } from '../measure';

const T = 1_700_000_000_000_000;

/** Reading a capture whole: conversations, DNS, HTTP, TLS, beside tshark that counts conversations alone. */
const networkRead: BenchPart = async ({ short }) => {
  const size = short ? 128 * MIB : 1024 * MIB;
  await promisify(execFile)('tshark', ['--version']).catch(() => {
    throw new Error('tshark is not here: there is nothing to compare with.');
  });
  const dir = await mkdtemp(join(tmpdir(), 'lading-bench-'));
  try {
    const capture = await makeFile(dir, size);
    const path = join(dir, 'evidence', capture.id, capture.file);
    const memory = watchMemory();
    const figure = await compare(
      'a capture read whole, with DNS, HTTP and hashes',
      'tshark -q -z conv,ip -z conv,tcp',
      {
        units: (await stat(path)).size / MIB,
        unit: 'MiB/s',
        runs: short ? 1 : 3,
        ours: async () => {
          await rm(capturePath(dir, capture), { force: true });
          await makeCapture(dir, capture);
        },
        theirs: () =>
          new Promise((resolve, reject) => {
            const child = spawn('tshark', ['-n', '-q', '-r', path, '-z', 'conv,ip', '-z', 'conv,tcp'], {
              stdio: 'ignore',
            });
            child.once('error', reject);
            child.once('exit', resolve);
          }),
      },
    );
    memory.stop();
    const packets = withCapture(dir, capture, (_, facts) => facts.packets);
    process.stderr.write(`        ${packets} packets; memory at most ${memory.most().toFixed(0)} MiB\n`);
    if (memory.most() > 300) throw new Error('Reading a capture took more than 300 MiB of memory.');
    return [figure];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

export default networkRead;

/** Web traffic with lookups: many connections, large downloads, small requests. */
async function makeFile(dir: string, size: number) {
  const capture = { id: 'E0001', file: 'a.pcap', sha256: '' };
  const folder = join(dir, 'evidence', capture.id);
  await mkdir(folder, { recursive: true });
  const path = join(folder, capture.file);
  const file = await open(path, 'w');
  let written = 0;
  let round = 0;
  try {
    await file.write(pcap([]));
    while (written < size) {
      const packets: MadePacket[] = [];
      for (let n = 0; n < 64; n++) packets.push(...one(round * 64 + n));
      const bytes = pcap(packets.sort((a, b) => a.us - b.us)).subarray(24);
      await file.write(bytes);
      written += bytes.length;
      round++;
    }
  } finally {
    await file.close();
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  capture.sha256 = hash.digest('hex');
  return capture;
}

function one(n: number): MadePacket[] {
  const client = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
  const us = T + n * 700;
  const name = `host-${n % 5000}.example`;
  const body = 'x'.repeat(2000 + ((n * 7919) % 60_000));
  return [
    { us, bytes: ethernet(ip(client, '10.255.0.53', 17, udp(20_000 + (n % 20_000), 53, dns(n & 0xffff, name)))) },
    {
      us: us + 50,
      bytes: ethernet(
        ip(
          '10.255.0.53',
          client,
          17,
          udp(53, 20_000 + (n % 20_000), dns(n & 0xffff, name, { answers: ['198.51.100.7'] })),
        ),
      ),
    },
    ...connection({ client, server: '198.51.100.7', sport: 20_000 + (n % 40_000), dport: 80, us: us + 100, step: 40 }, [
      { way: 'a', body: `GET /${n} HTTP/1.1\r\nHost: ${name}\r\nUser-Agent: bench\r\n\r\n` },
      { way: 'b', body: `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}` },
    ]),
  ];
}
