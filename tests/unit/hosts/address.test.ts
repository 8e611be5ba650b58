import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Places, type Resolved, resolveAddress, type SshHop } from '../../../src/main/hosts/address';
import { hostSuggestions } from '../../../src/main/hosts/suggestions';
import type { HostSpec } from '../../../src/shared/domain';
import { LadingError } from '../../../src/shared/errors';

let home = '';
let places: Places = {};
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lading-home-'));
  mkdirSync(join(home, '.ssh'));
  places = { home, env: {}, platform: 'linux' };
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const config = (text: string) => writeFileSync(join(home, '.ssh', 'config'), text);
const context = (name: string, host: string) => {
  const folder = join(home, '.docker', 'contexts', 'meta', createHash('sha256').update(name).digest('hex'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host, SkipTLSVerify: false } } }),
  );
};
const resolve = (address: string, more: Partial<HostSpec> = {}): Resolved =>
  resolveAddress({ address, sudo: false, ...more }, places);
const hops = (resolved: Resolved): SshHop[] => {
  if (resolved.kind !== 'ssh') throw new Error('not ssh');
  return resolved.hops;
};
const only = (resolved: Resolved): SshHop => {
  const [hop, more] = hops(resolved);
  if (!hop || more) throw new Error('not one hop');
  return hop;
};
const refused = (address: string, more: Partial<HostSpec> = {}): LadingError => {
  try {
    resolve(address, more);
  } catch (error) {
    if (error instanceof LadingError) return error;
  }
  throw new Error(`${address} was not refused`);
};

describe('an address', () => {
  it('is this machine, a socket, a pipe', () => {
    expect(resolve('local')).toEqual({ kind: 'local' });
    expect(resolve('default')).toEqual({ kind: 'local' });
    expect(resolve('unix:///run/user/1000/docker.sock')).toEqual({
      kind: 'socket',
      socket: '/run/user/1000/docker.sock',
    });
    expect(resolve('npipe:////./pipe/docker_engine')).toEqual({ kind: 'socket', socket: '\\\\.\\pipe\\docker_engine' });
  });

  it('is an SSH server with user and port, also by IPv6', () => {
    expect(only(resolve('ssh://root@10.0.0.1'))).toMatchObject({
      user: 'root',
      host: '10.0.0.1',
      port: 22,
      keyName: '10.0.0.1',
    });
    expect(only(resolve('ssh://root@Host.example:2222'))).toMatchObject({
      host: 'Host.example',
      port: 2222,
      keyName: '[host.example]:2222',
    });
    expect(only(resolve('ssh://root@[fe80::1]:2022'))).toMatchObject({
      host: 'fe80::1',
      port: 2022,
      label: 'root@[fe80::1]:2022',
    });
    expect(only(resolve('ssh://a%40b@h'))).toMatchObject({ user: 'a@b', host: 'h' });
    expect(only(resolve('root@10.0.0.1:2200'))).toMatchObject({ user: 'root', port: 2200 });
    expect(resolve('ssh://root@h/run/podman/podman.sock')).toMatchObject({ socket: '/run/podman/podman.sock' });
    expect(resolve('ssh://root@h/')).not.toHaveProperty('socket');
  });

  it.each([
    ['', 'empty'],
    ['ssh://', 'written as'],
    ['ssh://root:secret@h', 'password'],
    ['ssh://@h', 'user is empty'],
    ['ssh://root@h:0', 'no port'],
    ['ssh://root@h:65536', 'no port'],
    ['ssh://root@h:22x', 'no port'],
    ['ssh://%zz@h', 'percent'],
    ['ssh://root@h\nx', 'blanks'],
    ['unix://relative', 'path from the root'],
    ['npipe://x', 'pipe is written'],
    ['ftp://h', 'no way to reach'],
    ['a b', 'blanks'],
    ['nobody-knows-me', 'No host is called'],
  ])('%j is refused', (address, why) => {
    const error = refused(address);
    expect(error.code).toBe('BAD_INPUT');
    expect(error.message).toContain(why);
    expect(error.message).not.toContain('secret');
  });

  it('over TCP is not gone', () => {
    expect(refused('tcp://h:2375').code).toBe('NOT_POSSIBLE');
    context('far', 'tcp://h:2376');
    expect(refused('far').code).toBe('NOT_POSSIBLE');
  });
});

