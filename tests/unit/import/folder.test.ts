import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { linkSync, lstatSync, mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { appendFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderTar, newWalk, unreadLines } from '../../../src/main/import/folder/walk';
import { scratch } from '../../kit/case';
import { readAll } from './kit';

const posix = process.platform !== 'win32';
const root = process.getuid?.() === 0;

async function collected(path: string, walked = newWalk(), signal?: AbortSignal): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of folderTar(path, walked, signal)) parts.push(part);
  return Buffer.concat(parts);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

describe.runIf(posix)('a folder as an archive', () => {
  it('is deterministic, sorted, and read by GNU tar as what it was', async () => {
    const dir = await scratch();
    const from = join(dir, 'from');
    mkdirSync(join(from, 'b/inner'), { recursive: true });
    writeFileSync(join(from, 'b/inner/file.txt'), 'hello');
    writeFileSync(join(from, 'a.bin'), Buffer.alloc(3_000_000, 9));
    linkSync(join(from, 'a.bin'), join(from, 'z-again.bin'));
    symlinkSync('/etc/shadow', join(from, 'link'));
    const long = join(from, 'd'.repeat(120));
    writeFileSync(long, 'long');
    writeFileSync(join(from, 'ünïcode ☃'), 'x');
    const broken = Buffer.concat([Buffer.from(`${from}/bad-`), Buffer.from([0xff, 0xfe])]);
    writeFileSync(broken, 'bytes');
    execFileSync('mkfifo', [join(from, 'pipe')]);
    if (root) execFileSync('mknod', [join(from, 'whiteout'), 'c', '0', '0']);
    utimesSync(join(from, 'a.bin'), 1_700_000_000.123456, 1_600_000_000.987654);
    const before = statSync(join(from, 'a.bin'), { bigint: true });
    const walked = newWalk();
    const bytes = await collected(from, walked);
    expect(walked).toMatchObject({ unreadCount: 0, sockets: [] });
    expect((await collected(from)).equals(bytes)).toBe(true);
    // reading moved nothing of the files
    const after = statSync(join(from, 'a.bin'), { bigint: true });
    expect([after.atimeNs, after.mtimeNs, after.ctimeNs]).toEqual([before.atimeNs, before.mtimeNs, before.ctimeNs]);

    const { members, end } = await readAll(once(bytes));
    expect(end.fault).toBeUndefined();
    expect(end.entries).toBe(walked.entries);
    const types = Object.fromEntries(members.map(({ name, type }) => [name, type]));
    expect(types).toMatchObject({
      './': 'folder',
      'a.bin': 'file',
      link: 'link',
      pipe: 'fifo',
      'z-again.bin': 'hard link',
    });
    expect(members.find(({ name }) => name === 'link')?.link).toBe('/etc/shadow');
    if (root) expect(types.whiteout).toBe('device');

    const archive = join(dir, 'made.tar');
    writeFileSync(archive, bytes);
    const out = join(dir, 'out');
    mkdirSync(out);
    execFileSync('tar', ['--warning=no-unknown-keyword', '-xpf', archive, '-C', out]);
    const told = lstatSync(join(out, 'a.bin'), { bigint: true });
    expect(told.mtimeNs).toBe(before.mtimeNs);
    expect(lstatSync(join(out, 'z-again.bin'), { bigint: true }).ino).toBe(told.ino);
    // the bytes of a name that is no text are kept
    expect(lstatSync(Buffer.concat([Buffer.from(`${out}/bad-`), Buffer.from([0xff, 0xfe])])).size).toBe(5);
    if (root) expect(lstatSync(join(out, 'whiteout')).isCharacterDevice()).toBe(true);
    expect(
      execFileSync('tar', ['--warning=no-unknown-keyword', '--compare', '-f', archive, '-C', from]).toString(),
    ).toBe('');
  });

  it('names what it could not read, and sockets', async () => {
    const dir = await scratch();
    writeFileSync(join(dir, 'ok'), 'ok');
    const server = createServer().listen(join(dir, 'engine.sock'));
    await new Promise((done) => server.once('listening', done));
    const walked = newWalk();
    const { members } = await readAll(once(await collected(dir, walked)));
    server.close();
    expect(members.map(({ name }) => name)).toEqual(['./', 'ok']);
    expect(walked.sockets).toEqual(['engine.sock']);
    // a folder that goes away while it is walked is said, not passed over
    mkdirSync(join(dir, 'later/in'), { recursive: true });
    const gone = newWalk();
    for await (const _ of folderTar(dir, gone)) {
      if (gone.entries === 2) await rm(join(dir, 'later'), { recursive: true, force: true });
    }
    expect(gone.unreadCount).toBe(1);
    expect(JSON.parse(unreadLines(gone))).toMatchObject({ path: 'later', reason: expect.stringContaining('ENOENT') });
    const none = newWalk();
    await collected(join(dir, 'not there'), none);
    expect(none.unreadCount).toBe(1);
  });

  it('fills up a file that became shorter, cuts one that grows, and says so; stays an archive', async () => {
    const dir = await scratch();
    await writeFile(join(dir, 'a-grows'), Buffer.alloc(3 << 20, 1));
    await writeFile(join(dir, 'b-shrinks'), Buffer.alloc(3 << 20, 2));
    await writeFile(join(dir, 'c'), 'after');
    const walked = newWalk();
    const parts: Buffer[] = [];
    let seen = 0;
    for await (const part of folderTar(dir, walked)) {
      parts.push(part);
      seen += part.length;
      if (seen > 1 << 20 && seen < 2.5 * 2 ** 20) await appendFile(join(dir, 'a-grows'), 'more');
      if (seen > 4.5 * 2 ** 20 && seen < 5.5 * 2 ** 20) await writeFile(join(dir, 'b-shrinks'), 'x');
    }
    const { members, end } = await readAll(once(Buffer.concat(parts)));
    expect(end.fault).toBeUndefined();
    expect(members.find(({ name }) => name === 'a-grows')?.size).toBe(3 << 20);
    expect(members.find(({ name }) => name === 'b-shrinks')?.size).toBe(3 << 20);
    expect(members.at(-1)).toMatchObject({ name: 'c', content: 'after' });
    expect(walked.unread.map(({ path }) => path)).toEqual(['a-grows', 'b-shrinks']);
    expect(walked.unread[1]?.reason).toMatch(/shorter|changed/);
  });

  it('ends when it is cancelled', async () => {
    const dir = await scratch();
    for (let i = 0; i < 50; i++) writeFileSync(join(dir, `f${i}`), 'x');
    const cancel = new AbortController();
    let got = 0;
    const hash = createHash('sha256');
    await expect(
      (async () => {
        for await (const part of folderTar(dir, newWalk(), cancel.signal)) {
          hash.update(part);
          got += 1;
          if (got === 10) cancel.abort(new Error('stop'));
        }
      })(),
    ).rejects.toThrow('stop');
    expect(got).toBeLessThan(20);
  });
});
