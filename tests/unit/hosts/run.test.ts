import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withAccessLog } from '../../../src/main/hosts/access';
import { bestReading, measureClock, parseSample } from '../../../src/main/hosts/clock';
import { elevate, SudoTalk } from '../../../src/main/hosts/elevation';
import { Gate } from '../../../src/main/hosts/gate';
import type { ExecOptions } from '../../../src/main/hosts/host';
import { parseIdentity, readIdentity } from '../../../src/main/hosts/identity';
import { localHost } from '../../../src/main/hosts/local';
import { guarded, socketOver } from '../../../src/main/hosts/streams';
import type { Access } from '../../../src/shared/domain';
import { LadingError } from '../../../src/shared/errors';

const LINUX = process.platform === 'linux';
const log: Access[] = [];
const logged = <T>(work: () => Promise<T>): Promise<T> => withAccessLog(log, work);
const run = (argv: string[], options: ExecOptions = {}) =>
  logged(async () => {
    const execution = await localHost('local', 'local').exec(argv, options);
    const [stdout, stderr] = await Promise.all([buffer(execution.stdout), buffer(execution.stderr)]);
    return { stdout, stderr: stderr.toString(), exit: await execution.done };
  });

describe('a command on this machine', () => {
  // Node itself: it is wherever the tests run.
  const node = (script: string, ...args: string[]) => [process.execPath, '-e', script, ...args];

  it('keeps bytes, streams and status apart, and is recorded', async () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const got = await run(node('process.stdin.pipe(process.stdout); process.stderr.write("e"); process.exitCode = 3'), {
      stdin: all,
    });
    expect(got.stdout.equals(all)).toBe(true);
    expect(got.stderr).toBe('e');
    expect(got.exit).toEqual({ code: 3 });
    expect(log.at(-1)).toMatchObject({ kind: 'exec', exit: 3, bytes: 256, asRoot: false });
  });

  it('gets its words as they are, and none of our environment', async () => {
    const words = ["it's", '$(x)', '', 'a\nb', '%PATH%', '"'];
    process.env.LADING_SECRET = 'x';
    const got = await run(
      node('console.log(JSON.stringify([process.argv.slice(1), process.env.LADING_SECRET]))', ...words),
    );
    delete process.env.LADING_SECRET;
    expect(JSON.parse(got.stdout.toString())).toEqual([words, null]);
  });

  it('that is not there ends with 127 and says so, as in a shell', async () => {
    expect(await run(['no-such-command-at-all'])).toMatchObject({
      exit: { code: 127 },
      stderr: expect.stringContaining('not found'),
    });
  });

  it('is ended by a cancel and by its time', async () => {
    const forever = node('process.stdout.write("x"); setInterval(() => {}, 1000)');
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    await expect(run(forever, { signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(run(forever, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'TIMED_OUT' });
  });

  it('is refused without a record, without root, and where only the engine is', async () => {
    await expect(localHost('local', 'local').exec(['true'])).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(run(['true'], { asRoot: true })).rejects.toMatchObject({ code: 'ROOT_REQUIRED' });
    await expect(logged(() => localHost('unix:///x', 'engine only').exec(['true']))).rejects.toMatchObject({
      code: 'NOT_POSSIBLE',
    });
  });

  it.skipIf(!LINUX)('says what this machine is, and what its clock says', async () => {
    const host = localHost('local', 'local');
    const { identity } = await logged(() => readIdentity(host, { sudo: false }));
    expect(identity).toMatchObject({ system: 'Linux', uid: process.getuid?.(), procfs: true });
    const clock = await logged(() => measureClock(host));
    expect(Math.abs(clock?.offsetMs ?? 1e9)).toBeLessThanOrEqual((clock?.uncertaintyMs ?? 0) + 2);
  });

  it('connects to a socket', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'lading-run-'));
    const path = process.platform === 'win32' ? `\\\\.\\pipe\\lading-run-${process.pid}` : join(dir, 's');
    const server = createServer((socket) => socket.end('hello')).listen(path);
    await once(server, 'listening');
    const socket = await logged(() => localHost('local', 'local').connect(path));
    expect((await buffer(socket)).toString()).toBe('hello');
    server.close();
    rmSync(dir, { recursive: true });
    await expect(logged(() => localHost('local', 'local').connect(path))).rejects.toMatchObject({
      code: 'ENGINE_ABSENT',
    });
    expect(log.at(-1)?.error).toContain('No engine answers');
  });
});

describe('sudo', () => {
  it('runs as is for root, with sudo -n, or not at all', () => {
    expect(elevate(['id'], { by: 'login' })).toEqual({ argv: ['id'] });
    expect(elevate(['id', '-u'], { by: 'sudo' }).argv).toEqual(['sudo', '-n', '--', 'id', '-u']);
    expect(() => elevate(['id'], { by: 'nothing', reason: 'no', advice: 'x' })).toThrow(LadingError);
    const elevation = { by: 'sudo password' as const, password: () => 'hunter2' };
    expect(JSON.stringify([elevation, elevate(['id'], elevation)])).not.toContain('hunter2');
  });

  it('gets the password once, when it asks, however its words are cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(30), { maxLength: 20 }),
        fc.string({ maxLength: 80 }),
        fc.string({ maxLength: 80 }),
        (cuts, before, after) => {
          const talk = new SudoTalk('pw');
          const answers: string[] = [];
          let begun = 0;
          talk.onAsked = (answer) => answers.push(answer);
          talk.onBegun = () => {
            begun += 1;
          };
          let text = Buffer.from(`${before}${talk.prompt}${talk.startMark}${after}`);
          const out: Buffer[] = [];
          for (const cut of cuts) {
            out.push(talk.filter(text.subarray(0, cut)));
            text = text.subarray(cut);
          }
          out.push(talk.filter(text), talk.rest());
          expect(Buffer.concat(out).toString()).toBe(before + after);
          expect(answers).toEqual(['pw\n']);
          expect(begun).toBe(1);
        },
      ),
    );
  });

  it('that asks again has refused; one that asks nothing gets nothing', () => {
    const refused = new SudoTalk('pw');
    let times = 0;
    refused.onRefused = () => {
      times += 1;
    };
    refused.filter(Buffer.from(`${refused.prompt}Sorry, try again.\n${refused.prompt}`));
    expect(times).toBe(1);
    const free = new SudoTalk('pw');
    const answers: string[] = [];
    free.onAsked = (answer) => answers.push(answer);
    free.filter(Buffer.from(free.startMark));
    // After the begin everything is the command's own, even if it says what looks like the prompt.
    expect(free.filter(Buffer.from(free.prompt)).toString()).toBe(free.prompt);
    expect(answers).toEqual([]);
  });
});

