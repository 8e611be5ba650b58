import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { listTar, modeText, paxRecords, type TarListing } from '../../../src/renderer/features/exhibits/model/tar';
import { never, sourceOf } from './source';

async function list(bytes: Uint8Array): Promise<TarListing> {
  let last: TarListing = { members: [], scanned: 0, done: false };
  await listTar(sourceOf(bytes), never, (listing) => {
    last = listing;
  });
  return last;
}

describe('listTar', () => {
  const long = `${'deep/'.repeat(60)}naïve\u202egpj.exe`;
  async function archive() {
    const tar = pack();
    tar.entry({ name: 'etc/', type: 'directory', mode: 0o755, mtime: new Date(1_700_000_000_000) });
    tar.entry({ name: 'etc/passwd', mode: 0o644, uid: 1000, gid: 50 }, 'root:x:0:0\n');
    tar.entry({ name: 'bin/sh', type: 'symlink', linkname: 'busybox' });
    tar.entry({ name: long, mode: 0o4755 }, Buffer.alloc(700_000, 1));
    tar.entry({ name: 'last' }, 'x');
    tar.finalize();
    return buffer(tar);
  }

  it('lists names, kinds, sizes and owners without the contents', async () => {
    const listing = await list(await archive());
    expect(listing).toMatchObject({ done: true, fault: undefined });
    expect(listing.members.map(({ name, kind, size }) => [name, kind, size])).toEqual([
      ['etc/', 'directory', 0],
      ['etc/passwd', 'file', 11],
      ['bin/sh', 'symbolic link', 0],
      [long, 'file', 700_000],
      ['last', 'file', 1],
    ]);
    expect(listing.members[0]?.mtime).toBe(1_700_000_000);
    expect(listing.members[1]).toMatchObject({ uid: 1000, gid: 50, mode: 0o644 });
    expect(listing.members[2]?.link).toBe('busybox');
  });

  it('keeps what it read of an archive that is cut off or damaged, and says where it stopped', async () => {
    const whole = await archive();
    const cut = await list(whole.subarray(0, 1024 + 512 + 100));
    expect(cut.members.map(({ name }) => name)).toEqual(['etc/', 'etc/passwd']);
    expect(cut.fault).toMatch(/cut off within a header at byte 1536/);
    const damaged = Buffer.from(whole);
    damaged[512 + 10] = 0x21;
    expect((await list(damaged)).fault).toMatch(/No tar header at byte 512/);
    expect((await list(whole.subarray(0, 512))).fault).toMatch(/no end mark/);
  });

  it('does not follow a size that makes no sense', async () => {
    const tar = pack();
    tar.entry({ name: 'a' }, 'x');
    tar.finalize();
    const bytes = await buffer(tar);
    // Base 256, 2^94: more than can be counted in.
    bytes.fill(0xff, 124, 136);
    bytes[124] = 0x80;
    let sum = 0;
    for (let at = 0; at < 512; at += 1) sum += at >= 148 && at < 156 ? 32 : (bytes[at] ?? 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    expect((await list(bytes)).fault).toMatch(/makes no sense/);
  });
});

describe('paxRecords', () => {
  it('reads values with line breaks and equals signs, and stops at a wrong length', () => {
    expect(paxRecords(Buffer.from('18 path=a=b\nc/d.e\n12 uid=1000\n'))).toEqual({ path: 'a=b\nc/d.e', uid: '1000' });
    expect(paxRecords(Buffer.from('99 path=x\n'))).toEqual({});
    expect(paxRecords(Buffer.from('no length'))).toEqual({});
  });
});

describe('modeText', () => {
  it('reads as ls prints', () => {
    expect(modeText('directory', 0o1777)).toBe('drwxrwxrwt');
    expect(modeText('file', 0o4755)).toBe('-rwsr-xr-x');
    expect(modeText('file', 0o2644)).toBe('-rw-r-Sr--');
    expect(modeText('symbolic link', 0o777)).toBe('lrwxrwxrwx');
  });
});
