import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ZodType } from 'zod';
import type { CollectContext, Collector } from '../../../src/main/collect/collector';
import { SCRIPTS } from '../../../src/main/collect/frames';
import { FREE_FOOTPRINT, footprintRank } from '../../../src/main/collect/plan';
import { profileById, profiles } from '../../../src/main/collect/profiles';
import { catalogue, checkedCollectors, collectorById, collectors } from '../../../src/main/collect/registry';
import type { Query } from '../../../src/main/docker/engine';
import type { ExecOptions } from '../../../src/main/hosts/host';
import {
  CollectorInfo,
  type ExhibitMeta,
  type ExhibitRecord,
  type HostFacts,
  type Target,
} from '../../../src/shared/domain';

const ID = 'f00f240eac3ddd70d7022a7382868d5497cbc7f66af4f19ad949fe0feed2b0d7';

/** What a collector asked for. The door and the host are the lab's business; here they only write down. */
interface Asked {
  meta?: ExhibitMeta;
  path?: string;
  query?: Query;
  argv?: string[];
  options?: ExecOptions;
  bytes?: string;
  miss?: string;
  note?: string;
}

/** `replies` by path: a body, or a status. */
function recorder(replies: Record<string, string | number> = {}, facts: Partial<HostFacts> = {}) {
  const asked: Asked[] = [];
  const record = {} as ExhibitRecord;
  const ctx = {
    facts,
    signal: new AbortController().signal,
    engine: {
      async json<T>(schema: ZodType<T>, path: string): Promise<T> {
        return schema.parse(JSON.parse(String(replies[path])));
      },
      async request(_method: string, path: string) {
        const reply = replies[path] ?? 404;
        return typeof reply === 'number'
          ? { status: reply, headers: {}, path, body: Readable.from([Buffer.from('{"message":"no"}\n')]) }
          : { status: 200, headers: {}, path, body: Readable.from([Buffer.from(reply)]) };
      },
    },
    async exhibit(meta: ExhibitMeta, source: Readable, how: () => unknown) {
      const parts: Buffer[] = [];
      for await (const part of source) parts.push(Buffer.from(part));
      const ended = (await how()) as { note?: string };
      asked.push({ meta, bytes: Buffer.concat(parts).toString(), note: ended.note });
      return record;
    },
    async capture(meta: ExhibitMeta, argv: string[], options?: ExecOptions) {
      asked.push({ meta, argv, options });
      return record;
    },
    async fetch(meta: ExhibitMeta, path: string, query?: Query) {
      asked.push({ meta, path, query });
      return record;
    },
    async miss(outcome: string, reason: string) {
      asked.push({ miss: `${outcome}: ${reason}` });
    },
    progress() {},
  } as unknown as CollectContext;
  return { asked, ctx };
}

function target(kind: Target['kind'], id = ID, name = 'web'): Target {
  return { kind, id, name, aliases: [] };
}

async function run(collector: Collector, replies?: Record<string, string | number>, facts?: Partial<HostFacts>) {
  const { asked, ctx } = recorder(replies, facts);
  await collector.collect(ctx, target(collector.scope), undefined);
  return asked;
}

function need(id: string): Collector {
  const collector = collectorById(id);
  if (!collector) throw new Error(`no collector ${id}`);
  return collector;
}

const RUNNING = JSON.stringify({ State: { Pid: 267 }, ExecIDs: ['e1', 'e2'] });

