import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveCitation } from '../../src/main/analyze/cite';
import { type App, createApp } from '../../src/main/app';
import { runningCaptures } from '../../src/main/collect/capture/running';
import type { ConversationRow, NetEnd } from '../../src/shared/contract/network';
import type { ExhibitRecord, JudgedFinding } from '../../src/shared/domain';
import { type LabCase, labCase } from '../kit/lab-case';
import { type LabHost, labAvailable, stageIncident, startHost, type Truth } from '../lab';
import { asTshark, conversations, fields, hasTshark, row } from '../unit/analyze/captures/tshark';
import { sendAgain } from './truth-findings.stage';

const reason = (await labAvailable()) ?? (hasTshark ? undefined : 'tshark is not here');

/** The incident's words on the wire while a capture runs: told to container and process, counted as tshark counts them. */
describe.skipIf(reason !== undefined)(`the incident on the wire${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let host: LabHost;
  let truth: Truth;
  let dir: string;
  let app: App;
  let kase: LabCase;
  let pcap: ExhibitRecord;
  let path: string;
  let tcp: ConversationRow[];
  let findings: JudgedFinding[];

  const ended = async (id: string) => {
    for await (const task of await app.client.tasks.watch({ id })) if (task.state !== 'running') return task;
    return app.client.tasks.get({ id });
  };

  beforeAll(async () => {
    process.env.LADING_KEYCHAIN = 'off';
    host = await startHost('net2');
    truth = await stageIncident(host);
    dir = await mkdtemp(join(tmpdir(), 'lading-wire-'));
    app = await createApp({ window: 'none', configDir: join(dir, 'config') });
    kase = await labCase(app, join(dir, 'case'), host.spec);
    const collecting = kase.collect({
      collectors: ['container.inspect', 'container.capture'],
      targets: ['shop-web'],
      inputs: { 'container.capture': { seconds: 90, socketsEvery: 0.1 } },
    });
    const capturing = () => runningCaptures().find((one) => one.target === 'shop-web' && one.interface !== '');
    for (let i = 0; i < 300 && !capturing()?.counters; i += 1) await sleep(100);
    expect(capturing()?.counters).toBeDefined();
    await sendAgain(host, truth);
    // its standing connection says a word every 20 s
    await sleep(20_500);
    for (const one of runningCaptures()) if (one.target === 'shop-web' && one.interface !== '') one.stop();
    const task = await collecting;
    expect([task.state, task.error]).toEqual(['done', undefined]);
    const found = (await kase.records()).find(({ kind }) => kind === 'pcap');
    if (!found) throw new Error('there is no capture');
    pcap = found;
    path = join(kase.path, 'evidence', pcap.id, pcap.file);
    expect((await ended((await app.client.findings.analyze({ case: kase.path })).task)).error).toBeUndefined();
    findings = await app.client.findings.list({ case: kase.path });
    const { task: index } = await app.client.evidence.prepare({ case: kase.path });
    if (index !== null) expect((await ended(index)).error).toBeUndefined();
    const page = { case: kase.path, exhibit: pcap.id };
    ({ rows: tcp } = await app.client.network.conversations({ ...page, layer: 'tcp', limit: 2000 }));
  }, 300_000);

  afterAll(async () => {
    await kase?.close();
    await app?.close();
    await host?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  const end = ({ address, port }: NetEnd) => `${address}:${port}`;
  const to = (remote: string) => tcp.filter(({ b }) => end(b) === remote);
  const sink = () => truth.facts.sink.address;
  const textOf = async (cite: { exhibit: string; locator: string }) => {
    const { bytes } = await resolveCitation(kase.path, cite);
    return bytes?.toString('latin1') ?? '';
  };

  it('has every TCP conversation with the packets and bytes each way that tshark counts', () => {
    const ours = tcp.map((one) =>
      row([end(one.a), one.packetsAB, asTshark(one.bytesAB)], [end(one.b), one.packetsBA, asTshark(one.bytesBA)]),
    );
    expect(ours.sort()).toEqual(conversations(path, 'tcp'));
    // to the byte, which its tables are not from 10 kB on
    const sums = new Map<string, number>();
    const names = ['ip.src', 'tcp.srcport', 'ip.dst', 'tcp.dstport', 'tcp.stream', 'frame.len'];
    for (const [source, sport, target, dport, stream, size] of fields(path, 'tcp', names)) {
      const key = `${stream} ${source}:${sport} ${target}:${dport}`;
      sums.set(key, (sums.get(key) ?? 0) + Number(size));
    }
    const exact = tcp.flatMap((one) => [
      [`${end(one.a)} ${end(one.b)}`, one.bytesAB],
      ...(one.packetsBA > 0 ? [[`${end(one.b)} ${end(one.a)}`, one.bytesBA]] : []),
    ]);
    const theirs = [...sums].map(([key, sum]) => [key.slice(key.indexOf(' ') + 1), sum]);
    const sorted = (list: unknown[][]) => list.map((one) => one.join(' ')).sort();
    expect(sorted(exact)).toEqual(sorted(theirs));
    expect(tcp.length).toBeGreaterThanOrEqual(3);
  });

  it('has the lookups and requests that tshark reads', async () => {
    const page = { case: kase.path, exhibit: pcap.id, limit: 2000 };
    const { rows: dns } = await app.client.network.dns(page);
    const asked = dns.filter(({ response }) => !response).map(({ name }) => name);
    expect(asked.sort()).toEqual(
      fields(path, 'dns.flags.response == 0', ['dns.qry.name'])
        .map(([name]) => name)
        .sort(),
    );
    expect(asked).toContain('637573746f6d657273.t.update-cdn.example');
    const { rows: http } = await app.client.network.http(page);
    const requests = http.map(({ method, target }) => `${method} ${target}`);
    expect(requests.sort()).toEqual(
      fields(path, 'http.request', ['http.request.method', 'http.request.uri'])
        .map((one) => one.join(' '))
        .sort(),
    );
    expect(requests).toContain('PUT /dump-web01.tgz');
  });

  it('tells the upload and the standing connection to the container and to the process that held them', async () => {
    const web = truth.containers['shop-web']?.id;
    const { rows: http } = await app.client.network.http({ case: kase.path, exhibit: pcap.id, limit: 2000 });
    const put = http.find(({ target }) => target === '/dump-web01.tgz');
    const upload = tcp.find(({ id }) => id === put?.conversation);
    expect(upload && end(upload.b)).toBe(`${sink()}:8080`);
    expect(upload?.a.containers.map(({ id }) => id)).toEqual([web]);
    // it began and ended between the samples before and after: only those during the capture have it
    expect(upload?.a.processes.map(({ comm, container }) => [comm, container])).toEqual([['busybox', web]]);
    const [held] = upload?.a.processes ?? [];
    expect(held && (await textOf(held))).toMatch(/^socket:\[\d+\]$/);
    const { rows } = await app.client.evidence.processes({ case: kase.path, text: `nc ${sink()} 8080` });
    // the shell that was told to has the same words
    expect(rows.filter(({ comm }) => comm === 'busybox').map(({ pid }) => pid)).toEqual([held?.pid]);
    const beacon = truth.items.find(({ id }) => id === 'established-connection');
    const standing = to(`${sink()}:8443`);
    expect(standing.map(({ a }) => a.processes.map(({ pid }) => pid))).toEqual([[beacon?.where.pid]]);
  });

  it('names a process of the container or says that none is known, for every connection', async () => {
    const page = { case: kase.path, exhibit: pcap.id, limit: 2000 };
    const { rows: udp } = await app.client.network.conversations({ ...page, layer: 'udp' });
    // lookups last milliseconds: they are told to a process where a sample met them, and to none otherwise
    expect(udp.length).toBeGreaterThanOrEqual(3);
    for (const { a, b } of [...tcp, ...udp]) {
      for (const { pid, comm, container } of [...a.processes, ...b.processes]) {
        expect([pid > 0, comm !== '', container]).toEqual([true, true, truth.containers['shop-web']?.id]);
      }
    }
    const claims = findings.filter(({ rule }) => rule.startsWith('network.')).map(({ rule, claim }) => [rule, claim]);
    for (const [rule, claim] of claims) {
      expect([rule, claim?.includes('held by process') || claim?.includes('is not known')]).toEqual([rule, true]);
    }
  });

  it('makes findings of the upload and of the lookups, which cite their packets', async () => {
    const of = (rule: string) => findings.filter((one) => one.rule === rule);
    const [upload] = of('network.http-upload');
    expect(upload?.claim).toContain('PUT update-cdn.example/dump-web01.tgz');
    expect(upload?.claim).toMatch(new RegExp(`held by process \\d+ \\(busybox, “busybox nc ${sink()} 8080”\\)`));
    expect(upload?.target.name).toBe('shop-web');
    const cites = await Promise.all((upload?.cites ?? []).map(textOf));
    expect(cites.some((bytes) => bytes.includes('PUT /dump-web01.tgz HTTP/1.1'))).toBe(true);
    const [tunnel] = of('network.dns-tunnel');
    expect(tunnel?.claim).toContain('637573746f6d657273.t.update-cdn.example');
    const asked = await Promise.all((tunnel?.cites ?? []).map(textOf));
    // as the wire has it: a length before each label
    expect(asked.some((bytes) => bytes.includes('\x12637573746f6d657273\x01t\x0aupdate-cdn'))).toBe(true);
  });

  it('finds them by searching over all', async () => {
    const { hits } = await app.client.evidence.search({ case: kase.path, text: 'dump-web01' });
    expect(hits.some(({ kind, exhibit }) => kind === 'http' && exhibit === pcap.id)).toBe(true);
  });
});
