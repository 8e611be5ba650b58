import { execFileSync, spawnSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { SshHop } from '../../../src/main/hosts/address';
import { hostKeyCheck, knownHostsFiles } from '../../../src/main/hosts/hostkey';
import {
  checkKey,
  fingerprint,
  keyType,
  knownName,
  knownTypes,
  parseKnownHosts,
  readKnownHosts,
  rememberKey,
} from '../../../src/main/hosts/knownhosts';

/** OpenSSH's own tool, where this machine has it. */
const KEYGEN = spawnSync('ssh-keygen', ['-?'], { stdio: 'ignore' }).error === undefined;
const dir = mkdtempSync(join(tmpdir(), 'lading-known-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** An SSH key blob of a type (RFC 4253 6.6); the rest is opaque here. */
function key(type = 'ssh-ed25519'): Buffer {
  const rest = randomBytes(32);
  const blob = Buffer.alloc(8 + type.length + rest.length);
  blob.writeUInt32BE(type.length, 0);
  blob.write(type, 4);
  blob.writeUInt32BE(rest.length, 4 + type.length);
  rest.copy(blob, 8 + type.length);
  return blob;
}
const line = (hosts: string, blob: Buffer, marker = '') =>
  `${marker}${hosts} ${keyType(blob)} ${blob.toString('base64')} a comment`;
const hashed = (name: string) => {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};
const hop = (host: string, port = 22): SshHop => ({
  label: `root@${host}:${port}`,
  host,
  port,
  user: 'root',
  keyName: knownName(host, port),
  identities: [],
  identitiesOnly: false,
});

describe('known_hosts', () => {
  const mine = key();
  const other = key();

  it('knows a key by name, by list, by pattern, by hash, by port', () => {
    for (const [hosts, name] of [
      ['host', 'host'],
      ['a,host,b', 'host'],
      ['*.lan,!x.lan', 'host.lan'],
      [hashed('host'), 'host'],
      ['[host]:2222', '[host]:2222'],
      [hashed('[host]:2222'), '[host]:2222'],
    ] as const) {
      expect(checkKey(parseKnownHosts(line(hosts, mine), 'f'), name, mine).verdict, hosts).toBe('known');
    }
    expect(checkKey(parseKnownHosts(line('host', mine), 'f'), knownName('host', 2222), mine).verdict).toBe('unknown');
    expect(checkKey(parseKnownHosts(line('*.lan,!x.lan', mine), 'f'), 'x.lan', mine).verdict).toBe('unknown');
    expect(checkKey(parseKnownHosts(line(hashed('other'), mine), 'f'), 'host', mine).verdict).toBe('unknown');
  });

  it('calls another key changed, whether the line is plain or hashed, and says where the old one stands', () => {
    const entries = parseKnownHosts(`# comment\n\n${line(hashed('host'), mine)}\n`, '/known');
    expect(checkKey(entries, 'host', other)).toMatchObject({ verdict: 'changed', was: { file: '/known', line: 3 } });
    const rsa = key('ssh-rsa');
    expect(checkKey(entries, 'host', rsa).verdict).toBe('changed');
    expect(checkKey([...entries, ...parseKnownHosts(line('host', other), 'f')], 'host', other).verdict).toBe('known');
    expect(knownTypes(entries, 'host')).toEqual(['ssh-ed25519']);
  });

  it('lets a revoked key win over a known one, and no authority stand for a key', () => {
    const text = [line('host', mine), line('*', mine, '@revoked '), line('*', other, '@cert-authority ')].join('\n');
    const entries = parseKnownHosts(text, 'f');
    expect(checkKey(entries, 'host', mine).verdict).toBe('revoked');
    expect(checkKey(parseKnownHosts(line('*', other, '@cert-authority '), 'f'), 'host', other).verdict).toBe('unknown');
  });

  it('lets nothing in by a broken line', () => {
    const broken = [
      'host',
      'host ssh-ed25519',
      'host ssh-ed25519 !!!',
      `host ssh-rsa ${mine.toString('base64')}`,
      '@weird host ssh-ed25519 AAAA',
      '|1|x',
      '\u0000',
    ];
    expect(parseKnownHosts(broken.join('\n'), 'f')).toEqual([]);
    expect(parseKnownHosts(line('host', mine).replaceAll(' ', '\t').concat('\r\n'), 'f')).toHaveLength(1);
  });

  it.skipIf(!KEYGEN)('reads what ssh-keygen hashed, and shows the fingerprint that ssh-keygen shows', () => {
    const file = join(dir, 'keygen');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    const [type = '', base64 = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
    const known = join(dir, 'hashed');
    writeFileSync(known, `host.example ${type} ${base64}\n`);
    execFileSync('ssh-keygen', ['-H', '-f', known], { stdio: 'ignore' });
    expect(readFileSync(known, 'utf8')).not.toContain('host.example');
    const blob = Buffer.from(base64, 'base64');
    expect(checkKey(parseKnownHosts(readFileSync(known, 'utf8'), known), 'host.example', blob).verdict).toBe('known');
    expect(fingerprint(blob)).toBe(
      execFileSync('ssh-keygen', ['-lf', `${file}.pub`], { encoding: 'utf8' }).split(' ')[1],
    );
  });

  it('remembers on a line of its own, after a file without a last line feed too', async () => {
    const file = join(dir, 'sub', 'own');
    await rememberKey(file, '[host]:22022', mine);
    writeFileSync(file, readFileSync(file, 'utf8').trimEnd());
    await rememberKey(file, 'second', other);
    const entries = await readKnownHosts([file, join(dir, 'missing')]);
    expect(checkKey(entries, '[host]:22022', mine).verdict).toBe('known');
    expect(checkKey(entries, 'second', other).verdict).toBe('known');
  });

  it('that cannot be read stops everything: the right key might be in it', async () => {
    await expect(readKnownHosts([dir])).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });
});

describe('the check of a host key', () => {
  const mine = key();
  const other = key();
  const files = (name: string) => ({ read: [join(dir, name)], write: join(dir, name) });

  it('asks about an unknown key, takes only the compared fingerprint, writes it only when told to', async () => {
    const check = await hostKeyCheck(hop('new'), files('new'), undefined);
    expect(check.verify(mine)).toBe(false);
    expect(check.refused()).toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      details: { algorithm: 'ssh-ed25519', fingerprint: fingerprint(mine), host: 'new', port: 22 },
    });
    const wrong = await hostKeyCheck(hop('new'), files('new'), fingerprint(other));
    expect(wrong.verify(mine)).toBe(false);
    const right = await hostKeyCheck(hop('new'), files('new'), fingerprint(mine));
    expect(right.verify(mine)).toBe(true);
    expect(existsSync(join(dir, 'new'))).toBe(false);
    await right.remember();
    expect((await hostKeyCheck(hop('new'), files('new'), undefined)).verify(mine)).toBe(true);
  });

  it('takes no compared fingerprint for a changed or revoked key', async () => {
    writeFileSync(join(dir, 'changed'), `${line('h', mine)}\n`);
    const changed = await hostKeyCheck(hop('h'), files('changed'), fingerprint(other));
    expect(changed.verify(other)).toBe(false);
    expect(changed.refused()).toMatchObject({
      code: 'HOST_KEY_CHANGED',
      details: { expected: fingerprint(mine), fingerprint: fingerprint(other) },
    });
    await changed.remember();
    expect(readFileSync(join(dir, 'changed'), 'utf8').split('\n')).toHaveLength(2);
    writeFileSync(join(dir, 'revoked'), `${line('*', mine, '@revoked ')}\n`);
    const revoked = await hostKeyCheck(hop('h'), files('revoked'), fingerprint(mine));
    expect(revoked.verify(mine)).toBe(false);
    expect(revoked.refused()).toMatchObject({ code: 'HOST_KEY_CHANGED', details: { revoked: true } });
  });

  it('refuses another key in the middle of a connection, even a known one', async () => {
    writeFileSync(join(dir, 'two'), `${line('h', mine)}\n${line('h', other)}\n`);
    const check = await hostKeyCheck(hop('h'), files('two'), undefined);
    expect(check.verify(mine)).toBe(true);
    expect(check.verify(mine)).toBe(true);
    expect(check.verify(other)).toBe(false);
    expect(check.refused()?.code).toBe('HOST_KEY_CHANGED');
  });

  it('asks for known key types first', async () => {
    writeFileSync(join(dir, 'rsa'), `${line('h', key('ssh-rsa'))}\n`);
    const check = await hostKeyCheck(hop('h'), files('rsa'), undefined);
    expect(check.algorithms.slice(0, 3)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519']);
  });

  it("never writes the examiner's own ~/.ssh/known_hosts", () => {
    const own = join('/conf', 'known_hosts');
    const home = join('/home', 'ex');
    expect(knownHostsFiles({}, {}, '/conf', home)).toMatchObject({
      write: own,
      read: expect.arrayContaining([own, join(home, '.ssh', 'known_hosts')]),
    });
    const users = join(home, '.ssh', 'known_hosts');
    expect(knownHostsFiles({ knownHosts: users }, {}, '/conf', home)).toEqual({ read: [users, own], write: own });
    expect(knownHostsFiles({ knownHosts: '/lab/known' }, {}, '/conf', home)).toEqual({
      read: ['/lab/known'],
      write: '/lab/known',
    });
    expect(knownHostsFiles({}, { knownHosts: ['/other'] }, '/conf', home).read.slice(0, 2)).toEqual([own, '/other']);
  });
});

it('finds no type in what is no key', () => {
  expect(keyType(Buffer.from([0, 0, 0, 200, 1]))).toBe('');
  expect(keyType(Buffer.alloc(2))).toBe('');
});
