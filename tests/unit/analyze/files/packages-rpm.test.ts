import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import Database from 'libsql';
import { afterAll, describe, expect, it } from 'vitest';
import files from '../../../../src/main/analyze/analyzers/files';
import { parseRpmHeader } from '../../../../src/main/analyze/formats/rpm-header';
import { LadingError } from '../../../../src/shared/errors';
import { type Member, tarOf } from '../formats/tar-kit';
import { analyze, byRule, type Given } from '../kit';

const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');
const dirs: string[] = [];
afterAll(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
});
async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lading-rpm-test-'));
  dirs.push(dir);
  return dir;
}

/** A header by hand, of tags with their texts or 32-bit numbers. */
function header(tags: readonly [tag: number, type: 4 | 6 | 8, values: readonly (string | number)[]][]): Buffer {
  const index: Buffer[] = [];
  const data: Buffer[] = [];
  let offset = 0;
  for (const [tag, type, values] of tags) {
    const body = Buffer.concat(
      values.map((value) => {
        if (typeof value === 'string') return Buffer.from(`${value}\0`);
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32BE(value);
        return bytes;
      }),
    );
    const entry = Buffer.alloc(16);
    for (const [i, value] of [tag, type, offset, values.length].entries()) entry.writeUInt32BE(value, i * 4);
    index.push(entry);
    data.push(body);
    offset += body.length;
  }
  const head = Buffer.alloc(8);
  head.writeUInt32BE(tags.length, 0);
  head.writeUInt32BE(offset, 4);
  return Buffer.concat([head, ...index, ...data]);
}

const TOOL = '#!/bin/sh\necho tool\n';
const HEADER = header([
  [1000, 6, ['tools']],
  [1001, 6, ['1.2']],
  [1002, 6, ['3.el9']],
  [1003, 4, [1]],
  [1035, 8, [sha256(TOOL), sha256('a = 1\n'), '', sha256('gone')]],
  [1037, 4, [0, 1, 0, 64]],
  [1116, 4, [0, 1, 1, 1]],
  [1117, 8, ['tool', 'tool.conf', 'tool.d', 'tool.cache']],
  [1118, 8, ['/usr/bin/', '/etc/']],
  [5011, 4, [8]],
]);

async function database(
  blobs: readonly Buffer[],
  sql = 'CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)',
) {
  const path = join(await folder(), 'rpmdb.sqlite');
  const db = new Database(path);
  db.exec(sql);
  const insert = blobs.length > 0 ? db.prepare('INSERT INTO Packages (blob) VALUES (?)') : undefined;
  for (const blob of blobs) insert?.run([blob]);
  db.close();
  return readFile(path);
}

const exported = (members: Member[]): Given => ({
  collector: 'container.export',
  kind: 'tar',
  content: tarOf(members),
});
const system = (db: Buffer, tool: string, name = 'var/lib/rpm/rpmdb.sqlite'): Given[] => [
  exported([
    { name: 'usr/bin/tool', body: tool, mode: 0o755 },
    { name: 'etc/tool.conf', body: 'a = 2\n' },
    { name, body: db },
  ]),
];
const leftovers = async () => (await readdir(tmpdir())).filter((name) => /^lading-rpm-(?!test-)/.test(name));

