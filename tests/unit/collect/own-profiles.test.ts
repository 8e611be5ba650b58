import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { OwnProfiles } from '../../../src/main/collect/own-profiles';
import { profiles } from '../../../src/main/collect/profiles';
import { collectors } from '../../../src/main/collect/registry';
import { OwnProfile } from '../../../src/shared/domain';
import { scratch } from '../../kit/case';

const ALL = collectors();
const TAKEN = profiles().map(({ id }) => id);
const LOOK: OwnProfile = {
  id: 'Web look',
  title: 'Web look',
  description: '',
  collectors: ['host.clock', 'container.files'],
  inputs: { 'container.files': { paths: ['/etc'] } },
};

describe('own profiles', () => {
  let dir: string;
  let own: OwnProfiles;
  beforeEach(async () => {
    dir = await scratch();
    own = new OwnProfiles(dir);
  });
  const put = async (name: string, text: string) => {
    await mkdir(join(dir, 'profiles'), { recursive: true });
    await writeFile(join(dir, 'profiles', name), text);
  };

  it('are files that can be shared: what is saved is read, shared, and taken over by another', async () => {
    expect(await own.list(ALL)).toEqual([]);
    await own.save(LOOK, ALL, TAKEN);
    expect(await own.list(ALL)).toEqual([{ ...LOOK, own: true, unusable: undefined }]);
    const to = join(dir, 'given.json');
    expect(await own.share('web look', to, ALL)).toEqual({ path: to });
    const colleague = new OwnProfiles(join(dir, 'other'));
    await colleague.save(OwnProfile.parse(JSON.parse(await readFile(to, 'utf8'))), ALL, TAKEN);
    expect(await colleague.list(ALL)).toEqual(await own.list(ALL));
  });

  it('replaces one of the same name, whatever the case of its letters and the name of its file', async () => {
    await put('copied from a stick.json', JSON.stringify(LOOK));
    await own.save({ ...LOOK, id: 'WEB LOOK', title: 'New' }, ALL, TAKEN);
    expect((await own.list(ALL)).map(({ title }) => title)).toEqual(['New']);
    expect(await readdir(join(dir, 'profiles'))).toHaveLength(1);
    await own.remove('web look', ALL);
    expect(await readdir(join(dir, 'profiles'))).toEqual([]);
    await expect(own.remove('web look', ALL)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it.each([
    ['one of Lading’s names', { id: 'Triage' }, /profile of Lading itself/],
    ['a collector that is not there', { collectors: ['no.such'], inputs: undefined }, /names no\.such/],
    ['a collector twice', { collectors: ['host.clock', 'host.clock'], inputs: undefined }, /twice/],
    ['an input of a collector that it does not name', { collectors: ['host.clock'] }, /not among its collectors/],
    ['an input where none is taken', { inputs: { 'host.clock': {} } }, /takes nothing/],
    ['an input that is not right', { inputs: { 'container.files': { paths: [] } } }, /not right: paths/],
  ])('refuses %s', async (_what, change, reason) => {
    await expect(own.save({ ...LOOK, ...change }, ALL, TAKEN)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringMatching(reason),
    });
    expect(await own.list(ALL)).toEqual([]);
  });

  it('lists a broken file with its reason, and does not let it be shared', async () => {
    await put('a.json', '{');
    await put('b.json', JSON.stringify({ ...LOOK, id: '../../etc/passwd' }));
    await put('c.json', JSON.stringify({ ...LOOK, collectors: ['\u001b[31mred'], inputs: undefined }));
    await put('d.json', JSON.stringify({ ...LOOK, more: 1 }));
    await put('e.txt', 'not one');
    const list = await own.list(ALL);
    expect(list.map(({ id }) => id)).toEqual(['a', 'b', 'Web look', 'd']);
    for (const { unusable } of list) expect(unusable).toEqual(expect.any(String));
    expect(JSON.stringify(list.map(({ unusable }) => unusable))).not.toContain('\\u001b');
    await expect(own.share('a', join(dir, 'x.json'), ALL)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('shares into no file that is there, no case, and nowhere without a whole path', async () => {
    await own.save(LOOK, ALL, TAKEN);
    const there = join(dir, 'there.json');
    await writeFile(there, 'mine');
    await expect(own.share(LOOK.id, there, ALL)).rejects.toThrow(/is there already/);
    expect(await readFile(there, 'utf8')).toBe('mine');
    await mkdir(join(dir, 'case', 'reports'), { recursive: true });
    await writeFile(join(dir, 'case', 'ledger.jsonl'), '');
    await expect(own.share(LOOK.id, join(dir, 'case', 'reports', 'p.json'), ALL)).rejects.toThrow(/case folder/);
    await expect(own.share(LOOK.id, 'p.json', ALL)).rejects.toThrow(/no whole path/);
    await expect(own.share(LOOK.id, join(dir, 'no', 'p.json'), ALL)).rejects.toThrow(/cannot be written/);
  });
});
