import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { currentDockerContext, listDockerContexts } from '../../../src/main/hosts/dockercontext';
import { localSockets } from '../../../src/main/hosts/localsockets';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lading-docker-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const folder = (name: string) =>
  join(home, '.docker', 'contexts', 'meta', createHash('sha256').update(name).digest('hex'));
const write = (name: string, meta: unknown) => {
  mkdirSync(folder(name), { recursive: true });
  writeFileSync(join(folder(name), 'meta.json'), typeof meta === 'string' ? meta : JSON.stringify(meta));
};
const context = (name: string, host: string) =>
  write(name, { Name: name, Metadata: {}, Endpoints: { docker: { Host: host, SkipTLSVerify: false } } });

it('lists what can be read and leaves out what is damaged', () => {
  context('staging', 'ssh://deploy@h');
  write('broken', '{"Name":');
  write('kube', { Name: 'kube', Endpoints: { kubernetes: {} } });
  mkdirSync(join(home, '.docker', 'contexts', 'meta', 'empty'));
  expect(listDockerContexts({ home, env: {} })).toEqual([
    {
      name: 'staging',
      host: 'ssh://deploy@h',
      skipTlsVerify: false,
      tlsFolder: join(
        home,
        '.docker',
        'contexts',
        'tls',
        createHash('sha256').update('staging').digest('hex'),
        'docker',
      ),
    },
  ]);
  expect(listDockerContexts({ home: join(home, 'nowhere'), env: {} })).toEqual([]);
});

it('takes the current one from the environment before the file', () => {
  context('a', 'unix:///a.sock');
  context('b', 'unix:///b.sock');
  writeFileSync(join(home, '.docker', 'config.json'), JSON.stringify({ currentContext: 'a', auths: {} }));
  expect(currentDockerContext({ home, env: {} })?.name).toBe('a');
  expect(currentDockerContext({ home, env: { DOCKER_CONTEXT: 'b' } })?.name).toBe('b');
  expect(currentDockerContext({ home, env: { DOCKER_CONTEXT: 'gone' } })).toBeUndefined();
  writeFileSync(join(home, '.docker', 'config.json'), 'not json');
  expect(currentDockerContext({ home, env: {} })).toBeUndefined();
});

it('finds the local engine by DOCKER_HOST, then the context, then the usual places of the system', () => {
  const socket = join(home, 'd.sock');
  writeFileSync(socket, '');
  expect(localSockets({ home, env: { DOCKER_HOST: `unix://${socket}` }, platform: 'linux' }).sockets[0]).toEqual({
    path: socket,
    because: 'DOCKER_HOST',
    there: true,
  });
  context('desk', `unix://${socket}`);
  expect(localSockets({ home, env: { DOCKER_CONTEXT: 'desk' }, platform: 'darwin' }).sockets[0]?.because).toBe(
    'the Docker context desk',
  );
  expect(localSockets({ home, env: { DOCKER_HOST: 'tcp://h:2375' }, platform: 'linux' })).toEqual({
    sockets: [],
    elsewhere: 'DOCKER_HOST names tcp://h:2375',
  });
  const windows = localSockets({ home, env: {}, platform: 'win32' }).sockets;
  expect(windows.map((one) => one.path)).toContain('\\\\.\\pipe\\docker_engine');
  expect(
    localSockets({ home, env: { DOCKER_HOST: 'npipe:////./pipe/other' }, platform: 'win32' }).sockets[0]?.path,
  ).toBe('\\\\.\\pipe\\other');
  expect(
    localSockets({ home, env: { XDG_RUNTIME_DIR: '/run/user/7' }, platform: 'linux' }).sockets.map((one) => one.path),
  ).toContain('/run/user/7/docker.sock');
});
