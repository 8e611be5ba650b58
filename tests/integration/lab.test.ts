import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkIncident, findLabDir, type LabHost, labAvailable, stageIncident, startHost } from '../lab';
import type { Truth } from '../lab/truth';

const unavailable = await labAvailable();
if (unavailable) console.warn(`Skipped: ${unavailable}`);
const labDir = findLabDir() ?? '';

describe('the lab says why it cannot run', () => {
  it('names a folder that has no lab', async () => {
    expect(findLabDir('/nonexistent')).toBeUndefined();
  });
  it.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)('where there is no checkout', async () => {
    expect(await labAvailable({ labDir: '/nonexistent' })).toBe(
      'The lab is not here: tests/lab is part of a checkout only.',
    );
  });
});

describe.skipIf(unavailable)(`the lab${unavailable ? ` (${unavailable})` : ''}`, () => {
  // Not the shared host1: this test breaks things. Removed at its end.
  const lines: string[] = [];
  let host: LabHost;
  let truth: Truth;

  beforeAll(async () => {
    host = await startHost('lab-test', { labDir, onLine: (line) => lines.push(line) });
  });
  afterAll(() => host?.remove());

  it('gives a host that ssh lets in by its key, with known_hosts enforced', async () => {
    const client = await startHost('lab-test-client', { light: { for: host.name } });
    try {
      expect(await client.output(['hostname'])).toBe('lab-test-client');
      expect(host.spec).toMatchObject({
        address: `ssh://root@${host.address}`,
        identity: host.keyFile,
        knownHosts: host.knownHosts,
      });
      for (const file of [host.keyFile, host.passphraseKeyFile, host.foreignKeyFile, host.knownHosts])
        expect(existsSync(file)).toBe(true);
    } finally {
      await client.remove();
    }
  });

  it('gives users with the rights that README.md says', async () => {
    const as = (user: string, command: string) =>
      host.exec(['su', '-s', '/bin/sh', user, '-c', command], { input: 'lading-lab\n' });
    const rights = async (user: string) => {
      const codes = [
        await as(user, 'docker version'),
        await as(user, 'sudo -n true'),
        await as(user, 'sudo -S -p "" true'),
      ];
      return codes.map(({ code }) => code === 0);
    };
    expect(await rights('examiner')).toEqual([false, false, true]);
    expect(await rights('sudoer')).toEqual([false, true, true]);
    expect(await rights('dockeruser')).toEqual([true, false, false]);
    expect(await rights('plain')).toEqual([false, false, false]);
  });

  it('keeps output apart and as bytes, and passes words as they are', async () => {
    const ran = await host.exec(['sh', '-c', 'printf "\\377$1"; echo err >&2; exit 3', 'sh', "a'b $(id)\n"]);
    expect(ran.code).toBe(3);
    expect(ran.stdout).toEqual(Buffer.concat([Buffer.from([255]), Buffer.from("a'b $(id)\n")]));
    expect(ran.stderr.toString()).toBe('err\n');
    await expect(host.output(['false'])).rejects.toThrow('exit status 1');
  });

  it('stops and starts the engine alone', async () => {
    await host.engine('stop');
    expect((await host.exec(['docker', 'version'])).code).not.toBe(0);
    await host.engine('start');
    expect((await host.exec(['docker', 'version'])).code).toBe(0);
  });

  it('changes its host key, and known_hosts keeps the first one', async () => {
    const shown = async () => {
      const scan = await host.output(['ssh-keyscan', '-t', 'ed25519', '127.0.0.1']);
      return /ssh-ed25519 \S+/.exec(scan)?.[0] ?? 'no key';
    };
    const first = readFileSync(host.knownHosts, 'utf8');
    expect(first).toContain(await shown());
    await host.hostKey('change');
    expect(first).not.toContain(await shown());
    await host.hostKey('restore');
    expect(first).toContain(await shown());
    expect(readFileSync(host.knownHosts, 'utf8')).toBe(first);
  });

  describe('with the incident staged', () => {
    beforeAll(async () => {
      truth = await stageIncident(host);
    });

    it('planted all that truth.json lists, and reported progress', async () => {
      expect(truth.items.length).toBeGreaterThanOrEqual(26);
      expect(new Set(truth.items.map(({ id }) => id)).size).toBe(truth.items.length);
      expect(await checkIncident(host)).toEqual(truth.items.map(({ id }) => ({ id, ok: true })));
      expect(lines).toContain(`${truth.items.length} things are planted`);
      for (const { container, containerId } of truth.items) expect(truth.containers[container]?.id).toBe(containerId);
    });

    it('says the PIDs that the host itself says', async () => {
      for (const { id, where } of truth.items) {
        if (where.pid === undefined) continue;
        const status = await host.output(['cat', `/proc/${where.pid}/status`]);
        expect(status, id).toMatch(new RegExp(`^NSpid:\\s+${where.pid}\\s+${where.pidInContainer}$`, 'm'));
      }
    });

    it('holds the memory-only text nowhere in a file of the host', async () => {
      const ran = await host.exec(['grep', '-rlF', truth.facts.secret, '/var', '/etc', '/root', '/home', '/tmp']);
      expect(ran.stdout.toString()).toBe('');
      expect(ran.code).toBe(1);
    });

    it('leaves what is there when staged again', async () => {
      expect(await stageIncident(host)).toEqual(truth);
    });

    it('names what is missing, and stages anew', async () => {
      const pid = truth.items.find(({ id }) => id === 'reverse-shell')?.where.pid;
      const web = truth.containers['shop-web']?.id ?? '';
      await host.output(['kill', '-9', String(pid)]);
      await host.output(['docker', 'exec', web, 'rm', '/etc/cron.d/apt-compat']);
      const missing = (await checkIncident(host)).filter(({ ok }) => !ok);
      expect(missing.map(({ id }) => id)).toEqual(['reverse-shell', 'cron']);
      expect(missing.every(({ problem }) => problem)).toBe(true);
      const again = await stageIncident(host);
      expect(again.containers['shop-web']?.id).not.toBe(web);
      expect((await checkIncident(host)).filter(({ ok }) => !ok)).toEqual([]);
    });
  });
});
