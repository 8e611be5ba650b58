import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resolveCitation } from '../../src/main/analyze/cite';
import { type App, createApp } from '../../src/main/app';
import type { TimelineFilter, TimelineRow } from '../../src/shared/contract/timeline';
import { type LabCase, labCase } from '../kit/lab-case';
import { type LabHost, labAvailable, stageIncident, startHost, type Truth } from '../lab';

const absent = await labAvailable();
const run = promisify(execFile);

/** Where times are, and what says them: enough for every kind of row that a live host without an agent can give. */
const COLLECTORS = [
  'engine.events',
  'host.clock',
  'host.identity',
  'host.processes',
  'container.processes',
  'container.inspect',
  'container.changes',
  'container.log-files',
  'container.logs',
  'container.upper',
  'host.auth-log',
  'host.logins',
];

const AUTH = [
  'Nov 20 03:12:01 lab sshd[412]: Failed password for root from 198.51.100.7 port 40022 ssh2',
  'Nov 20 03:12:09 lab sshd[412]: Accepted password for root from 198.51.100.7 port 40022 ssh2',
];

/** One record of wtmp (utmp(5), 384 bytes): a user's login. */
function login(user: string, from: string, seconds: number): Buffer {
  const record = Buffer.alloc(384);
  record.writeInt16LE(7, 0);
  record.writeInt32LE(4242, 4);
  record.write('pts/7', 8);
  record.write('ts/7', 40);
  record.write(user, 44);
  record.write(from, 76);
  record.writeInt32LE(seconds, 340);
  return record;
}

