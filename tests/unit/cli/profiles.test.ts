import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Profile } from '../../../src/shared/domain';
import { scratch } from '../../kit/case';
import { run } from './kit';

const TRIAGE: Profile = { id: 'triage', title: 'Triage', description: 'First look.', collectors: ['host.clock'] };
const MINE: Profile = {
  id: 'my look',
  title: 'My\u001b[31m look',
  description: '',
  collectors: ['container.files'],
  inputs: { 'container.files': { paths: ['/etc'] } },
  own: true,
};
const BROKEN: Profile = {
  ...MINE,
  id: 'old',
  collectors: [],
  unusable: 'It names x, which this Lading does not have.',
};
const handlers = { 'collect.profiles': () => [TRIAGE, MINE, BROKEN] };

describe('profiles', () => {
  it('lists all, the broken with its reason, and lets none steer the terminal', async () => {
    const { out, code } = await run(['profiles'], handlers);
    expect(code).toBe(0);
    expect(out).toContain('triage  Triage\n  First look.\n  host.clock');
    expect(out).toContain('(yours)');
    expect(out).toContain('Cannot be used: It names x');
    expect(out).not.toContain('\u001b');
    expect(JSON.parse((await run(['profiles', '--json'], handlers)).out)).toEqual([TRIAGE, MINE, BROKEN]);
  });

  it('shows one as a file that can be saved elsewhere', async () => {
    const { out } = await run(['profiles', 'show', 'my look'], handlers);
    const file = join(await scratch(), 'p.json');
    await writeFile(file, out);
    const saved = await run(['profiles', 'save', file], { 'collect.saveProfile': () => MINE });
    expect(saved.code).toBe(0);
    const { own: _, ...given } = MINE;
    expect(saved.calls).toEqual([{ call: 'collect.saveProfile', input: given }]);
    expect(saved.err).toContain("--profile 'my look'");
    for (const id of ['old', 'none']) expect((await run(['profiles', 'show', id], handlers)).code).toBe(2);
  });

  it.each([
    ['no JSON', '{', 'is not JSON'],
    ['no profile', '{"id":1}', 'is no profile: id'],
    ['a name that is a path', JSON.stringify({ ...TRIAGE, id: '../x' }), 'is no profile: id'],
    ['more than a profile has', JSON.stringify({ ...TRIAGE, run: 'rm' }), 'is no profile'],
  ])('refuses a file with %s', async (_what, text, reason) => {
    const file = join(await scratch(), 'p.json');
    await writeFile(file, text);
    const got = await run(['profiles', 'save', file]);
    expect(got.code).not.toBe(0);
    expect(got.err).toContain(reason);
    expect(got.calls.map(({ call }) => call)).not.toContain('collect.saveProfile');
  });

  it('says that a file is not there, and removes by name', async () => {
    expect((await run(['profiles', 'save', join(await scratch(), 'none.json')])).err).toContain('cannot be read');
    const removed = await run(['profiles', 'remove', 'my look'], { 'collect.removeProfile': () => undefined });
    expect([removed.code, removed.calls]).toEqual([0, [{ call: 'collect.removeProfile', input: { id: 'my look' } }]]);
  });
});
