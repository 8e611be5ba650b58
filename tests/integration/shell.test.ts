import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/main/app';
import { runCli } from '../../src/main/cli/program';
import { terminalFilter } from '../../src/shared/terminal-filter';
import { type LabCase, labCase } from '../kit/lab-case';
import { type LabHost, labAvailable, startHost } from '../lab';
import { tinyImage } from '../lab/special';
import { fakeIo } from '../unit/cli/kit';

const reason = await labAvailable();

describe.skipIf(reason !== undefined)(
  `a recorded shell${reason ? ` (skipped: ${reason})` : ''}`,
  { timeout: 60_000 },
  () => {
    let host: LabHost;
    let dir: string;
    let app: App;
    let lab: LabCase;

    beforeAll(async () => {
      // the same host as capture.test.ts has, whichever comes first
      host = await startHost('net1', { packages: ['python3'] });
      await tinyImage(host, 'tiny');
      await host.exec(['docker', 'rm', '-f', 'sh-box']);
      await host.output(['docker', 'run', '-d', '--name', 'sh-box', 'tiny', 'sleep', '3600']);
      dir = await mkdtemp(join(tmpdir(), 'lading-shell-'));
      app = await createApp({ window: 'none', configDir: join(dir, 'config') });
      lab = await labCase(app, join(dir, 'case'), host.spec);
    }, 300_000);

    afterAll(async () => {
      await app?.close();
      await host?.exec(['docker', 'rm', '-f', 'sh-box']);
      await host?.stop();
      if (dir) await rm(dir, { recursive: true, force: true });
    });

    /** Opens a shell, gives what it showed and the means to type. */
    async function open(command?: string[]) {
      const { live, collect } = app.client;
      const { session } = await live.wishForShell({ ...(command && { command }), columns: 90, rows: 25 });
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
        hosts: [host.spec],
        collectors: ['container.shell'],
        targets: ['sh-box'],
        inputs: { 'container.shell': { session } },
        reason: 'to see what the program does',
        acceptFootprint: true,
      });
      const text = () => Buffer.concat(shown).toString('latin1');
      return {
        session,
        text,
        type: (bytes: string | Buffer) => live.shellInput({ session, base64: Buffer.from(bytes).toString('base64') }),
        async until(words: string) {
          for (let i = 0; i < 100 && !text().includes(words); i += 1) await sleep(50);
          expect([words, text().includes(words) ? '' : text()]).toEqual([words, '']);
        },
        async ended() {
          await watching;
          for await (const now of await app.client.tasks.watch({ id: task })) if (now.state !== 'running') break;
          return { exit, bytes: Buffer.concat(shown), record: (await lab.records()).at(-1) };
        },
      };
    }

    /** The bytes of one direction in a stored recording. */
    async function recorded(code: 'i' | 'o') {
      const record = (await lab.records()).at(-1);
      const lines = record ? (await lab.bytes(record)).toString('utf8').trimEnd().split('\n').slice(1) : [];
      let exact: Buffer | undefined;
      return Buffer.concat(
        lines.flatMap((line) => {
          const [, kind, data] = JSON.parse(line) as [number, string, string];
          if (kind === `lading.${code}`) exact = Buffer.from(data, 'base64');
          if (kind !== code) return [];
          const bytes = exact ?? Buffer.from(data);
          exact = undefined;
          return [bytes];
        }),
      );
    }

    it('holds every byte typed and shown, with its time, its end and its reason', async () => {
      const shell = await open();
      await shell.type('echo $((40+2)) ü; stty size 2>/dev/null || busybox stty size\n');
      await shell.until('42 ');
      await shell.until('25 90');
      await app.client.live.shellSize({ session: shell.session, columns: 120, rows: 40 });
      await sleep(500);
      await shell.type('busybox stty size\n');
      await shell.until('40 120');
      await shell.type("busybox printf '\\377\\376 end\\n'; exit 7\n");
      const { exit, bytes, record } = await shell.ended();
      expect(exit).toBe(7);
      expect(record).toMatchObject({
        collector: { id: 'container.shell' },
        partial: false,
        file: 'container.shell.cast',
      });
      expect(record?.how).toMatchObject({ kind: 'inside', argv: ['sh'], exit: 7 });
      expect(await recorded('o')).toEqual(bytes);
      expect((await recorded('i')).toString()).toMatch(/^echo .*\nbusybox stty size\nbusybox printf .*; exit 7\n$/s);
      expect(bytes.includes(Buffer.from([0xff, 0xfe]))).toBe(true);
      const [head] = record ? (await lab.bytes(record)).toString('utf8').split('\n') : [];
      expect(JSON.parse(head ?? '')).toMatchObject({
        version: 2,
        width: 90,
        height: 25,
        title: 'sh-box',
        command: 'sh',
      });
      const ledger = JSON.stringify(await app.client.custody.ledger({ case: lab.path }));
      expect(ledger).toContain('to see what the program does');
    });

    it('of a hostile program keeps the raw bytes, and shows none of them to the terminal', async () => {
      const attack = '\x1b]52;c;cm0gLXJmIC8=\x07\x1b]0;pwned\x07\x1b[6n\x1bP+q544e\x1b\\\x1b[31mred';
      const octal = [...Buffer.from(attack)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
      const shell = await open(['busybox', 'printf', octal]);
      const { bytes } = await shell.ended();
      expect(bytes.toString()).toBe(attack);
      expect((await recorded('o')).toString()).toBe(attack);
      expect(terminalFilter().push(bytes)).toBe('\x1b[31mred');
    });

    it('hung up: the recording is whole, and the program is gone from the container', async () => {
      const shell = await open();
      await shell.type('echo here; busybox sleep 999\n');
      await shell.until('here');
      await app.client.live.hangUp({ session: shell.session });
      const { record } = await shell.ended();
      expect([record?.partial, record?.file]).toEqual([false, 'container.shell.cast']);
      const top = await host.output(['docker', 'top', 'sh-box', '-o', 'pid,args']);
      expect(top).not.toMatch(/ sh$/m);
    });

    it('of a program that is not there, or a session that nobody opened, nothing is recorded and it is said why', async () => {
      const since = (await lab.records()).length;
      const shell = await open(['no-such-program']);
      await shell.ended();
      const task = await lab.collect({
        collectors: ['container.shell'],
        targets: ['sh-box'],
        inputs: { 'container.shell': { session: 'made-up' } },
      });
      expect(task.items.at(-1)?.state).toBe('failed');
      const misses = (await lab.misses()).filter((one) => one.collector === 'container.shell');
      expect(misses.at(-1)?.reason).toContain('not there any more');
      const all = await lab.records();
      const last = all.at(-1);
      if (all.length > since)
        expect(last && (await lab.bytes(last)).toString()).toMatch(/OCI runtime exec failed|not found/);
      else expect(misses.at(-2)?.reason).toMatch(/no-such-program/);
    });

    it('on the command line: warns, asks, passes keys on, filters what is shown, and says what it kept out', async () => {
      const io = fakeIo({ answers: ['yes'], terminal: true });
      let closed = false;
      const said = async (words: string) => {
        for (let i = 0; i < 100 && !io.written.out.includes(words); i += 1) await sleep(50);
        expect(io.written.out).toContain(words);
      };
      io.typing = (onBytes) => {
        const typing = async () => {
          onBytes(Buffer.from("busybox printf '\\033]52;c;QQ==\\007\\033[32mgreen%s\\n' 4711\n"));
          await said('\x1b[32mgreen4711');
          onBytes(Buffer.from([0x1d]));
        };
        typing().catch(() => onBytes(Buffer.from([0x1d])));
        return () => {
          closed = true;
        };
      };
      const { spec } = host;
      const before = (await lab.records()).length;
      const words = ['shell', lab.path, spec.address, 'sh-box', '--reason', 'a look'];
      const reach = ['--identity', spec.identity ?? '', '--known-hosts', spec.knownHosts ?? ''];
      const start = async () => ({ client: app.client, router: app.router, close: async () => undefined });
      const code = await runCli([...words, ...reach], { io, version: '1.0.0', start });
      expect([code, io.written.err]).toEqual([0, expect.stringContaining('clipboard ×1')]);
      expect(io.written.err).toContain('This runs a program in sh-box');
      expect(io.written.questions).toHaveLength(1);
      expect(io.written.out).not.toContain('\x1b]');
      expect(closed).toBe(true);
      await app.client.cases.open({ case: lab.path });
      expect(await lab.records()).toHaveLength(before + 1);
      expect((await recorded('o')).toString()).toContain('\x1b]52;c;QQ==\x07\x1b[32mgreen4711');
      // without a terminal, or without a yes, nothing is opened
      const refused = fakeIo({ answers: ['no'], terminal: true });
      expect(await runCli([...words, ...reach], { io: refused, version: '1.0.0', start })).toBe(2);
      refused.typing = () => () => undefined;
      expect(await runCli([...words, ...reach], { io: refused, version: '1.0.0', start })).toBe(2);
      await app.client.cases.open({ case: lab.path });
      expect(await lab.records()).toHaveLength(before + 1);
    });
  },
);
