import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/main/app';
import { FREE_FOOTPRINT, footprintRank } from '../../src/main/collect/plan';
import { profileById } from '../../src/main/collect/profiles';
import { collectorById } from '../../src/main/collect/registry';
import { type LabCase, labCase } from '../kit/lab-case';
import { type LabHost, labAvailable, stageIncident, startHost } from '../lab';

const absent = await labAvailable();

type Field = 'mode' | 'owner' | 'size' | 'mtime' | 'ctime' | 'atime' | 'there';

/** Every difference that may be, and why. What is not here must not differ. */
const EXPECTED: readonly { path: RegExp; fields: readonly Field[]; why: string }[] = [
  {
    path: /\/$/,
    fields: ['atime'],
    why: 'a folder that was listed: the plan says that access times of folders may move',
  },
  {
    path: /^\/var\/lib\/docker\/overlay2\/[0-9a-z]+-init\/diff\/etc\/mtab$/,
    fields: ['atime'],
    why: 'container.upper reads where the engine’s own link leads, which counts as an access: there is no call that reads a link without',
  },
  {
    path: /^\/(etc|usr|bin|sbin|lib|lib64|root|home|opt)(\/|$)/,
    fields: ['atime'],
    why: 'the host’s programs, libraries and settings are read by running sshd, sh and the tools, and by host.*',
  },
  {
    path: /^\/var\/(log|lib|spool|cache)\/(?!docker\/)/,
    fields: ['atime'],
    why: 'host.* and engine.* read logs and package lists',
  },
  {
    path: /^\/var\/lib\/docker\/(containers|image|network|volumes|buildkit|containerd|plugins|swarm|tmp)(\/|$)(?!.*_data\/)/,
    fields: ['atime'],
    why: 'engine.files, container.engine-files, container.logs read the engine’s own files',
  },
];

/** `path NUL fields` of each file of the host, of the engine's folder and of volumes; a folder's path ends with a slash. */
const FILES = `find / /var/lib/docker -xdev '(' -path /proc -o -path /sys -o -path /dev -o -path '/var/lib/docker/*/merged' ')' -prune -o \\
  -type d -printf '%p/\\t%m\\t%U:%G\\t-\\t%T@\\t%C@\\t%A@\\0' -o -printf '%p\\t%y%m\\t%U:%G\\t%s\\t%T@\\t%C@\\t%A@\\0'`;
const NAMES: readonly Field[] = ['mode', 'owner', 'size', 'mtime', 'ctime', 'atime'];

interface Snapshot {
  files: Map<string, string[]>;
  processes: Map<string, string>;
  events: string[];
}

async function look(host: LabHost): Promise<Snapshot> {
  const files = new Map<string, string[]>();
  const listed = await host.exec(['sh', '-c', FILES]);
  for (const line of listed.stdout.toString('latin1').split('\0')) {
    const parts = line.split('\t');
    if (parts.length < 7) continue;
    files.set(parts.slice(0, -6).join('\t'), parts.slice(-6));
  }
  const table = await host.output([
    'sh',
    '-c',
    'for d in /proc/[0-9]*; do [ "$d" = "/proc/$$" ] || printf "%s %s\\n" "$(basename "$d")" "$(tr "\\0\\n" "  " < $d/cmdline 2>/dev/null) $(cut -d" " -f22 $d/stat 2>/dev/null)"; done',
  ]);
  const processes = new Map(
    table.split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const),
  );
  const until = String(Math.floor(Date.now() / 1000) + 1);
  const events = await host.output(['docker', 'events', '--since', '0', '--until', until, '--format', '{{json .}}']);
  return { files, processes, events: events.split('\n') };
}

function differences(before: Snapshot, after: Snapshot): { path: string; field: Field }[] {
  const all: { path: string; field: Field }[] = [];
  for (const path of new Set([...before.files.keys(), ...after.files.keys()])) {
    const was = before.files.get(path);
    const is = after.files.get(path);
    if (!was || !is) all.push({ path, field: 'there' });
    else for (const [i, field] of NAMES.entries()) if (was[i] !== is[i]) all.push({ path, field });
  }
  return all;
}

const isExpected = ({ path, field }: { path: string; field: Field }) =>
  EXPECTED.some((one) => one.fields.includes(field) && (one.path.test(path) || one.path.test(path.replace(/\/$/, ''))));

/** Watch for as long as they are told, or read memory, which is measured elsewhere. */
const LEFT_OUT = /log-follow|capture|memory|checkpoint/;