describe('headers of rpm', () => {
  it('give name, version with epoch, files, digests, flags', () => {
    expect(parseRpmHeader(HEADER)).toEqual({
      name: 'tools',
      version: '1:1.2-3.el9',
      files: [
        {
          path: '/usr/bin/tool',
          digest: { algorithm: 'sha256', hex: sha256(TOOL) },
          configuration: false,
          ghost: false,
        },
        {
          path: '/etc/tool.conf',
          digest: { algorithm: 'sha256', hex: sha256('a = 1\n') },
          configuration: true,
          ghost: false,
        },
        { path: '/etc/tool.d', configuration: false, ghost: false },
        {
          path: '/etc/tool.cache',
          digest: { algorithm: 'sha256', hex: sha256('gone') },
          configuration: false,
          ghost: true,
        },
      ],
    });
  });

  it('have MD5 where they do not say, and no digest of a kind that is not known', () => {
    const of = (digest: string, more: Parameters<typeof header>[0] = []) =>
      parseRpmHeader(
        header([[1000, 6, ['a']], [1035, 8, [digest]], [1116, 4, [0]], [1117, 8, ['f']], [1118, 8, ['/']], ...more]),
      ).files[0]?.digest;
    expect(of('A'.repeat(32))).toEqual({ algorithm: 'md5', hex: 'a'.repeat(32) });
    expect(of('a'.repeat(128), [[5011, 4, [10]]])).toBeUndefined();
    expect(of('zz'.repeat(16))).toBeUndefined();
  });

  it('that are cut, broken or hostile are refused, and never end the program', () => {
    for (let cut = 0; cut < HEADER.length; cut += 3)
      expect(() => parseRpmHeader(HEADER.subarray(0, cut))).toThrow(LadingError);
    const huge = Buffer.from(HEADER);
    huge.writeUInt32BE(0xffffffff, 8 + 12);
    expect(() => parseRpmHeader(huge)).toThrow(LadingError);
    fc.assert(
      fc.property(fc.nat(HEADER.length - 1), fc.nat(255), (at, value) => {
        const bytes = Buffer.from(HEADER);
        bytes[at] = value;
        try {
          parseRpmHeader(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(LadingError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('databases of rpm', () => {
  it('tell a changed packaged file, not a setting or an unchanged one', async () => {
    const db = await database([HEADER]);
    expect(byRule(await analyze(system(db, TOOL), [files]), 'fs.package-drift')).toEqual([]);
    const [drift, ...more] = byRule(
      await analyze(system(db, `${TOOL}evil\n`, 'usr/lib/sysimage/rpm/rpmdb.sqlite'), [files]),
      'fs.package-drift',
    );
    expect(more).toEqual([]);
    expect(drift?.claim).toContain('/usr/bin/tool, of the package tools 1:1.2-3.el9');
    expect(drift?.claim).toContain(`the package database has ${sha256(TOOL)}`);
    expect(await leftovers()).toEqual([]);
  });

  it('that are broken, hostile or of another format are said, and the rest is analysed', async () => {
    const good = await database([HEADER]);
    const wrong = Buffer.from(good);
    wrong.fill(0xff, 4096, 4196);
    const reasons = async (given: Given[]) =>
      (await analyze(given, [files])).unreadable.map(({ reason }) => reason).join('\n');
    expect(await reasons(system(Buffer.from('no database at all'), TOOL))).toContain(
      'rpmdb.sqlite: The database of rpm cannot be read',
    );
    expect(await reasons(system(good.subarray(0, 5000), TOOL))).toContain('rpmdb.sqlite: ');
    expect(await reasons(system(wrong, TOOL))).toContain('rpmdb.sqlite: ');
    expect(await reasons(system(await database([Buffer.from('junk'), HEADER]), TOOL))).toContain(
      'Package 1 of the database cannot be read',
    );
    const endless = await database(
      [],
      'CREATE VIEW Packages AS WITH RECURSIVE t(hnum) AS (SELECT 1 UNION ALL SELECT hnum + 1 FROM t) SELECT hnum, zeroblob(9) AS blob FROM t',
    );
    expect(await reasons(system(endless, TOOL))).toContain('It has no table of packages');
    expect(await reasons(system(Buffer.from('x'), TOOL, 'var/lib/rpm/Packages'))).toContain(
      'format Berkeley DB are not read',
    );
    expect(await reasons(system(Buffer.from('x'), TOOL, 'usr/lib/sysimage/rpm/Packages.db'))).toContain(
      'format ndb are not read',
    );
    expect(await leftovers()).toEqual([]);
  });

  const missing = ['/usr/bin/rpm', '/usr/bin/rpmbuild'].filter((path) => !existsSync(path));
  it.skipIf(missing.length > 0)(
    `as rpm itself writes them, with its log beside${missing.length > 0 ? ` (needs ${missing.join(', ')})` : ''}`,
    async () => {
      const dir = await folder();
      const root = join(dir, 'root');
      await mkdir(root);
      await writeFile(
        join(dir, 'tool.spec'),
        `Name: tool\nVersion: 2\nRelease: 1\nSummary: s\nLicense: MIT\nBuildArch: noarch\n%description\nd\n%install\nmkdir -p %{buildroot}/opt/tool %{buildroot}/etc\nprintf 'real' > %{buildroot}/opt/tool/run\nprintf 'set' > %{buildroot}/etc/tool.conf\n%files\n/opt/tool/run\n%config /etc/tool.conf\n`,
      );
      const define = [
        '--define',
        `_topdir ${dir}/build`,
        '--define',
        '_db_backend sqlite',
        '--define',
        '_dbpath /var/lib/rpm',
      ];
      execFileSync('rpmbuild', [...define, '-bb', join(dir, 'tool.spec')], { stdio: 'pipe' });
      const [made] = (await readdir(join(dir, 'build/RPMS/noarch'))).filter((name) => name.endsWith('.rpm'));
      execFileSync('rpm', [...define, '--root', root, '--nodeps', '-i', join(dir, 'build/RPMS/noarch', made ?? '')], {
        stdio: 'pipe',
      });
      const where = join(root, 'var/lib/rpm');
      const database = (await readdir(where)).filter((name) => /^rpmdb\.sqlite(?:-wal)?$/.test(name));
      expect(database).toContain('rpmdb.sqlite');
      const given = async (run: string) => [
        exported([
          { name: 'opt/tool/run', body: run, mode: 0o755 },
          { name: 'etc/tool.conf', body: 'changed' },
          ...(await Promise.all(
            database.map(async (name) => ({ name: `var/lib/rpm/${name}`, body: await readFile(join(where, name)) })),
          )),
        ]),
      ];
      const quiet = await analyze(await given('real'), [files]);
      expect(quiet.unreadable).toEqual([]);
      expect(byRule(quiet, 'fs.package-drift')).toEqual([]);
      const [drift] = byRule(await analyze(await given('other'), [files]), 'fs.package-drift');
      expect(drift?.claim).toContain('/opt/tool/run');
      // what rpm itself says of the file
      const said = execFileSync('rpm', [...define, '--root', root, '-q', '--dump', 'tool'], { encoding: 'utf8' });
      expect(said).toContain(sha256('real'));
    },
    60_000,
  );
});
