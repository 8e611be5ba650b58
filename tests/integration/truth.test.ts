import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/main/app';
import { profileById } from '../../src/main/collect/profiles';
import type { ExhibitRecord } from '../../src/shared/domain';
import { type LabCase, labCase, type Member, members } from '../kit/lab-case';
import { type LabHost, labAvailable, type Planted, stageIncident, startHost, type Truth } from '../lab';

const absent = await labAvailable();

/** What only the memory of a process or packets on the wire can show; this collection takes neither. */
const ELSEWHERE: Record<string, string> = {
  'memory-only-string': 'it is in the memory of a process alone, which memory.* takes',
  'dns-lookups': 'the packets are gone when the collection begins; a capture takes those that come',
  upload: 'the packets are gone when the collection begins; what was sent is stolen-data, in the volume',
};

/** Take minutes or live traffic, stop the container for a moment, or copy what layers and upper directories have already. */
const LEFT_OUT =
  /^container\.(memory|checkpoint|capture|commit|files|export)|^host\.(memory|capture)|capture|memory|^image\.save$/;

interface Taken {
  record: ExhibitRecord;
  bytes: Buffer;
}

describe.skipIf(absent !== undefined)(`every planted thing is in an exhibit${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let truth: Truth;
  let dir: string;
  let app: App;
  let kept: LabCase;
  let all: Taken[];
  const archives = new Map<string, Map<string, Member>>();

  beforeAll(async () => {
    process.env.LADING_KEYCHAIN = 'off';
    host = await startHost('fs2');
    truth = await stageIncident(host);
    dir = await mkdtemp(join(tmpdir(), 'lading-truth-'));
    app = await createApp({ window: 'none', configDir: join(dir, 'config') });
    kept = await labCase(app, join(dir, 'case'), host.spec);
    const without = (profileById('everything')?.collectors ?? []).filter((id) => LEFT_OUT.test(id));
    const task = await kept.collect({ profile: 'everything', without });
    expect(task.error).toBeUndefined();
    all = await Promise.all(
      (await kept.records()).map(async (record) => ({ record, bytes: await kept.bytes(record) })),
    );
  }, 300_000);

  afterAll(async () => {
    await kept?.close();
    await app?.close();
    await host?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  const of = (collector: string | RegExp, target?: string) =>
    all.filter(
      ({ record }) =>
        (typeof collector === 'string' ? record.collector.id === collector : collector.test(record.collector.id)) &&
        (target === undefined || record.target.id === target || record.target.name === target),
    );
  const holding = (taken: readonly Taken[], text: string | Buffer) => taken.filter(({ bytes }) => bytes.includes(text));
  /** Members of the tars among them at this path of the file system. */
  const at = (taken: readonly Taken[], path: string): Member[] =>
    taken.flatMap(({ record, bytes }) => {
      if (record.kind !== 'tar') return [];
      let content = archives.get(record.id);
      if (!content) {
        content = members(bytes).all;
        archives.set(record.id, content);
      }
      const found = content.get(path);
      return found ? [found] : [];
    });
  const say = (item: Planted, where: readonly unknown[]) => {
    expect(where.length, `${item.id}: ${item.what}: in no exhibit`).toBeGreaterThan(0);
  };

  it('says of each of the planted things where it is', () => {
    expect(truth.items.length).toBeGreaterThanOrEqual(47);
    const missing: string[] = [];
    for (const item of truth.items) {
      if (item.id in ELSEWHERE) continue;
      try {
        say(item, find(item));
      } catch (error) {
        missing.push(error instanceof Error ? error.message : String(error));
      }
    }
    expect(missing).toEqual([]);
    // Each exception is still planted, so that none outlives its reason.
    for (const id of Object.keys(ELSEWHERE)) expect(truth.items.map((item) => item.id)).toContain(id);
  });

  /** Exhibits, or members of them, that show the item; empty where none does. */
  function find(item: Planted): readonly unknown[] {
    const { containerId: id, where } = item;
    const { path, string } = where;
    switch (item.kind) {
      case 'process':
      case 'network':
        return findLive(item);
      case 'file':
      case 'volume':
        return findFile(item);
      case 'config':
      case 'event':
        if (item.kind === 'event' || !where.pointer) {
          return holding(of('engine.events'), jsonText(string ?? '?'));
        }
        return of('container.inspect', id).filter(({ bytes }) => {
          const value = pointed(JSON.parse(bytes.toString('utf8')), where.pointer ?? '');
          return item.id === 'privileged'
            ? value === true
            : item.id === 'stopped-container'
              ? typeof value === 'number' && value !== 0 && holding(of('container.logs', id), string ?? '?').length > 0
              : JSON.stringify(value)?.includes(JSON.stringify(string).slice(1, -1));
        });
      case 'log':
        // json-file writes what is no printable text as an escape, so the engine's own view is the one with the bytes.
        return holding(of('container.logs', id), string ?? '?');
      case 'image':
        if (item.id === 'image-history') return holding(of('image.history'), jsonText(string ?? '?'));
        if (item.id === 'image-secret')
          return at(of('image.layers'), path ?? '').filter((one) => one.content.includes(string ?? '?'));
        return words(where.layers).every((layer) =>
          of('image.layers').some(({ record }) => `sha256:${record.sha256}` === layer),
        )
          ? words(where.layers)
          : [];
      case 'hostile':
        return findHostile(item);
      default:
        return [];
    }
  }

  function findLive({ id: name, containerId: id, where: { pid, path, string, remote } }: Planted): readonly unknown[] {
    const table = of('container.processes', id);
    if (name === 'download') {
      return at(of('container.upper', id), path ?? '?');
    }
    if (name === 'reverse-shell' || name === 'established-connection') {
      const port = Number(/:(\d+)$/.exec(remote ?? '')?.[1])
        .toString(16)
        .toUpperCase()
        .padStart(4, '0');
      return of('container.sockets', id).filter(({ bytes }) =>
        new RegExp(` [0-9A-F]{8,32}:${port} 01 `).test(bytes.toString('latin1')),
      );
    }
    if (path?.includes('deleted') || name === 'deleted-binary') {
      const title = new RegExp(
        `^PID ${pid}, exe: ${(path ?? '').replace(/ \(deleted\)$/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')} \\(deleted\\)$`,
      );
      const shown = of('container.open-deleted', id).filter(({ record }) => title.test(record.title));
      return shown.length > 0 ? shown : holding(of('container.open-deleted', id), path ?? '?');
    }
    // Words of a command line are told apart by NUL.
    return table.filter(
      ({ bytes }) =>
        new RegExp(` ${pid} cmdline `).test(bytes.toString('latin1')) &&
        bytes
          .toString('latin1')
          .replaceAll('\0', ' ')
          .includes(string ?? '?'),
    );
  }

  function findFile({ id: name, containerId: id, where }: Planted): readonly unknown[] {
    const path = where.path ?? '?';
    if (name === 'tmpfs-file' || name === 'shm-file') {
      return at(of('container.tmpfs', id), path).filter((one) => one.content.includes(where.string ?? '?'));
    }
    if (name === 'stolen-data')
      return at(of('volume.content', truth.volume), '/.dump.tgz').filter((one) => one.content.length > 0);
    const found = at(of('container.upper', id), path);
    if (name === 'history-wiped') return found.filter(({ entry }) => entry.link === where.string);
    if (name === 'deleted-log') {
      return found.filter(
        ({ entry }) => entry.type === 'character device' && entry.device?.major === 0 && entry.device.minor === 0,
      );
    }
    if (name === 'setuid-file') return found.filter(({ entry }) => entry.mode.toString(8) === where.mode);
    if (name === 'timestomped') {
      return found.filter(({ entry }) => new Date((entry.mtime ?? 0) * 1000).toISOString() === where.mtime);
    }
    return found.filter((one) => one.content.length > 0 && one.content.includes(where.string ?? ''));
  }

  function findHostile({ id: name, containerId: id, where }: Planted): readonly unknown[] {
    if (name === 'hostile-name')
      return of('container.inspect', id).filter(({ bytes }) => bytes.includes(where.string ?? '?'));
    if (name === 'hostile-log') return holding(of('container.logs', id), where.string ?? '?');
    if (name === 'hostile-process')
      return holding(of('container.processes', id), Buffer.from(String(where.argvHex), 'hex'));
    if (name === 'hostile-path') return holding(of('container.upper', id), (where.path ?? '?').slice(0, 1000));
    if (name === 'hostile-files') {
      const names = words(where.namesHex).map((hex) => Buffer.from(hex, 'hex'));
      return of('container.upper', id).filter(({ bytes }) => names.every((one) => bytes.includes(one)));
    }
    const keys = words(where.values);
    return of('container.inspect', id).filter(({ bytes }) => {
      const value = JSON.stringify(pointed(JSON.parse(bytes.toString('utf8')), where.pointer ?? ''));
      return keys.length > 0 && keys.every((key) => value.includes(key));
    });
  }

  it('of the stopped container: its file, its log, its end, its configuration', () => {
    const id = truth.containers['shop-migrate']?.id ?? '';
    expect(at(of('container.upper', id), '/root/loot.txt')[0]?.content.length).toBeGreaterThan(0);
    for (const collector of [
      'container.inspect',
      'container.logs',
      'container.engine-files',
      'container.upper-listing',
    ]) {
      expect(of(collector, id), collector).not.toEqual([]);
    }
  });

  it('the container that was broken into, once stopped, still shows its files, logs and events', async () => {
    const items = truth.items.filter((item) => item.kind === 'file' && !/^(tmpfs|shm)-file$/.test(item.id));
    await host.output(['docker', 'stop', '-t', '0', 'shop-web']);
    const before = all.length;
    try {
      const task = await kept.collect({
        collectors: [
          'container.upper',
          'container.inspect',
          'container.logs',
          'container.tmpfs',
          'container.open-deleted',
          'engine.events',
        ],
        targets: ['shop-web'],
      });
      expect(task.error).toBeUndefined();
      all = await Promise.all(
        (await kept.records()).slice(before).map(async (record) => ({ record, bytes: await kept.bytes(record) })),
      );
      for (const item of items.filter((one) => one.container === 'shop-web')) say(item, findFile(item));
      for (const item of truth.items.filter((one) => one.kind === 'log' && one.container === 'shop-web'))
        say(item, find(item));
      // What was in memory is gone, and the plan says why instead of giving nothing.
      const skipped = task.items.filter((item) => item.state === 'skipped');
      expect(skipped).toHaveLength(2);
      for (const item of skipped) expect(item.note).toMatch(/does not run/);
    } finally {
      await host.exec(['docker', 'start', 'shop-web']);
    }
  });
});

function words(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Text as JSON has it, where its writer (Go) escapes <, > and &. */
function jsonText(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
}

/** RFC 6901. */
function pointed(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (at, key) => (at && typeof at === 'object' ? Object.entries(at).find(([one]) => one === key)?.[1] : undefined),
      value,
    );
}
