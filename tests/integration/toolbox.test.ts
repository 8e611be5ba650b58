import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { project } from '../../src/main/cases/project';
import { CaseSession } from '../../src/main/cases/session';
import { verifyCase } from '../../src/main/custody/verify';
import { connectHost } from '../../src/main/docker/connect';
import type { HostSession } from '../../src/main/docker/session';
import { listTargets } from '../../src/main/docker/targets';
import { withAccessLog } from '../../src/main/hosts/access';
import { Connections } from '../../src/main/services/connections';
import { PLACE } from '../kit/case';
import { type CollectOptions, collectIn, filesOf, framesOf, missed, taken } from '../kit/collected';
import { type LabHost, labAvailable, startHost } from '../lab';
import { tinyImage } from '../lab/special';

const reason = await labAvailable();

describe.skipIf(reason !== undefined)(
  `a toolbox, and a log that is followed${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let host: LabHost;
    let dir: string;
    let toolbox: string;
    let live: HostSession;

    beforeAll(async () => {
      host = await startHost('ctx1');
      dir = await mkdtemp(join(tmpdir(), 'lading-toolbox-'));
      toolbox = join(dir, 'busybox');
      await writeFile(toolbox, (await host.exec(['cat', '/bin/busybox'])).stdout);
      await host.exec(['sh', '-c', 'docker rm -f $(docker ps -aq)']);
      await tinyImage(host, 'lading-test/tiny:1');
      const talk = 'i=0; while :; do i=$((i+1)); echo "line $i"; /bin/sleep 0.2; done';
      await host.output(['docker', 'run', '-d', '--name', 'talker', 'lading-test/tiny:1', '/bin/sh', '-c', talk]);
      await host.output(['docker', 'run', '-d', '--name', 'silent', 'lading-test/tiny:1', '/bin/sleep', '100000']);
      live = await withAccessLog([], () => connectHost(host.spec, { configDir: dir }));
    });

    afterAll(async () => {
      await live?.close();
      await host?.exec(['sh', '-c', 'docker rm -f talker silent; docker rmi lading-test/tiny:1']);
      await host?.stop();
      if (dir) await rm(dir, { recursive: true, force: true });
    });

    const inMemory = async () => (await host.exec(['sh', '-c', 'ls /dev/shm'])).stdout.toString();

    it('is sent into memory, used for every command, removed at the end, and all of it is in the ledger', async () => {
      for (const spec of [host.spec, host.specFor('sudoer', { sudo: true })]) {
        const path = join(dir, `case-${spec.address.includes('sudoer')}`);
        const kase = await CaseSession.create({ path, number: 'T', title: 'T', examiner: 'E' }, PLACE);
        const connections = new Connections(join(dir, 'config'));
        const session = await connections.connect(kase, { ...spec, toolbox });
        const sha256 = createHash('sha256')
          .update(await readFile(toolbox))
          .digest('hex');
        expect(session.facts.toolbox).toMatchObject({
          sha256,
          file: toolbox,
          path: expect.stringMatching(/^\/dev\/shm\/lading-/),
        });
        expect(session.facts.toolbox?.programs).toBeGreaterThan(100);
        const folder = session.facts.toolbox?.path ?? '';
        expect(await inMemory()).toContain(folder.slice('/dev/shm/'.length));
        const targets = await connections.targets(kase, { ...spec, toolbox });
        const got = await collectIn(dir, { session, targets }, ['host.tools', 'container.processes', 'host.users'], {
          names: ['talker'],
        });
        expect(got.misses).toEqual([]);
        const paths = (await filesOf(got, 'host.tools')).commands.get('paths')?.output?.body.toString() ?? '';
        expect(paths).toContain(`sh\t${folder}/bin/sh\t${folder}/busybox\n`);
        const hashes = (await filesOf(got, 'host.tools')).commands.get('sha256')?.output?.body.toString() ?? '';
        expect(hashes).toContain(`${sha256}  ${folder}/busybox\n`);
        expect(
          (await framesOf(got, 'container.processes', 'talker')).frames.some((one) => one.name === 'exe.sha256'),
        ).toBe(true);
        for (const record of got.records) {
          expect(record.how).toMatchObject({
            kind: 'exec',
            argv: expect.arrayContaining([`${folder}/busybox`, 'env']),
          });
          for (const { kind, what } of record.accesses.filter((one) => one.kind === 'exec'))
            expect([kind, what.includes(`${folder}/busybox`)]).toEqual(['exec', true]);
        }
        await connections.disconnect(kase, { ...spec, toolbox });
        expect(await inMemory()).not.toContain('lading-');
        await kase.close();
        const ledger = await readFile(join(path, 'ledger.jsonl'), 'utf8');
        expect(ledger).toContain(`"sha256":"${sha256}"`);
        const last =
          ledger
            .trimEnd()
            .split('\n')
            .find((line) => line.includes('"action":"host.disconnected"')) ?? '';
        expect(last).toContain(`"rm","-rf","--","${folder}"`);
        expect(await verifyCase(path, { project })).toMatchObject({ ok: true, faults: [] });
      }
    });

    it('that is none, or is not there, is refused; nothing of it stays', async () => {
      const other = join(dir, 'no-busybox');
      await writeFile(other, '#!/bin/false\n');
      const open = (file: string) =>
        withAccessLog([], () => connectHost({ ...host.spec, toolbox: file }, { configDir: dir }));
      await expect(open(other)).rejects.toMatchObject({ code: 'NOT_POSSIBLE' });
      await writeFile(other, '');
      await expect(open(other)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
      await expect(open(join(dir, 'gone'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
      expect(await inMemory()).not.toContain('lading-');
    });

    it('left behind by a connection that broke is removed by the next one', async () => {
      const connections = new Connections(join(dir, 'config'));
      const spec = { ...host.spec, toolbox };
      const first = await connections.connect(undefined, spec).catch((error) => error);
      // outside a case nobody keeps a record of touches but the connection itself
      if (first instanceof Error) throw first;
      await host.exec(['sh', '-c', 'pkill -x sshd-session; true']);
      for (let i = 0; i < 50 && !first.host.lost.aborted; i++) await sleep(100);
      expect(await inMemory()).toContain('lading-');
      const second = await connections.connect(undefined, spec);
      expect((await inMemory()).split('\n').filter((line) => line.startsWith('lading-'))).toEqual([
        second.facts.toolbox?.path.slice('/dev/shm/'.length),
      ]);
      await connections.close();
      expect(await inMemory()).not.toContain('lading-');
    });

    const follow = async (name: string, told: Record<string, unknown>, more?: CollectOptions) => {
      if (live.host.lost.aborted) live = await withAccessLog([], () => connectHost(host.spec, { configDir: dir }));
      const targets = await withAccessLog([], () => listTargets(live));
      const got = await collectIn(dir, { session: live, targets }, ['container.log-follow'], {
        names: [name],
        inputs: { 'container.log-follow': told },
        ...more,
      });
      expect(await verifyCase(got.path, { project })).toMatchObject({ ok: true, faults: [] });
      return got;
    };

    it('follows a log for as long, or as much, as was chosen; the exhibit is whole', async () => {
      const began = performance.now();
      const timed = await follow('talker', { seconds: 2 });
      expect(performance.now() - began).toBeGreaterThan(1900);
      const [record] = taken(timed, 'container.log-follow');
      expect(record).toMatchObject({
        partial: false,
        kind: 'docker log',
        how: { note: expect.stringContaining('after 2 s') },
      });
      const text = record ? (await timed.bytes(record)).toString('latin1') : '';
      expect(text).toContain('line 1\n');
      expect(text.endsWith('\n')).toBe(true);
      const sized = await follow('talker', { seconds: 60, megabytes: 0.001 });
      expect(taken(sized, 'container.log-follow')[0]).toMatchObject({
        partial: false,
        how: { note: expect.stringContaining('0.001 MB') },
      });
      const now = await follow('talker', { seconds: 1, from: 'now' });
      const [fresh] = taken(now, 'container.log-follow');
      expect(fresh && (await now.bytes(fresh)).toString('latin1')).not.toContain('line 1\n');
    });

    it('says that nothing came of a silent one, and keeps what came until a cancel', async () => {
      const silent = await follow('silent', { seconds: 1 });
      expect(silent.records).toEqual([]);
      expect(missed(silent, 'container.log-follow')[0]).toMatchObject({
        outcome: 'none',
        reason: expect.stringContaining('after 1 s'),
      });
      const cancel = new AbortController();
      setTimeout(() => cancel.abort(), 1500);
      const cut = await follow('talker', { seconds: 600 }, { signal: cancel.signal });
      expect(cut.error).toMatchObject({ code: 'CANCELLED' });
      const [record] = taken(cut, 'container.log-follow');
      expect(record?.partial).toBe(true);
      expect(record && (await cut.bytes(record)).toString('latin1')).toContain('line 1\n');
      expect((await follow('talker', { seconds: 0 })).plan.items[0]?.impossible).toContain('needs to be told');
    });
  },
);
