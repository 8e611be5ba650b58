import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCapture, withCapture } from '../../../src/main/analyze/captures/store';
import { createApp } from '../../../src/main/app';
import { type Counters, countersText, finalCounters } from '../../../src/main/collect/capture/counters';
import { runningCaptures } from '../../../src/main/collect/capture/running';
import { labCase } from '../../kit/lab-case';
import { type LabHost, labAvailable, startHost } from '../../lab';
import { tinyImage } from '../../lab/special';
import type { BenchPart } from '../bench';
import { type Figure, MIB, watchMemory } from '../measure';

/** 200 Mbit/s of datagrams as an Ethernet carries them, 42 bytes of headers and 1400 of payload. */
const RATE = 25_000_000;
const FRAME = 1442;
const FILTER = 'udp dst port 9000';
const NAME = 'bench-hear';

/** Sends evenly for so many seconds; prints how many datagrams it sent. Arguments: address, seconds, datagrams a second. */
const SENDER = `
import socket, sys, time
to, seconds, rate = (sys.argv[1], 9000), float(sys.argv[2]), float(sys.argv[3])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(to)
body, sent, begin = b'x' * 1400, 0, time.monotonic()
while True:
    now = time.monotonic() - begin
    if now >= seconds:
        break
    while sent < now * rate:
        try:
            s.send(body)
        except ConnectionRefusedError:
            continue
        sent += 1
    time.sleep(0.002)
print(sent)
`;

interface Came {
  sent: number;
  counters: Counters;
  bytes: number;
}

/** Capturing 200 Mbit/s through SSH for 30 s, beside tcpdump through ssh into a file: what comes, and what the kernel lost. */
const networkCapture: BenchPart = async ({ short }) => {
  const absent = await labAvailable();
  if (absent) throw new Error(absent);
  const seconds = short ? 5 : 30;
  const dir = await mkdtemp(join(tmpdir(), 'lading-bench-'));
  const host = await startHost('benchnet', { packages: ['python3'] });
  const app = await createApp({ window: 'none', configDir: join(dir, 'config') });
  try {
    await tinyImage(host, 'tiny');
    await host.exec(['docker', 'rm', '-f', NAME]);
    const hear = 'while :; do busybox nc -u -l -p 9000 >/dev/null; done';
    await host.output(['docker', 'run', '-d', '--name', NAME, 'tiny', 'sh', '-c', hear]);
    const address = await host.output(['docker', 'inspect', '-f', '{{.NetworkSettings.IPAddress}}', NAME]);
    const send = async () =>
      Number(await host.output(['python3', '-c', SENDER, address, String(seconds), String(RATE / FRAME)]));

    const memory = watchMemory();
    const kase = await labCase(app, join(dir, 'case'), host.spec);
    const collecting = kase.collect({
      collectors: ['container.capture'],
      targets: [NAME],
      inputs: { 'container.capture': { seconds: seconds + 120, filter: FILTER, socketsEvery: 0 } },
    });
    const capturing = () => runningCaptures().find((one) => one.target === NAME);
    for (let i = 0; i < 300 && !capturing()?.counters; i += 1) await sleep(100);
    const sent = await send();
    await sleep(1000);
    capturing()?.stop();
    await collecting;
    memory.stop();
    const record = (await kase.records()).find(({ kind }) => kind === 'pcap');
    const said = record?.how.kind === 'exec' ? record.how.stderr : '';
    const counters = finalCounters(said);
    if (!record || record.partial || !counters) throw new Error(`There is no whole capture: ${said.slice(-500)}`);
    await makeCapture(kase.path, record);
    const packets = withCapture(kase.path, record, (_, facts) => facts.packets);
    if (packets !== counters.captured) throw new Error(`The file has ${packets} packets of ${counters.captured}.`);
    const ours: Came = { sent, counters, bytes: record.bytes };

    const theirs = await byHand(host, /interface (\S+),/.exec(said)?.[1] ?? '', join(dir, 'hand.pcap'), send);
    say('Lading', ours, seconds);
    say('tcpdump', theirs, seconds);
    process.stderr.write(`        memory at most ${memory.most().toFixed(0)} MiB\n`);
    if (counters.captured + counters.dropped < sent) {
      throw new Error(
        `${sent - counters.captured - counters.dropped} packets were lost that the kernel does not tell of.`,
      );
    }
    const rate = (came: Came) => came.bytes / MIB / seconds;
    const figure: Figure = {
      name: `a capture of 200 Mbit/s for ${seconds} s through SSH, hashed and in the ledger`,
      baseline: 'ssh host tcpdump -w - >file',
      ours: rate(ours),
      theirs: rate(theirs),
      unit: 'MiB/s',
      ratio: counters.captured / sent / (theirs.counters.captured / theirs.sent),
    };
    process.stderr.write(`${figure.ratio.toFixed(2).padStart(6)}×  ${figure.name}: the share that came\n`);
    return [figure];
  } finally {
    await app.close();
    await host.exec(['docker', 'rm', '-f', NAME]);
    await host.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

export default networkCapture;

/** The same by hand: the command's output into a file, its counters from what it says. */
async function byHand(host: LabHost, device: string, path: string, send: () => Promise<number>): Promise<Came> {
  const known = `UserKnownHostsFile=${host.knownHosts}`;
  const ssh = ['-i', host.keyFile, '-o', known, '-o', 'BatchMode=yes', `root@${host.address}`];
  const words = `tcpdump -i ${device} -p -n -U -B 32768 -w - '${FILTER}' </dev/null & t=$!; read -r x; kill -TERM $t; wait $t`;
  const child = spawn('ssh', [...ssh, words], { stdio: 'pipe' });
  let said = '';
  child.stderr.on('data', (piece: Buffer) => {
    said += piece.toString();
  });
  const file = createWriteStream(path);
  child.stdout.pipe(file);
  const closed = new Promise((resolve) => child.once('close', resolve));
  for (let i = 0; i < 100 && !said.includes('listening on'); i += 1) await sleep(100);
  const sent = await send();
  await sleep(1000);
  child.stdin.end('stop\n');
  await closed;
  await new Promise((resolve) => file.close(resolve));
  const counters = finalCounters(said);
  if (!counters) throw new Error(`tcpdump did not tell what it counted: ${said.slice(-500)}`);
  return { sent, counters, bytes: (await stat(path)).size };
}

function say(who: string, { sent, counters }: Came, seconds: number): void {
  const rate = (sent * FRAME * 8) / seconds / 1e6;
  process.stderr.write(`        ${who}: ${sent} sent at ${rate.toFixed(0)} Mbit/s, ${countersText(counters)}\n`);
}