describe('a stream of a host', () => {
  it('whose connection is gone breaks instead of ending', async () => {
    let fault: Error | undefined;
    const source = new PassThrough();
    const guard = guarded(source, { fault: () => fault });
    const reading = buffer(guard);
    source.write('part');
    fault = new LadingError('CONNECTION_LOST', 'gone');
    source.end();
    await expect(reading).rejects.toMatchObject({ code: 'CONNECTION_LOST' });

    const output = new PassThrough();
    const socket = socketOver(
      { input: new PassThrough(), output, end: () => undefined },
      'forwarded by sshd',
      () => fault,
    );
    output.end();
    await expect(buffer(socket)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });

  it('holds its source back when nobody reads', async () => {
    const source = new PassThrough();
    const guard = guarded(source, { fault: () => undefined });
    let wrote = 0;
    while (source.write(Buffer.alloc(65_536)) && wrote < 1000) {
      wrote += 1;
      await new Promise((done) => setImmediate(done));
    }
    expect(wrote).toBeLessThan(50);
    guard.destroy();
    await new Promise((done) => setImmediate(done));
    expect(source.writableNeedDrain).toBe(false);
  });
});

describe('a gate', () => {
  it('lets so many in, in their order, and forgets who gave up', async () => {
    const gate = new Gate(2);
    const order: number[] = [];
    const give = new AbortController();
    const work = async (name: number, signal?: AbortSignal) => {
      const leave = await gate.enter(signal);
      order.push(name);
      await new Promise((done) => setTimeout(done, 5));
      leave();
      leave();
    };
    const all = [work(1), work(2), work(3, give.signal), work(4), work(5)];
    const gaveUp = all[2]?.catch((error: unknown) => error);
    give.abort();
    await Promise.all([all[0], all[1], all[3], all[4]]);
    expect(order).toEqual([1, 2, 4, 5]);
    expect(await gaveUp).toBeInstanceOf(Error);
    expect(gate.inside).toBe(0);
    gate.shrink(0);
    await work(6);
    expect(order.at(-1)).toBe(6);
  });
});

describe('the clock', () => {
  it('reads date with and without fractions', () => {
    expect(parseSample('1764063600.250000000', 0, 2)).toEqual({
      askedMs: 0,
      answeredMs: 2,
      hostMs: 1_764_063_600_250,
      resolutionMs: 0,
    });
    for (const line of ['1764063600.%N', '1764063600.N', '1764063600.', '1764063600']) {
      expect(parseSample(line, 0, 2)).toMatchObject({ hostMs: 1_764_063_600_500, resolutionMs: 1000 });
    }
    for (const line of ['', 'date: invalid', '1e9', '-5', '17640636001764063600'])
      expect(parseSample(line, 0, 2)).toBeUndefined();
  });

  it('takes the sample with the shortest round trip', () => {
    const base = 1_764_063_600_000;
    const reading = bestReading([
      { askedMs: base, answeredMs: base + 100, hostMs: base + 90, resolutionMs: 0 },
      { askedMs: base + 200, answeredMs: base + 210, hostMs: base + 3805, resolutionMs: 0 },
    ]);
    expect(reading).toEqual({
      offsetMs: 3600,
      uncertaintyMs: 5.5,
      hostTime: '2025-11-25T09:40:03.805Z',
      localTime: '2025-11-25T09:40:00.205Z',
    });
    expect(bestReading([])).toBeUndefined();
    expect(bestReading([{ askedMs: 0, answeredMs: 1, hostMs: 1e18, resolutionMs: 0 }])).toBeUndefined();
  });
});

describe('what a host says of itself', () => {
  it('cannot play a section of its own, and is taken with a grain of salt', () => {
    const mark = 'lading-abc';
    const section = (name: string, text: string) => `\n${mark} ${name}\n${text}`;
    const answer = (hostname: string) =>
      [
        'a motd\n',
        section('hostname', hostname),
        section('machine-id', 'not-hex\n'),
        section('os', 'PRETTY_NAME="De\u001b[31mbian"\n'),
        section('id', '0\nroot\n'),
        section('sockets', 'yes /run/docker.sock\nno /x y\nyes relative\n'),
        section('end', ''),
      ].join('');
    const read = parseIdentity(answer('web\nlading-other id\n1000\n'), mark);
    expect(read).toMatchObject({
      hostname: 'web',
      machineId: undefined,
      os: 'De\u001b[31mbian',
      uid: 0,
      user: 'root',
      procfs: false,
    });
    expect(read?.sockets).toEqual([
      { path: '/run/docker.sock', usable: true },
      { path: '/x y', usable: false },
    ]);
    expect(parseIdentity(answer('x').replace(`${mark} end`, ''), mark)).toBeUndefined();
    expect(parseIdentity('This account is currently not available.', mark)).toBeUndefined();
  });
});
