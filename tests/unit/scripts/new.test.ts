import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { scratch } from '../../kit/case';

const run = promisify(execFile);
const SCRIPT = resolve(import.meta.dirname, '../../../scripts/new.mjs');
const make = async (cwd: string, ...args: string[]) => run(process.execPath, [SCRIPT, ...args], { cwd });

describe('npm run new', () => {
  it('makes a collector with its test, and never writes over one', async () => {
    const dir = await scratch();
    await make(dir, 'collector', 'container.mounts');
    const text = await readFile(join(dir, 'src/main/collect/collectors/container.mounts.ts'), 'utf8');
    expect(text).toContain("id: 'container.mounts'");
    expect(text).toContain("scope: 'container'");
    expect(await readFile(join(dir, 'tests/unit/collect/collectors/container.mounts.test.ts'), 'utf8')).toContain(
      'container.mounts',
    );
    await expect(make(dir, 'collector', 'container.mounts')).rejects.toMatchObject({ code: 1 });
  });

  it('makes an analyzer whose test fails until it is written', async () => {
    const dir = await scratch();
    await make(dir, 'analyzer', 'web-shells');
    expect(await readFile(join(dir, 'tests/unit/analyze/analyzers/web-shells.test.ts'), 'utf8')).toContain(
      'expect.fail',
    );
  });

  it('refuses a name that is none', async () => {
    const dir = await scratch();
    for (const args of [['collector', '../x'], ['collector', 'mounts'], ['analyzer', 'A.b'], ['thing', 'x'], []]) {
      await expect(make(dir, ...args), args.join(' ')).rejects.toMatchObject({ code: 2 });
    }
  });
});