describe.skipIf(absent !== undefined)(`reading everything changes nothing${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let dir: string;
  let app: App;
  let kept: LabCase;

  beforeAll(async () => {
    process.env.LADING_KEYCHAIN = 'off';
    host = await startHost('fs2');
    await stageIncident(host);
    dir = await mkdtemp(join(tmpdir(), 'lading-untouched-'));
    app = await createApp({ window: 'none', configDir: join(dir, 'config') });
    kept = await labCase(app, join(dir, 'case'), host.spec);
  }, 120_000);

  afterAll(async () => {
    await kept?.close();
    await app?.close();
    await host?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  it('files, access times in the containers, processes and engine events differ by what is named, and by nothing else', async () => {
    const ids = (profileById('everything')?.collectors ?? []).filter((id) => {
      const collector = collectorById(id);
      return collector && footprintRank(collector.footprint) <= footprintRank(FREE_FOOTPRINT) && !LEFT_OUT.test(id);
    });
    expect(ids).toEqual(
      expect.arrayContaining([
        'container.upper',
        'volume.content',
        'container.tmpfs',
        'container.open-deleted',
        'image.layers',
      ]),
    );
    // Access times that move once a day (relatime) shall move by Lading, not by this look: every file has an old one.
    const [upper, volume] = await Promise.all([
      host.output(['sh', '-c', `d=$(docker inspect -f '{{.GraphDriver.Data.UpperDir}}' shop-web); printf %s "$d"`]),
      host.output(['docker', 'volume', 'inspect', '-f', '{{.Mountpoint}}', 'shop-backup']),
    ]);
    await host.output([
      'sh',
      '-c',
      'find "$1" "$2" -type f -exec touch -a -d 2020-01-01T00:00:00Z {} +',
      'sh',
      upper,
      volume,
    ]);
    await look(host);
    const before = await look(host);
    expect([...before.files.keys()].filter((path) => path.startsWith(upper)).length).toBeGreaterThan(10);
    expect(before.files.get(`${upper}/etc/passwd`)?.[5]).toMatch(/^1577836800/);
    // by the profile, which takes the better of two ways: the engine mounts layers for container.changes, for upper-listing nothing does
    const without = (profileById('everything')?.collectors ?? []).filter((id) => !ids.includes(id));
    const task = await kept.collect({ profile: 'everything', without });
    expect(task.error).toBeUndefined();
    const after = await look(host);
    const found = differences(before, after);
    expect(found.filter((one) => !isExpected(one))).toEqual([]);
    // Not even an access time of a file in a container's own layer or in a volume.
    const inside = found.filter(
      ({ path }) => !path.endsWith('/') && (/\/overlay2\/[0-9a-z]+\/diff\//.test(path) || path.includes('/_data/')),
    );
    expect(inside).toEqual([]);
    expect(after.events).toEqual(before.events);
    const gone = [...before.processes].filter(([pid, what]) => after.processes.get(pid) !== what);
    const come = [...after.processes].filter(([pid, what]) => before.processes.get(pid) !== what);
    // sshd keeps a process for the connection; the containers' own loops end one sleep and begin another. No shell, no tool is left.
    const own = ([, what]: [string, string]) =>
      !/^(sshd|\/usr\/sbin\/sshd|\/usr\/lib\/openssh\/sshd|sleep )/.test(what);
    expect({ gone: gone.filter(own), come: come.filter(own) }).toEqual({ gone: [], come: [] });
    expect(before.files.size).toBeGreaterThan(1000);
  }, 240_000);

  it('the comparison sees the least of what must not be', async () => {
    const before = await look(host);
    const upper = await host.output(['docker', 'inspect', '-f', '{{.GraphDriver.Data.UpperDir}}', 'shop-web']);
    await host.output(['touch', '-a', '-d', '2021-01-01T00:00:00Z', `${upper}/etc/passwd`]);
    await host.output(['touch', '/etc/hostname']);
    await host.output(['docker', 'exec', 'node-agent', 'true']);
    const after = await look(host);
    const found = differences(before, after).filter((one) => !isExpected(one));
    expect(found).toEqual(
      expect.arrayContaining([
        { path: `${upper}/etc/passwd`, field: 'atime' },
        { path: '/etc/hostname', field: 'mtime' },
      ]),
    );
    expect(after.events).not.toEqual(before.events);
  });
});
