import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/main/app';
import { runCli } from '../../src/main/cli/program';
import { type LabCase, labCase } from '../kit/lab-case';
import { type LabHost, labAvailable, startHost } from '../lab';
import { fakeIo } from '../unit/cli/kit';

const absent = await labAvailable();

describe.skipIf(absent !== undefined)(
  `a recorded shell on a host${absent ? ` (skipped: ${absent})` : ''}`,
  { timeout: 60_000 },
  () => {
    let host: LabHost;
    let dir: string;
    let app: App;
    let lab: LabCase;

    beforeAll(async () => {
      host = await startHost('shellssh1');
      dir = await mkdtemp(join(tmpdir(), 'lading-shell-ssh-'));
      app = await createApp({ window: 'none', configDir: join(dir, 'config') });
      lab = await labCase(app, join(dir, 'case'), host.spec);
    }, 300_000);

    afterAll(async () => {
      await app?.close();
      await host?.stop();
      if (dir) await rm(dir, { recursive: true, force: true });
    });

    /** Opens a shell, gives what it showed and the means to type. */
    async function open(user?: string, spec = host.spec) {
      const { live, collect } = app.client;
      const { session } = await live.wishForShell({ columns: 90, rows: 25, user });
      const output = await live.shellOutput({ session });
      const shown: Buffer[] = [];
      let exit: number | null | undefined;
      const watching = (async () => {
        for await (const piece of output) {
          if ('exit' in piece) exit = piece.exit;
          else shown.push(Buffer.from(piece.base64, 'base64'));
        }
      })();
      const { task } = await collect.start({
        case: lab.path,
        hosts: [spec],
        collectors: ['host.shell'],
        inputs: { 'host.shell': { session } },
        reason: 'to see what the host does',
        acceptFootprint: true,
      });
      const text = () => Buffer.concat(shown).toString('latin1');
      return {
        session,
        type: (words: string) => live.shellInput({ session, base64: Buffer.from(words).toString('base64') }),
        async until(words: string) {
          for (let i = 0; i < 200 && !text().includes(words); i += 1) await sleep(50);
          expect([words, text().includes(words) ? '' : text()]).toEqual([words, '']);
        },
        async ended() {
          await watching;
          for await (const now of await app.client.tasks.watch({ id: task })) if (now.state !== 'running') break;
          return { exit, bytes: Buffer.concat(shown), record: (await lab.records()).at(-1) };
        },
      };
    }

    /** The bytes of one direction in the newest recording, and its other lines. */
    async function recording() {
      const record = (await lab.records()).at(-1);
      const [head = '', ...lines] = record ? (await lab.bytes(record)).toString('utf8').trimEnd().split('\n') : [];
      const bytes = { i: [] as Buffer[], o: [] as Buffer[] };
      const sizes: string[] = [];
      let exact: Buffer | undefined;
      let last = 0;
      for (const line of lines) {
        const [time, kind, data] = JSON.parse(line) as [number, string, string];
        expect(time).toBeGreaterThanOrEqual(last);
        last = time;
        if (kind.startsWith('lading.')) exact = Buffer.from(data, 'base64');
        else if (kind === 'r') sizes.push(data);
        else {
          bytes[kind === 'i' ? 'i' : 'o'].push(exact ?? Buffer.from(data));
          exact = undefined;
        }
      }
      return { head: JSON.parse(head), typed: Buffer.concat(bytes.i), shown: Buffer.concat(bytes.o), sizes };
    }

    it('holds every byte typed and shown, its sizes, its end; and the case verifies', async () => {
      const shell = await open();
      await shell.type('echo $((40+2)) on $(hostname); stty size\n');
      await shell.until('42 on ');
      await shell.until('25 90');
      await app.client.live.shellSize({ session: shell.session, columns: 120, rows: 40 });
      await sleep(300);
      await shell.type('stty size\n');
      await shell.until('40 120');
      await shell.type("printf '\\377\\376 end\\n'; exit 7\n");
      const { exit, bytes, record } = await shell.ended();
      expect(exit).toBe(7);
      expect(record).toMatchObject({
        collector: { id: 'host.shell' },
        target: { kind: 'host' },
        file: 'host.shell.cast',
        partial: false,
        how: { kind: 'exec', argv: ['sh'], asRoot: false, exit: 7 },
      });
      expect(record?.accesses).toEqual([expect.objectContaining({ kind: 'exec', what: ['sh'], exit: 7 })]);
      expect(record?.accesses[0]?.bytes).toBe(bytes.length);
      const { head, typed, shown, sizes } = await recording();
      expect(head).toMatchObject({ version: 2, width: 90, height: 25, command: 'sh' });
      expect(shown).toEqual(bytes);
      expect(bytes.includes(Buffer.from([0xff, 0xfe]))).toBe(true);
      expect(typed.toString()).toMatch(/^echo .*\nstty size\nprintf .*; exit 7\n$/s);
      expect(sizes).toEqual(['120x40']);
      const ledger = JSON.stringify(await app.client.custody.ledger({ case: lab.path }));
      expect(ledger).toContain('to see what the host does');
      const verified = await app.client.exhibits.verify({ case: lab.path, id: record?.id ?? '' });
      expect(verified.ok).toBe(true);
    });

    it('hung up: the recording is whole, and the programs in the terminal are gone from the host', async () => {
      const shell = await open();
      await shell.type('echo begun; sleep 98765\n');
      await shell.until('begun\r\n');
      const sleeping = () => host.exec(['pgrep', '-f', '^sleep 98765$']);
      expect((await sleeping()).code).toBe(0);
      await app.client.live.hangUp({ session: shell.session });
      const { record } = await shell.ended();
      expect([record?.partial, record?.file]).toEqual([false, 'host.shell.cast']);
      for (let i = 0; i < 40 && (await sleeping()).code === 0; i += 1) await sleep(50);
      expect((await sleeping()).code).toBe(1);
    });

    it('whose connection is cut keeps what came, marked partial, and is not opened a second time', async () => {
      const before = (await lab.records()).length;
      const shell = await open();
      await shell.type('echo kept-4711; echo $PPID\n');
      await shell.until('kept-4711\r\n');
      await host.output(['sh', '-c', 'for p in $(pgrep -f "^sshd(-session)?: root"); do kill -KILL $p; done; true']);
      const { exit, bytes, record } = await shell.ended();
      expect(exit).toBe(null);
      expect(await lab.records()).toHaveLength(before + 1);
      expect(record).toMatchObject({ file: 'host.shell.cast', partial: true });
      expect(record?.reason).toMatch(/connection/i);
      const { shown, typed } = await recording();
      expect(shown).toEqual(bytes);
      expect(typed.toString()).toContain('kept-4711');
      expect((await app.client.exhibits.verify({ case: lab.path, id: record?.id ?? '' })).ok).toBe(true);
    });

    it('cannot be opened where the way there is not SSH: the plan says so', async () => {
      const local = { address: 'local', sudo: false };
      await app.client.hosts.connect({ case: lab.path, host: local });
      const inputs = { 'host.shell': { session: 'made-up' } };
      const collectors = ['host.shell'];
      const plan = await app.client.collect.plan({ case: lab.path, hosts: [local], collectors, inputs });
      expect(plan.items.map(({ impossible }) => impossible)).toEqual([expect.stringContaining('not reached over SSH')]);
    });

    it('as another user of the host is refused with a reason, and nothing is recorded', async () => {
      await app.client.hosts.connect({ case: lab.path, host: host.spec });
      const before = (await lab.records()).length;
      const shell = await open('plain');
      await shell.ended();
      expect(await lab.records()).toHaveLength(before);
      expect((await lab.misses()).at(-1)).toMatchObject({ collector: 'host.shell', outcome: 'not applicable' });
    });

    it('on the command line: says what it leaves, asks, runs the words given, and keeps hostile sequences out', async () => {
      const io = fakeIo({ answers: ['yes'], terminal: true });
      io.typing = (onBytes) => {
        const typing = async () => {
          onBytes(Buffer.from("printf '\\033]52;c;QQ==\\007\\033[32mgreen%s\\n' 4711; echo $1\n"));
          for (let i = 0; i < 100 && !io.written.out.includes('\x1b[32mgreen4711'); i += 1) await sleep(50);
          onBytes(Buffer.from([0x1d]));
        };
        typing().catch(() => onBytes(Buffer.from([0x1d])));
        return () => undefined;
      };
      const { spec } = host;
      const words = ['shell', lab.path, spec.address, '--reason', 'a look', '--ssh'];
      const reach = ['--identity', spec.identity ?? '', '--known-hosts', spec.knownHosts ?? ''];
      const start = async () => ({ client: app.client, router: app.router, close: async () => undefined });
      const run = (more: string[], with_ = io) =>
        runCli([...words, ...reach, ...more], { io: with_, version: '1.0.0', start });
      const before = (await lab.records()).length;
      const code = await run(['--', 'sh', '-s', 'given word']);
      expect([code, io.written.err]).toEqual([0, expect.stringContaining('clipboard ×1')]);
      expect(io.written.err).toContain(`This runs a program on ${spec.address}: it leaves a login`);
      expect(io.written.out).toContain('\x1b[32mgreen4711');
      expect(io.written.out).not.toContain('\x1b]');
      await app.client.cases.open({ case: lab.path });
      const records = await lab.records();
      expect(records).toHaveLength(before + 1);
      expect(records.at(-1)?.how).toMatchObject({ kind: 'exec', argv: ['sh', '-s', 'given word'] });
      expect((await recording()).shown.toString()).toContain('\x1b]52;c;QQ==\x07\x1b[32mgreen4711');
      // without a yes, and with what makes no sense, nothing is opened
      const refused = fakeIo({ answers: ['no'], terminal: true });
      refused.typing = () => () => undefined;
      expect(await run([], refused)).toBe(2);
      expect(await run(['--user', 'root'], refused)).toBe(2);
      const noTarget = ['shell', lab.path, spec.address, '--reason', 'a look', ...reach];
      expect(await runCli(noTarget, { io: refused, version: '1.0.0', start })).toBe(2);
      await app.client.cases.open({ case: lab.path });
      expect(await lab.records()).toHaveLength(before + 1);
    });
  },
);