describe.skipIf(absent !== undefined)(`the timeline of a staged incident${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let truth: Truth;
  let dir: string;
  let app: App;
  let kept: LabCase;

  const rowsOf = async (filter: TimelineFilter): Promise<TimelineRow[]> => {
    const all: TimelineRow[] = [];
    for (;;) {
      const asked = { case: kept.path, filter, offset: all.length, limit: 2000 };
      const { rows, total } = await app.client.timeline.rows(asked);
      all.push(...rows);
      if (rows.length === 0 || all.length >= total) return all;
    }
  };
  const analysed = async () => {
    const { task } = await app.client.findings.analyze({ case: kept.path });
    for await (const now of await app.client.tasks.watch({ id: task })) if (now.state !== 'running') return now;
    return app.client.tasks.get({ id: task });
  };

  beforeAll(async () => {
    process.env.LADING_KEYCHAIN = 'off';
    host = await startHost('tl1');
    truth = await stageIncident(host);
    await host.exec(['sh', '-c', 'cat > /var/log/auth.log'], { input: `${AUTH.join('\n')}\n` });
    const wtmp = login('mallory', '198.51.100.7', Date.UTC(2026, 10, 20, 3, 12, 10) / 1000);
    await host.exec(['sh', '-c', 'cat > /var/log/wtmp'], { input: wtmp });
    dir = await mkdtemp(join(tmpdir(), 'lading-timeline-'));
    app = await createApp({ window: 'none', configDir: join(dir, 'config') });
    kept = await labCase(app, join(dir, 'case'), host.spec);
    const task = await kept.collect({ collectors: COLLECTORS });
    expect(task.error).toBeUndefined();
    expect((await analysed()).state).toBe('done');
  }, 300_000);

  afterAll(async () => {
    await kept?.close();
    await app?.close();
    await host?.exec(['sh', '-c', 'rm -f /var/log/auth.log; : > /var/log/wtmp']);
    await host?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  it('has what was planted, in the order in which it was done, each with bytes that say so', async () => {
    const web = truth.containers['shop-web']?.id ?? '';
    const rows = await rowsOf({ targets: [web] });
    const place = (what: string, fits: (row: TimelineRow) => boolean): TimelineRow => {
      const row = rows.find(fits);
      if (!row) throw new Error(`the timeline has no ${what}`);
      return row;
    };
    const text = (id: string) => truth.items.find((item) => item.id === id)?.where.string ?? '?';
    const request = place(
      'request',
      ({ kind, message }) => /log|access/.test(kind) && message.includes(text('web-log')),
    );
    const uploaded = place(
      'uploaded script',
      ({ kind, message, desc }) =>
        kind === 'file' && message.startsWith('/srv/shop/uploads/attack.sh') && /Modification/.test(desc),
    );
    const exec = place('exec', ({ kind, message }) => kind === 'engine' && message.includes('exec_create'));
    const started = place('start', ({ kind, desc }) => kind === 'container' && desc === 'Container started');
    const shell = place('process', ({ kind, message }) => kind === 'process' && message.includes('attack.sh'));
    // starts of processes are sure to the second alone
    const apart = Math.abs(Date.parse(shell.time) - Date.parse(request.time));
    expect(apart).toBeLessThan(2000);
    const ordered = [started, uploaded, request, exec];
    expect(ordered.map(({ n }) => n)).toEqual(ordered.map(({ n }) => n).sort((a, b) => a - b));

    const stomped = place('timestomped file', ({ message, time }) => {
      return message.startsWith('/usr/local/sbin/logrotate-helper') && time.startsWith('2023-02-11T04:05:0');
    });
    expect(stomped.desc).toContain('Content Modification Time');

    for (const [row, said] of [
      [request, 'attack.sh'],
      [exec, 'exec_create'],
      [uploaded, 'attack.sh'],
      [shell, '(sh) S '],
    ] as const) {
      const cited = await resolveCitation(kept.path, { exhibit: row.exhibit ?? '', locator: row.locator ?? '' });
      expect(cited.bytes?.toString('latin1').replaceAll('\0', ' '), `${row.kind} ${row.locator}`).toContain(said);
    }
  });

  it('has the logins of the host and the examiner’s own actions on the same axis', async () => {
    const auth = await rowsOf({ kinds: ['auth'] });
    expect(auth.map(({ desc, time }) => [desc, time])).toEqual([
      ['Login failed', expect.stringMatching(/-11-20T03:12:0\d/)],
      ['Login accepted', expect.stringMatching(/-11-20T03:12:\d\d/)],
    ]);
    const [failed] = auth;
    const cited = await resolveCitation(kept.path, { exhibit: failed?.exhibit ?? '', locator: failed?.locator ?? '' });
    expect(cited.bytes?.toString()).toBe(AUTH[0]);
    const logins = await rowsOf({ kinds: ['login'] });
    expect(logins.find(({ message }) => message.includes('mallory'))?.time).toMatch(/^2026-11-20T03:12:(?:09|1)/);
    const own = await rowsOf({ kinds: ['examiner'] });
    expect(own.map(({ message }) => message).join('\n')).toMatch(/collection\.begun[\s\S]*collection\.ended/);
  });

  it('collected a second time, tells each entry of a log once', async () => {
    const before = (await rowsOf({ kinds: ['auth', 'login'] })).map(({ time, message }) => `${time} ${message}`);
    const logs = (await rowsOf({ kinds: ['log', 'access'] })).length;
    // One entry is taken away between the collections: what the newer file lacks is still told, from the older one.
    await host.exec(['sh', '-c', 'cat > /var/log/auth.log'], { input: `${AUTH[1]}\n` });
    await kept.collect({
      collectors: ['host.clock', 'host.auth-log', 'host.logins', 'container.log-files', 'container.logs'],
    });
    expect((await analysed()).state).toBe('done');
    const after = await rowsOf({ kinds: ['auth', 'login'] });
    // the clock's offset was measured anew: times may differ by a few milliseconds
    const words = (lines: readonly string[]) => lines.map((line) => line.replace(/^\S+ /, '')).sort();
    expect(words(after.map(({ time, message }) => `${time} ${message}`))).toEqual(words(before));
    expect((await rowsOf({ kinds: ['log', 'access'] })).length).toBe(logs);
    const newest = (await kept.records()).filter(({ collector }) => collector.id === 'host.auth-log').at(-1)?.id;
    expect(after.find(({ desc }) => desc === 'Login accepted')?.exhibit).toBe(newest);
    expect(after.find(({ desc }) => desc === 'Login failed')?.exhibit).not.toBe(newest);
  });

  it('is written for Timesketch, as CSV and as a bodyfile that mactime reads, and the ledger says so', async () => {
    const out = (name: string) => join(dir, name);
    const base = { case: kept.path, reason: 'for the lab' };
    const sketch = await app.client.timeline.export({ ...base, format: 'timesketch', to: out('t.jsonl') });
    const text = await readFile(sketch.path, 'utf8');
    expect(createHash('sha256').update(text).digest('hex')).toBe(sketch.sha256);
    const Event = z.object({
      message: z.string().min(1),
      datetime: z.iso.datetime({ offset: true }),
      timestamp_desc: z.string().min(1),
    });
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => Event.parse(JSON.parse(line)));
    expect(events.length).toBe(sketch.rows);
    const times = events.map(({ datetime }) => Date.parse(datetime));
    expect(times).toEqual([...times].sort((a, b) => a - b));

    const csv = await app.client.timeline.export({
      ...base,
      format: 'csv',
      to: out('t.csv'),
      filter: { kinds: ['auth'] },
    });
    expect(csv.rows).toBe(2);
    expect((await readFile(csv.path, 'utf8')).split('\r\n')).toHaveLength(4);
    await expect(app.client.timeline.export({ ...base, format: 'csv', to: out('t.csv') })).rejects.toThrow();
    await expect(
      app.client.timeline.export({ ...base, format: 'csv', to: join(kept.path, 'evidence', 'x.csv') }),
    ).rejects.toThrow();

    const body = await app.client.timeline.export({ ...base, format: 'bodyfile', to: out('t.body') });
    const { entries } = await app.client.custody.ledger({ case: kept.path, from: 0, limit: 1000 });
    const told = entries.filter(({ action }) => action === 'timeline.exported').map(({ details }) => details);
    expect(told.map(({ format, sha256, rows }) => [format, sha256, rows])).toEqual(
      [sketch, csv, body].map(({ sha256, rows }, i) => [['timesketch', 'csv', 'bodyfile'][i], sha256, rows]),
    );
    const mactime = await run('mactime', ['-b', body.path, '-d', '-y', '-z', 'UTC'], { maxBuffer: 1 << 28 }).catch(
      (error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      },
    );
    if (!mactime) return; // Without The Sleuth Kit on this machine its own reader cannot be asked.
    const lines = mactime.stdout.split('\n');
    const stomped = lines.find(
      (line) => line.includes('/usr/local/sbin/logrotate-helper') && line.startsWith('2023-02-11'),
    );
    expect(stomped).toMatch(/^2023-02-11T04:05:0\dZ,\d+,m/);
    expect(
      lines.some((line) => line.includes(',/srv/shop/uploads') || line.includes(':/srv/shop/uploads/attack.sh')),
    ).toBe(true);
  });
});
