import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { hostname, release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectHost } from '../../src/main/docker/connect';
import type { HostSession } from '../../src/main/docker/session';
import { listTargets } from '../../src/main/docker/targets';
import { withAccessLog } from '../../src/main/hosts/access';
import { measureClock } from '../../src/main/hosts/clock';
import type { Access, HostSpec } from '../../src/shared/domain';
import { LadingError } from '../../src/shared/errors';
import { LAB_PASSPHRASE, labAvailable } from '../lab/index';

const LAB = resolve('tests/lab/lab');
const HOME = process.env.LAB_HOME ?? '/var/cache/container-lab';
const A = 'it-hosts';
const B = 'it-hosts-b';

const lab = (...args: string[]): string =>
  execFileSync(LAB, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const reason = await labAvailable();

describe.skipIf(reason !== undefined)(`hosts over SSH${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let a = '';
  let b = '';
  let configDir = '';
  let log: Access[] = [];
  const open: HostSession[] = [];
  const file = (host: string, name: string): string => join(HOME, host, name);

  beforeAll(async () => {
    lab('up', A);
    lab('up-light', B, A);
    a = lab('addr', A).trim();
    b = lab('addr', B).trim();
    configDir = await mkdtemp(join(tmpdir(), 'lading-hosts-'));
  });
  afterAll(async () => {
    lab('down', A);
    await rm(configDir, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const session of open.splice(0)) await session.close();
    log = [];
  });

  const spec = (user: string, more: Partial<HostSpec> = {}): HostSpec => ({
    address: `ssh://${user}@${a}`,
    identity: file(A, 'id_ed25519'),
    knownHosts: file(A, 'known_hosts'),
    sudo: false,
    ...more,
  });
  type Options = Partial<Parameters<typeof connectHost>[1]>;
  const connect = async (one: HostSpec, options: Options = {}): Promise<HostSession> => {
    const session = await withAccessLog(log, () => connectHost(one, { configDir, ...options }));
    open.push(session);
    return session;
  };
  const failure = async (work: Promise<unknown>): Promise<LadingError> => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(LadingError);
    return error as LadingError;
  };
  const logged = <T>(work: () => Promise<T>): Promise<T> => withAccessLog(log, work);
  const run = (session: HostSession, argv: string[], options = {}) =>
    logged(async () => {
      const execution = await session.host.exec(argv, options);
      const [stdout, stderr] = await Promise.all([buffer(execution.stdout), buffer(execution.stderr)]);
      return { stdout, stderr: stderr.toString(), exit: await execution.done };
    });

  it('learns what the host is, its engine, its clock, and what can be taken', async () => {
    const { facts } = await connect(spec('root'));
    expect(facts).toMatchObject({
      transport: 'ssh',
      hostname: A,
      machineId: lab('exec', A, 'cat', '/etc/machine-id').trim(),
      user: 'root',
      uid: 0,
      root: true,
      engine: { socket: '/var/run/docker.sock', via: 'forwarded by sshd', name: A },
    });
    expect(facts.id).toBe(facts.machineId);
    expect(facts.os).toContain('Debian');
    expect(facts.engineError).toBeUndefined();
    // whether there is a /proc/kcore is this machine's own
    const { kcore, ...can } = Object.fromEntries(facts.capabilities.map((one) => [one.need, one.ok]));
    expect(can).toEqual({ engine: true, procfs: true, root: true, running: true, criu: true, ssh: true });
    expect(kcore).toBeTypeOf('boolean');
    expect(facts.hostKey?.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    // The lab shares this machine's clock.
    expect(Math.abs(facts.clock?.offsetMs ?? 1e9)).toBeLessThan(50);
    expect(facts.clock?.uncertaintyMs).toBeLessThan(50);
  });

  it('keeps every byte of a command, stdout and stderr apart', async () => {
    const session = await connect(spec('root'));
    const all = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const echoed = await run(session, ['cat'], { stdin: all });
    expect(echoed.stdout.equals(all)).toBe(true);
    const { stdout, stderr, exit } = await run(session, ['sh', '-c', 'echo out; echo err >&2; exit 3']);
    expect([stdout.toString(), stderr, exit]).toEqual(['out\n', 'err\n', { code: 3 }]);
    expect((await run(session, ['no-such-command'])).exit.code).toBe(127);
    const words = ["it's", '$(touch /tmp/pwned)', '', 'a\nb', '`id`', '\\', '--', 'ü ☃', '\u001b[31m'];
    expect((await run(session, ['printf', '%s\\0', ...words])).stdout.toString()).toBe(
      words.map((one) => `${one}\0`).join(''),
    );
  });

  it('passes a hundred megabytes unchanged, as the far side hashed them', async () => {
    const session = await connect(spec('root'));
    const made = 'head -c 104857600 /dev/urandom | tee /dev/fd/3 | sha256sum >&2';
    const got = await run(session, ['bash', '-c', `{ ${made}; } 3>&1 1>/dev/null`]);
    expect(got.stdout.length).toBe(104_857_600);
    expect(createHash('sha256').update(got.stdout).digest('hex')).toBe(got.stderr.split(' ')[0]);
  });

  it('runs more commands at once than sshd grants sessions', async () => {
    lab('exec', A, 'sh', '-c', 'echo MaxSessions 3 >/etc/ssh/sshd_config.d/aa.conf; kill -HUP $(cat /run/sshd.pid)');
    try {
      await new Promise((done) => setTimeout(done, 500));
      const session = await connect(spec('root'));
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) => run(session, ['sh', '-c', `sleep 0.1; echo ${index}`])),
      );
      expect(results.map((one) => one.stdout.toString().trim())).toEqual(
        Array.from({ length: 20 }, (_, index) => String(index)),
      );
    } finally {
      lab('exec', A, 'sh', '-c', 'rm /etc/ssh/sshd_config.d/aa.conf; kill -HUP $(cat /run/sshd.pid)');
      await new Promise((done) => setTimeout(done, 500));
    }
  });

  it('speaks with the engine, and records each touch', async () => {
    const session = await connect(spec('root'));
    const before = log.length;
    const response = await logged(async () => {
      const answer = await session.engine?.request('GET', '/info');
      if (!answer) throw new Error('no engine');
      return { ...answer, text: (await buffer(answer.body)).toString() };
    });
    expect(response.status).toBe(200);
    expect(JSON.parse(response.text).Name).toBe(A);
    await logged(async () => session.engine?.docker.version());
    const calls = log.slice(before).filter((one) => one.kind === 'api');
    expect(calls.map((one) => one.what.join(' '))).toEqual([
      `GET /v${session.engine?.facts.apiVersion}/info`,
      `GET /v${session.engine?.facts.apiVersion}/version`,
    ]);
    expect(calls[0]).toMatchObject({ kind: 'api', status: 200, bytes: response.text.length });
    expect(await failure(session.engine?.request('GET', '/info') ?? Promise.resolve())).toMatchObject({
      code: 'INTERNAL',
    });
    const targets = await logged(() => listTargets(session));
    expect(targets[0]).toMatchObject({ kind: 'host', name: A });
    expect(targets.filter((one) => one.kind === 'network').map((one) => one.name)).toContain('bridge');
  });

  it('cancels a command and a call', async () => {
    const session = await connect(spec('root'));
    const stop = new AbortController();
    const running = run(session, ['sh', '-c', 'echo begun; sleep 60'], { signal: stop.signal });
    setTimeout(() => stop.abort(), 200);
    expect(await failure(running)).toMatchObject({ code: 'CANCELLED' });
    expect(await failure(run(session, ['sleep', '60'], { timeoutMs: 200 }))).toMatchObject({ code: 'TIMED_OUT' });
    const halt = new AbortController();
    const events = await logged(async () => session.engine?.request('GET', '/events', undefined, halt.signal));
    halt.abort();
    expect(await failure(buffer(events?.body ?? Readable.from([])))).toMatchObject({ code: 'CANCELLED' });
    expect((await run(session, ['sh', '-c', 'ps -eo args | grep -c "[s]leep 60"'])).stdout.toString().trim()).toBe('0');
  });

  it('asks for what the host wants: passphrase, password, answers', async () => {
    const locked = spec('root', { identity: file(A, 'id_ed25519_passphrase') });
    expect(await failure(connect(locked))).toMatchObject({ code: 'AUTH_REQUIRED', details: { wants: 'passphrase' } });
    expect(await failure(connect(locked, { secrets: { passphrase: 'wrong' } }))).toMatchObject({
      code: 'AUTH_FAILED',
      details: { wants: 'passphrase' },
    });
    await connect(locked, { secrets: { passphrase: LAB_PASSPHRASE } });

    const foreign = spec('examiner', { identity: file(A, 'id_ed25519_foreign') });
    expect(await failure(connect(foreign))).toMatchObject({ code: 'AUTH_REQUIRED', details: { wants: 'password' } });
    const wrong = await failure(connect(foreign, { secrets: { password: 'hunter2' } }));
    expect(wrong).toMatchObject({ code: 'AUTH_FAILED', details: { wants: 'password' } });
    expect(JSON.stringify([wrong, log])).not.toContain('hunter2');
    expect((await connect(foreign, { secrets: { password: 'lading-lab' } })).facts.user).toBe('examiner');
  });

  it('answers keyboard-interactive questions', async () => {
    lab(
      'exec',
      A,
      'sh',
      '-c',
      'printf "Match User plain\\n PasswordAuthentication no\\n" >/etc/ssh/sshd_config.d/zz.conf; kill -HUP $(cat /run/sshd.pid)',
    );
    try {
      await new Promise((done) => setTimeout(done, 500));
      const foreign = spec('plain', { identity: file(A, 'id_ed25519_foreign') });
      expect(await failure(connect(foreign))).toMatchObject({
        code: 'AUTH_REQUIRED',
        details: { wants: 'answers', prompts: [{ prompt: expect.stringContaining('Password:'), echo: false }] },
      });
      expect(await failure(connect(foreign, { secrets: { answers: ['no'] } }))).toMatchObject({ code: 'AUTH_FAILED' });
      await connect(foreign, { secrets: { answers: ['lading-lab'] } });
      await connect(foreign, { secrets: { password: 'lading-lab' } });
    } finally {
      lab('exec', A, 'sh', '-c', 'rm /etc/ssh/sshd_config.d/zz.conf; kill -HUP $(cat /run/sshd.pid)');
      await new Promise((done) => setTimeout(done, 500));
    }
  });

  it('says what an account cannot do, and what would help', async () => {
    const { facts } = await connect(spec('plain'));
    expect(facts.engine).toBeUndefined();
    expect(facts.engineError).toMatch(/docker\.sock is there, but this user may not use it/);
    expect(facts.capabilities.find((one) => one.need === 'root')).toMatchObject({
      ok: false,
      reason: expect.stringContaining('--sudo'),
    });
    const group = await connect(spec('dockeruser'));
    expect(group.facts.engine?.via).toBe('forwarded by sshd');
    expect(await failure(run(group, ['id'], { asRoot: true }))).toMatchObject({ code: 'ROOT_REQUIRED' });
  });

  it('becomes root by sudo, with a password that never reaches the command', async () => {
    const free = await connect(spec('sudoer', { sudo: true }));
    expect(free.facts).toMatchObject({ root: true, user: 'sudoer', engine: { via: 'by a command of the host' } });
    expect((await run(free, ['id', '-u'], { asRoot: true })).stdout.toString()).toBe('0\n');

    const asks = spec('examiner', { sudo: true });
    expect(await failure(connect(asks))).toMatchObject({ code: 'AUTH_REQUIRED', details: { wants: 'sudoPassword' } });
    expect(await failure(connect(asks, { secrets: { sudoPassword: 'wrong' } }))).toMatchObject({
      code: 'AUTH_FAILED',
      details: { wants: 'sudoPassword' },
    });
    const session = await connect(asks, { secrets: { sudoPassword: 'lading-lab' } });
    expect(session.facts.engine?.name).toBe(A);
    const all = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const echoed = await run(session, ['sh', '-c', 'cat; id -u >&2'], { stdin: all, asRoot: true });
    expect(echoed.stdout.equals(all)).toBe(true);
    expect(echoed.stderr).toBe('0\n');
    // Where sudoers wants no password for the command, none is sent: it would be the command's input.
    lab('exec', A, 'sh', '-c', 'echo "examiner ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/zz');
    try {
      const fed = await run(session, ['cat'], { stdin: 'mine', asRoot: true });
      expect(fed.stdout.toString()).toBe('mine');
    } finally {
      lab('exec', A, 'rm', '/etc/sudoers.d/zz');
    }
    expect(log.some((one) => one.asRoot)).toBe(true);
    expect(JSON.stringify(log)).not.toContain('lading-lab');
  });

  it('uses a command of the host where sshd forwards no sockets', async () => {
    lab(
      'exec',
      A,
      'sh',
      '-c',
      'echo AllowStreamLocalForwarding no >/etc/ssh/sshd_config.d/aa.conf; kill -HUP $(cat /run/sshd.pid)',
    );
    try {
      await new Promise((done) => setTimeout(done, 500));
      const session = await connect(spec('dockeruser'));
      expect(session.facts.engine).toMatchObject({ name: A, via: 'by a command of the host' });
      const many = await logged(() => Promise.all(Array.from({ length: 12 }, () => listTargets(session))));
      expect(many.every((one) => one[0]?.name === A)).toBe(true);
    } finally {
      lab('exec', A, 'sh', '-c', 'rm /etc/ssh/sshd_config.d/aa.conf; kill -HUP $(cat /run/sshd.pid)');
      await new Promise((done) => setTimeout(done, 500));
    }
  });

  it('asks to compare an unknown key, and remembers it in its own file', async () => {
    const one = spec('root', { knownHosts: join(configDir, 'mine') });
    const unknown = await failure(connect(one));
    expect(unknown).toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      details: { algorithm: 'ssh-ed25519', host: a, port: 22 },
    });
    const fingerprint = String(unknown.details?.fingerprint);
    expect(fingerprint).toBe(lab('exec', A, 'ssh-keygen', '-lf', '/etc/ssh/ssh_host_ed25519_key.pub').split(' ')[1]);
    expect(await failure(connect(one, { trust: `SHA256:${'A'.repeat(43)}` }))).toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
    });
    await connect(one, { trust: fingerprint });
    expect(log.map((one) => one.what).filter((what) => what[0] === 'ssh')).toEqual([
      ['ssh', `root@${a}:22`, `ssh-ed25519 ${fingerprint}`, 'refused'],
      ['ssh', `root@${a}:22`, `ssh-ed25519 ${fingerprint}`, 'refused'],
      ['ssh', `root@${a}:22`, `ssh-ed25519 ${fingerprint}`, 'compared by the examiner'],
    ]);
    expect(await readFile(join(configDir, 'mine'), 'utf8')).toMatch(new RegExp(`^${a} ssh-ed25519 [^ ]+\n$`));
    await connect(one);
  });

  it('refuses a changed key before anything of the examiner is sent', async () => {
    const log = '/var/log/sshd.log';
    lab(
      'exec',
      A,
      'sh',
      '-c',
      'sed -i "s/^#*LogLevel.*//" /etc/ssh/sshd_config; echo LogLevel DEBUG2 >/etc/ssh/sshd_config.d/aa.conf',
    );
    lab('hostkey', A, 'change');
    try {
      lab('exec', A, 'truncate', '-s', '0', log);
      const changed = await failure(connect(spec('root'), { trust: 'SHA256:anything' }));
      expect(changed).toMatchObject({
        code: 'HOST_KEY_CHANGED',
        details: { knownIn: expect.stringContaining('known_hosts, line') },
      });
      await new Promise((done) => setTimeout(done, 300));
      const said = lab('exec', A, 'cat', log);
      expect(said).toContain('Connection from');
      expect(said).not.toMatch(/userauth-request|Failed|Accepted|Invalid user|for user/);
      // Even the fingerprint it shows is no way in: the old key has to be removed by hand.
      expect(await failure(connect(spec('root'), { trust: String(changed.details?.fingerprint) }))).toMatchObject({
        code: 'HOST_KEY_CHANGED',
      });
    } finally {
      lab('exec', A, 'rm', '/etc/ssh/sshd_config.d/aa.conf');
      lab('hostkey', A, 'restore');
    }
    await connect(spec('root'));
  });

  it('goes through a jump host, each with its own key', async () => {
    const known = join(configDir, 'both');
    await writeFile(
      known,
      (await readFile(file(A, 'known_hosts'), 'utf8')) + (await readFile(file(B, 'known_hosts'), 'utf8')),
    );
    lab(
      'exec',
      B,
      'sh',
      '-c',
      `cat >>/home/plain/.ssh/authorized_keys <<'KEY'\n${(await readFile(file(A, 'id_ed25519.pub'), 'utf8')).trim()}\nKEY`,
    );
    const through = spec('root', { jump: `plain@${b}`, knownHosts: known });
    const { facts } = await connect(through);
    expect(facts.hostname).toBe(A);
    expect(log.filter((one) => one.what[0] === 'ssh').map((one) => one.what[1])).toEqual([
      `plain@${b}:22`,
      `root@${a}:22`,
    ]);
    expect(await failure(connect(spec('root', { jump: `plain@${b}` })))).toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      details: { host: b },
    });
    // A jump host is offered keys only: the password is for the host behind it.
    const foreign = await failure(
      connect({ ...through, identity: file(A, 'id_ed25519_foreign') }, { secrets: { password: 'lading-lab' } }),
    );
    expect(foreign).toMatchObject({ code: 'AUTH_FAILED', message: expect.stringContaining('The jump host plain@') });
    expect(foreign.details?.wants).toBeUndefined();
    const closed = { ...through, address: `ssh://root@${a}:2` };
    expect(await failure(connect(closed))).toMatchObject({
      code: 'HOST_UNREACHABLE',
      message: expect.stringContaining(`plain@${b}:22 could not reach it`),
    });
  });

  it('gives one clear sentence for a host that cannot be reached', async () => {
    expect(await failure(connect({ ...spec('root'), address: `ssh://root@${a}:2` }))).toMatchObject({
      code: 'HOST_UNREACHABLE',
      message: `root@${a}:2 cannot be reached: nothing listens on this port.`,
    });
    const timeouts = { connectMs: 1000, readyMs: 1000 };
    // An address of the lab's own net that no host has.
    const nobody = a.replace(/\.\d+\.\d+$/, '.251.2');
    expect(await failure(connect({ ...spec('root'), address: `ssh://root@${nobody}` }, { timeouts }))).toMatchObject({
      code: 'HOST_UNREACHABLE',
    });
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((done) => silent.once('listening', done));
    const address = silent.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const mute = await failure(connect({ ...spec('root'), address: `ssh://root@127.0.0.1:${port}` }, { timeouts }));
    silent.close();
    expect(mute).toMatchObject({
      code: 'HOST_UNREACHABLE',
      message: expect.stringContaining('SSH was not ready within 1 s'),
    });
    const http = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
    await new Promise((done) => http.once('listening', done));
    const other = http.address();
    const otherPort = typeof other === 'object' && other ? other.port : 0;
    expect(
      await failure(connect({ ...spec('root'), address: `ssh://root@127.0.0.1:${otherPort}` }, { timeouts })),
    ).toMatchObject({ code: 'HOST_UNREACHABLE' });
    http.close();
  });

  it('breaks a stream whose connection was killed, instead of ending it', async () => {
    const session = await connect(spec('root'));
    const pid = (await run(session, ['sh', '-c', 'echo $PPID'])).stdout.toString().trim();
    const execution = await logged(() => session.host.exec(['sh', '-c', 'while :; do echo line; done']));
    execution.stderr.resume();
    const read = buffer(execution.stdout);
    const events = await logged(async () => session.engine?.request('GET', '/events'));
    const eventsRead = buffer(events?.body ?? Readable.from([]));
    setTimeout(() => lab('exec', A, 'sh', '-c', `kill -9 ${pid} $(cat /proc/${pid}/stat | cut -d" " -f4)`), 200);
    expect(await failure(read)).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await failure(execution.done)).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await failure(eventsRead)).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(session.host.lost.aborted).toBe(true);
    expect(await failure(run(session, ['id']))).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await failure(logged(async () => session.engine?.request('GET', '/info')))).toMatchObject({
      code: 'CONNECTION_LOST',
    });
  });

  it('says that there is no engine, and goes on without', async () => {
    const { facts } = await connect({
      ...spec('root'),
      address: `ssh://root@${b}`,
      identity: file(B, 'id_ed25519'),
      knownHosts: file(B, 'known_hosts'),
    });
    expect(facts.hostname).toBe(B);
    expect(facts.engineError).toMatch(/^No engine's socket was found/);
    expect(facts.capabilities.find((one) => one.need === 'engine')?.ok).toBe(false);
    expect(facts.capabilities.find((one) => one.need === 'procfs')?.ok).toBe(true);
  });

  it('takes a key from the agent', async () => {
    const agent = spawn('ssh-agent', ['-D', '-a', join(configDir, 'agent.sock')], { stdio: 'ignore' });
    try {
      await new Promise((done) => setTimeout(done, 300));
      process.env.SSH_AUTH_SOCK = join(configDir, 'agent.sock');
      execFileSync('ssh-add', ['-q', file(A, 'id_ed25519')], { stdio: 'ignore' });
      expect((await connect(spec('plain', { identity: undefined }))).facts.user).toBe('plain');
    } finally {
      delete process.env.SSH_AUTH_SOCK;
      agent.kill();
    }
  });

  it('reaches an engine by a socket of this machine, and says that only the engine is there', async () => {
    const socket = join(HOME, A, 'root', 'run', 'docker.sock');
    const pid = lab('pid', A).trim();
    const address = `unix:///proc/${pid}/root/run/docker.sock`;
    expect(socket).toContain(A);
    const session = await connect({ address, sudo: false });
    expect(session.facts).toMatchObject({
      transport: 'engine only',
      hostname: A,
      root: false,
      engine: { via: 'straight' },
    });
    expect(session.facts.clock?.offsetMs).toBeLessThan(1000);
    expect(await failure(run(session, ['id']))).toMatchObject({ code: 'NOT_POSSIBLE' });
    expect(await failure(connect({ address: 'unix:///nowhere.sock', sudo: false }))).toMatchObject({
      code: 'ENGINE_ABSENT',
    });
  });

  it('takes a name of ~/.ssh/config, with its user, key and jump host', async () => {
    const home = await mkdtemp(join(tmpdir(), 'lading-home-'));
    await mkdir(join(home, '.ssh'));
    const key = file(A, 'id_ed25519');
    await writeFile(
      join(home, '.ssh', 'config'),
      `Host target\n HostName ${a}\n User dockeruser\n ProxyJump gate\nHost gate\n HostName ${b}\n User plain\nHost *\n IdentityFile ${key}\n IdentityAgent none\n`,
    );
    await writeFile(
      join(home, '.ssh', 'known_hosts'),
      (await readFile(file(A, 'known_hosts'), 'utf8')) + (await readFile(file(B, 'known_hosts'), 'utf8')),
    );
    const before = await readFile(join(home, '.ssh', 'known_hosts'));
    const { facts } = await connect({ address: 'target', sudo: false }, { home });
    expect(facts).toMatchObject({ address: 'target', hostname: A, user: 'dockeruser' });
    expect(await readFile(join(home, '.ssh', 'known_hosts'))).toEqual(before);
    await rm(home, { recursive: true });
  });

  it('connects to this machine too', async () => {
    const home = await mkdtemp(join(tmpdir(), 'lading-home-'));
    const { facts, host } = await connect({ address: 'local', sudo: false }, { home });
    expect(facts.kernel).toBe(release());
    expect(facts.transport === 'local' ? facts.hostname : host.transport).toBe(
      facts.transport === 'local' ? hostname() : 'engine only',
    );
    expect(facts.engine === undefined).toBe(facts.engineError !== undefined);
    await rm(home, { recursive: true });
  });

  it('measures the clock again', async () => {
    const session = await connect(spec('root'));
    const reading = await logged(() => measureClock(session.host));
    expect(Math.abs(reading?.offsetMs ?? 1e9)).toBeLessThan(50);
  });
});
