import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockCase } from '../../../src/main/custody/lock';
import { scratch } from '../../kit/case';

describe('the lock of a case', () => {
  it('lets one in, says to the other who it is, and lets it in afterwards', async () => {
    const dir = await scratch();
    const unlock = await lockCase(dir);
    await expect(lockCase(dir)).rejects.toMatchObject({
      code: 'CASE_LOCKED',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await unlock();
    await (await lockCase(dir))();
  });

  it('of many that come at once, lets one in', async () => {
    const dir = await scratch();
    const got = await Promise.allSettled(Array.from({ length: 20 }, () => lockCase(dir)));
    expect(got.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  });

  it('takes over from a process that is gone, and from a torn lock', async () => {
    const dir = await scratch();
    const gone = { pid: 2 ** 22 + 1, workstation: hostname(), user: 'u', since: 'then', token: 't' };
    for (const left of [JSON.stringify(gone), '{"pid":1', '']) {
      await writeFile(join(dir, '.lock'), left);
      const unlock = await lockCase(dir);
      expect(JSON.parse(await readFile(join(dir, '.lock'), 'utf8')).pid).toBe(process.pid);
      await unlock();
    }
  });

  it.skipIf(process.platform !== 'linux')(
    'takes over when another process has the number now (needs /proc)',
    async () => {
      const dir = await scratch();
      const reused = { pid: process.pid, workstation: hostname(), user: 'u', since: 'then', born: 'x/1', token: 't' };
      await writeFile(join(dir, '.lock'), JSON.stringify(reused));
      await (await lockCase(dir))();
    },
  );

  it('does not take over from another workstation: nobody here can tell whether it lives', async () => {
    const dir = await scratch();
    const far = { pid: 1, workstation: 'elsewhere', user: 'u', since: 'then', token: 't' };
    await writeFile(join(dir, '.lock'), JSON.stringify(far));
    await expect(lockCase(dir)).rejects.toMatchObject({ code: 'CASE_LOCKED' });
  });
});