describe('the registry', () => {
  it('holds each collector under its own name, whole', () => {
    expect(collectors().length).toBeGreaterThanOrEqual(26);
    for (const info of catalogue()) {
      expect(CollectorInfo.parse(info)).toEqual(info);
      expect(info.version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(info.answers).toMatch(/\?$/);
      expect(info.how).toMatch(/\.$/);
      expect(info.needs.length).toBeGreaterThan(0);
      expect(new Set(info.needs).size).toBe(info.needs.length);
      // a process is taken of a container
      const [kind = ''] = info.id.split('.');
      expect(info.scope).toBe(({ engine: 'host', process: 'container' } as Record<string, string>)[kind] ?? kind);
    }
    expect(collectorById('no.such')).toBeUndefined();
  });

  it('refuses a file without a collector and one under another name', () => {
    expect(() => checkedCollectors({ './collectors/a.ts': undefined })).toThrow(/exports no collector/);
    expect(() => checkedCollectors({ './collectors/a.ts': need('engine.info') })).toThrow(
      /has to be in engine.info.ts/,
    );
  });

  it('stores what docs/evidence-formats.md says', async () => {
    const table = readFileSync(new URL('../../../docs/evidence-formats.md', import.meta.url), 'utf8');
    const rows = table
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter((cells) => /^[a-z]+\.[a-z-]+$/.test(cells[1] ?? '') && cells.length === 8)
      .map((cells) => cells.slice(1, 5).join(' | '));
    const stored: string[] = [];
    const named = new Set(rows.map((row) => row.split(' | ')[0]));
    expect(named.size).toBeGreaterThanOrEqual(26);
    for (const collector of collectors().filter(({ id }) => named.has(id))) {
      const replies = {
        [`/containers/${ID}/json`]: RUNNING,
        '/exec/e1/json': '{}\n',
        '/info': '{"SystemTime":"2026-11-25T09:00:00Z"}',
      };
      for (const { meta } of await run(collector, replies)) {
        stored.push([collector.id, collector.scope, meta?.kind, meta?.file].join(' | '));
      }
    }
    expect(stored.sort()).toEqual(rows.sort());
  });
});

describe('profiles', () => {
  it('name only collectors that there are, each once', () => {
    for (const profile of profiles()) {
      expect(new Set(profile.collectors).size).toBe(profile.collectors.length);
      for (const id of profile.collectors) expect(collectorById(id)?.id).toBe(id);
    }
    const left = collectors().filter(({ id }) => !profileById('everything')?.collectors.includes(id));
    expect(left.map(({ id }) => id).filter((id) => !id.startsWith('container.inside.'))).toEqual([
      'container.checkpoint-runc',
      'container.checkpoint',
      'container.commit',
      'container.connections-follow',
      'container.files',
      'container.log-follow',
      'container.shell',
      'host.capture',
      'host.memory-avml',
      'host.memory',
      'host.shell',
      'network.capture',
      'process.memory-paused',
    ]);
    expect(profiles().map((profile) => profile.id)).toEqual([
      'triage',
      'compromised container',
      'malware',
      'data exfiltration',
      'everything',
      'inside the container',
    ]);
  });

  it('triage never goes beyond reading the host', () => {
    for (const id of profileById('triage')?.collectors ?? []) {
      expect(footprintRank(need(id).footprint)).toBeLessThanOrEqual(footprintRank(FREE_FOOTPRINT));
    }
    expect(need('container.top').footprint).toBe('engine event');
    expect(need('container.export').footprint).toBe('writes on host');
  });
});

describe('engine collectors', () => {
  it('end the events at the moment on the host, never in its future', async () => {
    const clock = { hostTime: '', localTime: '', offsetMs: 3_600_000, uncertaintyMs: 400 };
    const before = Date.now();
    const [asked] = await run(need('engine.events'), {}, { clock });
    expect(asked?.path).toBe('/events');
    expect(asked?.query?.since).toBe(0);
    const until = Number(asked?.query?.until) * 1000;
    expect(until).toBeLessThanOrEqual(Date.now() + clock.offsetMs - clock.uncertaintyMs);
    expect(until).toBeGreaterThanOrEqual(before + clock.offsetMs - clock.uncertaintyMs);
    const [other] = await run(need('engine.events'), { '/info': '{"SystemTime":"2001-09-09T01:46:40.9Z"}' });
    expect(other?.query?.until).toBe('1000000000.900000000');
  });

  it('put a name from the host into a path as one part of it', async () => {
    const { asked, ctx } = recorder();
    await need('volume.inspect').collect(ctx, target('volume', '../../info?x', '../../info?x'), undefined);
    await need('image.inspect').collect(ctx, target('image', 'sha256:ab'), undefined);
    expect(asked.map((one) => one.path)).toEqual(['/volumes/..%2F..%2Finfo%3Fx', '/images/sha256%3Aab/json']);
  });

  it('ask for the whole log, and for one reading of the counters', async () => {
    expect((await run(need('container.logs')))[0]).toMatchObject({
      path: `/containers/${ID}/logs`,
      query: { stdout: true, stderr: true, timestamps: true },
    });
    expect((await run(need('container.stats')))[0]?.query).toEqual({ stream: false, 'one-shot': true });
  });
});

describe('container.execs', () => {
  const inspect = `/containers/${ID}/json`;

  it('keeps every answer as it came, one a line, and says what was gone', async () => {
    const asked = await run(need('container.execs'), {
      [inspect]: JSON.stringify({ ExecIDs: ['e1', 'gone', 'e2'] }),
      '/exec/e1/json': '{"ID":"e1", "x":"\\u001b"}\n',
      '/exec/e2/json': '{"ID":"e2"}',
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.bytes).toBe('{"ID":"e1", "x":"\\u001b"}\n{"ID":"e2"}\n');
    expect(asked[0]?.note).toContain('each of 3 ExecIDs');
    expect(asked[0]?.note).toContain('1 were gone');
  });

  it('tells none from forgotten', async () => {
    expect((await run(need('container.execs'), { [inspect]: '{"ExecIDs":null}' }))[0]?.miss).toMatch(/^none: /);
    expect((await run(need('container.execs'), { [inspect]: '{"ExecIDs":["e1"]}' }))[0]?.miss).toMatch(/^missing: /);
  });
});

describe('collectors of frames', () => {
  it('give only digits and hex as arguments, and the boundary only on standard input', async () => {
    const boundaries = new Set<string>();
    for (const id of ['container.processes', 'container.sockets', 'container.executables']) {
      const [asked] = await run(need(id), { [`/containers/${ID}/json`]: RUNNING });
      expect(asked?.argv?.slice(0, 2)).toEqual(['sh', '-c']);
      expect(asked?.argv?.slice(3)).toEqual(['lading', id, ID, '267']);
      expect(asked?.options?.asRoot).toBe(true);
      const boundary = String(asked?.options?.stdin);
      expect(boundary).toMatch(/^[0-9a-f]{32}\n$/);
      expect(asked?.argv?.join(' ')).not.toContain(boundary.trim());
      boundaries.add(boundary);
    }
    expect(boundaries.size).toBe(3);
  });

  it('say that a container ended before it could be looked at', async () => {
    const asked = await run(need('container.processes'), { [`/containers/${ID}/json`]: '{"State":{"Pid":0}}' });
    expect(asked).toEqual([{ miss: 'missing: The container ended before its processes could be looked at.' }]);
  });

  it('refuse a PID that is none', async () => {
    const hostile = JSON.stringify({ State: { Pid: '1; reboot' } });
    await expect(run(need('container.processes'), { [`/containers/${ID}/json`]: hostile })).rejects.toThrow();
  });

  it('have scripts that write no file and evaluate nothing', () => {
    for (const script of Object.values(SCRIPTS)) {
      expect(script).not.toMatch(/<</);
      expect(script).not.toMatch(/\b(eval|exec sh|sort|mktemp|tee|dd|docker|nsenter|chroot)\b/);
      const redirections = script.match(/\d?>+ *(&[\d-]|[^\s;)]+)/g) ?? [];
      expect(redirections.length).toBeGreaterThan(3);
      for (const one of redirections) expect(one).toMatch(/^(\d?>&[\d-]|2?>\/dev\/null)$/);
      expect(script.trimEnd().endsWith(`printf '%s end\\n' "$B"`)).toBe(true);
    }
  });
});