describe('a name', () => {
  it('of ~/.ssh/config brings its settings, and the address counts before them', () => {
    config('Host web\n HostName 10.1.1.1\n User deploy\n Port 2201\n IdentityFile ~/.ssh/web\n');
    expect(only(resolve('web'))).toMatchObject({
      host: '10.1.1.1',
      user: 'deploy',
      port: 2201,
      keyName: '[10.1.1.1]:2201',
      identities: [{ file: join(home, '.ssh', 'web'), named: false }],
    });
    expect(only(resolve('ssh://root@web:22'))).toMatchObject({ host: '10.1.1.1', user: 'root', port: 22 });
    expect(only(resolve('web', { identity: '/k' }))).toMatchObject({
      identities: [{ file: '/k', named: true }],
      identitiesOnly: true,
    });
  });

  it('that only Host * speaks of is not a host', () => {
    config('Host *\n User deploy\n');
    expect(refused('web').code).toBe('BAD_INPUT');
    expect(only(resolve('ssh://web'))).toMatchObject({ user: 'deploy' });
  });

  it("of Docker's contexts leads where the context leads; ssh config comes first", () => {
    context('staging', 'ssh://deploy@10.2.2.2:2022');
    context('here', 'unix:///run/docker.sock');
    expect(only(resolve('staging'))).toMatchObject({ user: 'deploy', host: '10.2.2.2', port: 2022 });
    expect(resolve('here')).toEqual({ kind: 'socket', socket: '/run/docker.sock' });
    config('Host staging\n HostName 10.3.3.3\n');
    expect(only(resolve('staging')).host).toBe('10.3.3.3');
  });

  it('has its agent: of the environment, of the configuration, none, or the pipe of Windows', () => {
    expect(only(resolve('ssh://h')).agent).toBeUndefined();
    places = { ...places, env: { SSH_AUTH_SOCK: '/agent' } };
    expect(only(resolve('ssh://h')).agent).toBe('/agent');
    config('Host h\n IdentityAgent none\nHost i\n IdentityAgent ~/sock\n');
    expect(only(resolve('ssh://h')).agent).toBeUndefined();
    expect(only(resolve('ssh://i')).agent).toBe(join(home, 'sock'));
    places = { ...places, env: {}, platform: 'win32' };
    expect(only(resolve('ssh://j')).agent).toBe('\\\\.\\pipe\\openssh-ssh-agent');
  });
});

describe('jump hosts', () => {
  it('come in their order, with their own settings', () => {
    config('Host first\n HostName 10.9.9.1\n User hop\n Port 2022\n');
    expect(hops(resolve('ssh://root@h', { jump: 'first,second@b:23' })).map((hop) => hop.label)).toEqual([
      'hop@10.9.9.1:2022',
      'second@b:23',
      'root@h:22',
    ]);
  });

  it('of the configuration count, also behind each other, unless the examiner names others', () => {
    config('Host web\n ProxyJump inner\n HostName 10.1.1.1\nHost inner\n ProxyJump outer\nHost *\n User u\n');
    expect(hops(resolve('web')).map((hop) => hop.host)).toEqual(['outer', 'inner', '10.1.1.1']);
    expect(hops(resolve('web', { jump: 'x@other' })).map((hop) => hop.host)).toEqual(['other', '10.1.1.1']);
    config('Host web\n ProxyJump none\n');
    expect(hops(resolve('web'))).toHaveLength(1);
  });

  it('in a circle are refused, and so is a command', () => {
    config('Host a\n ProxyJump b\nHost b\n ProxyJump a\nHost c\n ProxyCommand touch /tmp/pwned\n');
    expect(refused('a').message).toContain('circle');
    expect(refused('c')).toMatchObject({ code: 'NOT_POSSIBLE' });
    expect(refused('ssh://h', { jump: 'c' })).toMatchObject({ code: 'NOT_POSSIBLE' });
    expect(hops(resolve('c', { jump: 'x@y' }))).toHaveLength(2);
  });
});

describe('suggestions', () => {
  it('are what this machine knows, each usable as an address', async () => {
    const socket = join(home, 'docker.sock');
    writeFileSync(socket, '');
    config('Host web\n HostName 10.1.1.1\n User deploy\n Port 2201\n ProxyJump gate\nHost *.lan\n User x\n');
    context('web', 'ssh://a@10.2.2.2');
    context('desk', 'unix:///d.sock');
    context('far', 'tcp://h:2376');
    const found = await hostSuggestions({ ...places, env: { DOCKER_HOST: `unix://${socket}` } });
    expect(found.map((one) => [one.source, one.address])).toEqual(
      expect.arrayContaining([
        ['local engine', 'local'],
        ['ssh config', 'web'],
        ['docker context', 'ssh://a@10.2.2.2'],
        ['docker context', 'desk'],
      ]),
    );
    expect(found).toHaveLength(4);
    expect(found.find((one) => one.address === 'web')?.detail).toBe('deploy@10.1.1.1:2201 through gate');
    for (const one of found) expect(() => resolve(one.address)).not.toThrow();
  });
});
