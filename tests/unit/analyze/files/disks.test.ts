import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { resolveCitation } from '../../../../src/main/analyze/cite';
import { fileDetail, listFiles, listViews } from '../../../../src/main/analyze/files/query';
import { crc64 } from '../../../../src/main/analyze/formats/crc64';
import { buildIndex } from '../../../../src/main/analyze/index/build';
import files from '../../../../src/main/analyze/index/indexers/files';
import { withIndex } from '../../../../src/main/analyze/index/store';
import { type Member, tarOf } from '../formats/tar-kit';
import { caseOf, type Given, HOST, WEB } from '../kit';

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
const all = { foldersOnly: false, sort: 'path', descending: false, offset: 0, limit: 1000 } as const;

/** tar-split's list of an archive of such members, as the engine keeps it. */
function splitOf(members: readonly Member[]): Buffer {
  const lines: object[] = [];
  const bytes = (payload: Buffer) => payload.length > 0 && lines.push({ type: 2, payload: payload.toString('base64') });
  for (const one of members) {
    const whole = tarOf([one], { end: false });
    const body = Buffer.from(one.body ?? '');
    const padding = (512 - (body.length % 512)) % 512;
    bytes(whole.subarray(0, whole.length - body.length - padding));
    const sum = crc64();
    sum.update(body);
    if (body.length > 0) {
      const payload = Buffer.from(sum.hex(), 'hex').toString('base64');
      lines.push({ type: 1, name: one.name.toString(), size: body.length, payload });
    }
    bytes(whole.subarray(whole.length - padding));
  }
  bytes(Buffer.alloc(1024));
  return gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

const low: Member[] = [
  { name: 'etc/', type: '5' },
  { name: 'etc/keep', body: 'kept' },
  { name: 'etc/gone', body: 'gone' },
  { name: 'usr/bin/tool', body: 'a tool' }, // of usr and usr/bin it has no entry
];
const high: Member[] = [
  { name: 'etc/', type: '5' },
  { name: 'etc/.wh.old', body: '' },
  { name: 'etc/new', body: 'of the upper layer' },
];
const diffIds = [low, high].map((members) => `sha256:${sha256(tarOf(members))}`);
const chain = [diffIds[0] ?? '', `sha256:${sha256(`${diffIds[0]} ${diffIds[1]}`)}`];
const IMAGE = `sha256:${'a'.repeat(64)}`;
const GONE = 'd'.repeat(64);

const at = (prefix: string, members: readonly Member[]): Member[] =>
  members.map((one) => ({ ...one, name: `${prefix}${one.name.toString()}` }));
const text = (name: string, body: string | Buffer): Member => ({ name, body });

/** A data root as `tar -C /var/lib/docker -c .` gives it. */
function dataRoot(change: { low?: Member[]; more?: Member[] } = {}): Buffer {
  const db = './image/overlay2/layerdb';
  const layer = (i: number, cache: string, split: Buffer): Member[] => [
    text(`${db}/sha256/${chain[i]?.slice(7)}/diff`, diffIds[i] ?? ''),
    text(`${db}/sha256/${chain[i]?.slice(7)}/cache-id`, cache),
    ...(i > 0 ? [text(`${db}/sha256/${chain[i]?.slice(7)}/parent`, chain[i - 1] ?? '')] : []),
    text(`${db}/sha256/${chain[i]?.slice(7)}/tar-split.json.gz`, split),
  ];
  const container = (id: string, mount: string): Member[] => [
    text(`${db}/mounts/${id}/mount-id`, mount),
    text(`${db}/mounts/${id}/init-id`, `${mount}-init`),
    text(`${db}/mounts/${id}/parent`, chain[1] ?? ''),
  ];
  const upper: Member[] = [
    { name: '', type: '5' },
    { name: 'etc/', type: '5' },
    { name: 'etc/gone', type: '3', device: [0, 0] },
    { name: 'etc/own', body: 'written by the container' },
    { name: 'usr/', type: '5' },
    { name: 'usr/bin/', type: '5' },
    { name: 'usr/bin/.hidden', body: '\x7fELF' },
  ];
  return tarOf([
    ...layer(0, 'aaaa', splitOf(low)),
    ...layer(1, 'bbbb', splitOf(high)),
    ...container(WEB.id, 'cccc'),
    // the engine's list does not have it any more, its folder is there
    ...container(GONE, 'dddd'),
    ...at('./overlay2/aaaa/diff/', [
      ...(change.low ?? low),
      { name: 'usr/', type: '5' },
      { name: 'usr/bin/', type: '5' },
    ]),
    ...at('./overlay2/bbbb/diff/', [
      { name: 'etc/', type: '5' },
      { name: 'etc/old', type: '3', device: [0, 0] },
      { name: 'etc/new', body: 'of the upper layer' },
    ]),
    ...at('./overlay2/cccc-init/diff/', [{ name: '.dockerenv', body: '' }]),
    ...at('./overlay2/cccc/diff/', upper),
    ...at('./overlay2/dddd-init/diff/', [{ name: '.dockerenv', body: '' }]),
    ...at('./overlay2/dddd/diff/', [{ name: 'left', body: 'left behind' }]),
    // forgotten altogether
    ...at('./overlay2/eeee-init/diff/', [{ name: '.dockerenv', body: '' }]),
    ...at('./overlay2/eeee/diff/', [{ name: 'orphan', body: 'nobody knows me' }]),
    // a data root inside of a container is none of this host
    ...at('./overlay2/cccc/diff/var/lib/docker/overlay2/ffff/diff/', [{ name: 'nested', body: 'x' }]),
    ...(change.more ?? []),
  ]);
}

const PARENT = { kind: 'import', from: 'A. Admin', note: 'x', parent: 'E0001', member: 'config.v2.json' } as const;
const given = (root: Buffer, kind: 'tar' | 'binary' = 'tar'): Given[] => [
  { collector: 'import.data-root', kind, content: root, target: HOST },
  {
    collector: 'import.image-config',
    target: { kind: 'image', id: IMAGE, name: 'web:1' },
    content: { rootfs: { diff_ids: diffIds } },
  },
  { collector: 'import.container-config', target: WEB, content: { Image: IMAGE }, how: PARENT },
];

async function indexed(list: readonly Given[]) {
  const { dir, records } = await caseOf(list);
  const built = await buildIndex({ dir, records, indexers: [files] });
  const faults = withIndex(dir, (db) => db.prepare('SELECT reason FROM faults').all()) as { reason: string }[];
  return { dir, built, faults: faults.map(({ reason }) => reason), views: withIndex(dir, listViews) };
}
const statesOf = (dir: string, view: string) =>
  Object.fromEntries(withIndex(dir, (db) => listFiles(db, { ...all, view })).rows.map((row) => [row.path, row.state]));

const WEB_FILES = {
  '/': 'image',
  '/.dockerenv': 'image',
  '/etc': 'image',
  '/etc/gone': 'deleted',
  '/etc/keep': 'image',
  '/etc/new': 'image',
  '/etc/own': 'added',
  '/usr': 'image',
  '/usr/bin': 'image',
  '/usr/bin/.hidden': 'added',
  '/usr/bin/tool': 'image',
};

describe('a copied data root of overlay2', () => {
  for (const [form, list] of [
    ['a tar', given(dataRoot())],
    ['a tar.gz', given(gzipSync(dataRoot()), 'binary')],
  ] as const) {
    it(`gives its containers, those too that the engine forgot, from ${form}`, async () => {
      const { dir, faults, views } = await indexed(list);
      expect(faults).toEqual([]);
      const containers = views.filter(({ kind }) => kind === 'container');
      expect(containers.map(({ key, target, complete }) => [key, target.id, complete])).toEqual([
        ['container:E0001:overlay2/cccc', WEB.id, true],
        ['container:E0001:overlay2/dddd', GONE, true],
        ['container:E0001:overlay2/eeee', 'overlay2/eeee', false],
      ]);
      const view = 'container:E0001:overlay2/cccc';
      const states = statesOf(dir, view);
      for (const path of Object.keys(states)) if (path.startsWith('/var')) delete states[path];
      expect(states).toEqual(WEB_FILES);
      expect(statesOf(dir, 'container:E0001:overlay2/dddd')['/left']).toBe('added');
      // of the layer, whose bytes are where the copy has the file
      const { content, layer, sha256: hash } = withIndex(dir, (db) => fileDetail(db, view, '/usr/bin/tool')).detail;
      expect([layer, hash]).toEqual([diffIds[0], sha256('a tool')]);
      if (!content) throw new Error('no content');
      expect(content.locator.startsWith(form === 'a tar' ? 'bytes:' : 'unpacked!bytes:')).toBe(true);
      expect((await resolveCitation(dir, content)).bytes?.toString()).toBe('a tool');
      const gone = withIndex(dir, (db) => fileDetail(db, view, '/etc/gone')).detail;
      if (!gone.stateAt) throw new Error('no mark');
      expect((await resolveCitation(dir, gone.stateAt)).bytes?.toString('latin1')).toContain('cccc/diff/etc/gone');
    });
  }

  it('names what was changed in a layer on the disk, and shows it as found', async () => {
    const evil = low.map((one) => (one.name === 'usr/bin/tool' ? { ...one, body: 'A TOOL' } : one));
    const { dir, faults, views } = await indexed(given(dataRoot({ low: evil })));
    expect(faults).toEqual([
      expect.stringMatching(/^Layer sha256:[0-9a-f]{64} is not as its digest says: of 1 files .*\(usr\/bin\/tool\)/),
    ]);
    const view = views.find(({ target }) => target.id === WEB.id);
    expect(view?.complete).toBe(false);
    const { content } = withIndex(dir, (db) => fileDetail(db, view?.key ?? '', '/usr/bin/tool')).detail;
    expect(content && (await resolveCitation(dir, content)).bytes?.toString()).toBe('A TOOL');
  });

  it('names a file that somebody put into a layer', async () => {
    const { faults, views } = await indexed(given(dataRoot({ low: [...low, { name: 'etc/planted', body: 'x' }] })));
    expect(faults).toEqual([expect.stringContaining("1 files that the image's layer does not have: /etc/planted")]);
    expect(views.find(({ target }) => target.id === WEB.id)?.complete).toBe(false);
  });

  it('goes on where layerdb leads in a circle or a list is broken', async () => {
    const db = `./image/overlay2/layerdb/sha256/${chain[0]?.slice(7)}`;
    const circle = await indexed(given(dataRoot({ more: [text(`${db}/parent`, chain[1] ?? '')] })));
    expect(circle.views.some(({ target }) => target.id === WEB.id)).toBe(true);
    const root = dataRoot();
    const split = splitOf(low);
    root.fill(0x41, root.indexOf(split), root.indexOf(split) + split.length);
    const broken = await indexed(given(root));
    expect(broken.faults.length).toBeGreaterThan(0);
    expect(broken.views.find(({ target }) => target.id === WEB.id)?.complete).toBe(false);
  });
});

describe('saved images', () => {
  const config = JSON.stringify({ rootfs: { type: 'layers', diff_ids: diffIds } });
  const id = sha256(config);
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = [tarOf(low), tarOf(high)];

  it('docker save gives layers, in place and packed', async () => {
    const archive = tarOf([
      text(`${id}.json`, config),
      text('one/layer.tar', first),
      text('two/layer.tar', gzipSync(second)),
      text(
        'manifest.json',
        JSON.stringify([{ Config: `${id}.json`, RepoTags: ['web:1'], Layers: ['one/layer.tar', 'two/layer.tar'] }]),
      ),
    ]);
    for (const [bytes, kind] of [
      [archive, 'tar'],
      [gzipSync(archive), 'binary'],
    ] as const) {
      const { dir, faults, views } = await indexed([
        { collector: 'import.docker-save', kind, content: bytes, target: HOST },
      ]);
      expect(faults).toEqual([]);
      expect(views).toMatchObject([{ key: `image:sha256:${id}`, complete: true, target: { name: 'web:1' } }]);
      const { content } = withIndex(dir, (db) => fileDetail(db, views[0]?.key ?? '', '/etc/new')).detail;
      expect(content?.locator).toMatch(
        kind === 'tar' ? /^bytes:\d+\+\d+!unpacked!bytes:/ : /^unpacked!bytes:\d+\+\d+!unpacked!bytes:/,
      );
      expect(content && (await resolveCitation(dir, content)).bytes?.toString()).toBe('of the upper layer');
    }
  });

  it('an OCI layout with an index in an index does; a layer that is not its diff id is named', async () => {
    const layers = [gzipSync(first), gzipSync(Buffer.concat([second, Buffer.alloc(512)]))];
    const manifest = JSON.stringify({
      config: { digest: `sha256:${id}` },
      layers: layers.map((one) => ({ digest: `sha256:${sha256(one)}` })),
    });
    const inner = JSON.stringify({ manifests: [{ digest: `sha256:${sha256(manifest)}` }] });
    const blobs = [config, manifest, inner, ...layers].map((one) => text(`blobs/sha256/${sha256(one)}`, one));
    const index = {
      manifests: [
        { digest: `sha256:${sha256(inner)}`, annotations: { 'org.opencontainers.image.ref.name': 'web:oci' } },
        { digest: `sha256:${'0'.repeat(64)}` },
      ],
    };
    const archive = tarOf([...blobs, text('oci-layout', '{}'), text('index.json', JSON.stringify(index))]);
    const { faults, views } = await indexed([
      { collector: 'import.oci-archive', kind: 'tar', content: archive, target: HOST },
    ]);
    expect(views).toMatchObject([
      { key: `image:sha256:${sha256(manifest)}`, complete: false, target: { name: 'web:oci' } },
    ]);
    expect(faults).toEqual([expect.stringContaining(`Layer ${diffIds[1]} is not what is there`)]);
  });
});

describe('layers of a content store', () => {
  const config = JSON.stringify({ rootfs: { type: 'layers', diff_ids: diffIds } });
  const packed = [low, high].map((members) => gzipSync(tarOf(members)));
  const manifest = JSON.stringify({
    config: { digest: `sha256:${sha256(config)}` },
    layers: packed.map((one) => ({ digest: `sha256:${sha256(one)}` })),
  });
  const target = { kind: 'image', id: IMAGE, name: 'web:1' } as const;
  const live = (blobs: readonly Buffer[]): Given[] => [
    { collector: 'image.inspect', target, content: { RootFS: { Layers: diffIds } } },
    { collector: 'image.layers', kind: 'json', target, content: config },
    { collector: 'image.layers', kind: 'json', target, content: manifest },
    ...blobs.map((content): Given => ({ collector: 'image.layers', kind: 'binary', target, content })),
    { collector: 'container.inspect', content: { Id: WEB.id, Image: IMAGE } },
    {
      collector: 'container.upper',
      kind: 'tar',
      content: tarOf([{ name: './etc/', type: '5' }, text('./etc/own', 'x')]),
    },
  ];

  it('are unpacked, verified and cited through the packed bytes', async () => {
    const { dir, faults, views } = await indexed(live(packed));
    expect(faults).toEqual([]);
    const view = views.find(({ kind }) => kind === 'container');
    expect(view?.complete).toBe(true);
    const { content, sha256: hash } = withIndex(dir, (db) => fileDetail(db, view?.key ?? '', '/etc/keep')).detail;
    expect([content?.exhibit, hash]).toEqual(['E0004', sha256('kept')]);
    expect(content?.locator).toMatch(/^unpacked!bytes:\d+\+4$/);
    expect(content && (await resolveCitation(dir, content)).bytes?.toString()).toBe('kept');
  });

  it('that are cut off or swell beyond reason are named, and the rest is shown', async () => {
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = packed;
    const cut = first.subarray(0, first.length - 20);
    const list = live([cut, second]);
    // its name in the manifest stays that of the whole blob: it is not taken for the layer
    const { views } = await indexed(list);
    expect(views.find(({ kind }) => kind === 'container')?.complete).toBe(false);
    const lies = list.map((one, i) =>
      i === 2 ? { ...one, content: manifest.replace(sha256(first), sha256(cut)) } : one,
    );
    const { faults } = await indexed(lies);
    expect(faults.join('\n')).toMatch(/A packed part of E0004 is broken/);
  });
});

describe('what was mounted in a container', () => {
  const tar = (sub: string, base = '/proc/7/root'): Given['how'] => ({
    kind: 'exec',
    argv: ['sh', '-c', 'x', 'lading', base, sub, 'one', '', 'holes'],
    asRoot: true,
    exit: 0,
    stderr: '',
    stderrBytes: 0,
  });
  const volume = { kind: 'volume', id: 'data', name: 'data' } as const;

  it('is in its view, at its place, over what it hides', async () => {
    const { dir, faults } = await indexed([
      {
        collector: 'container.inspect',
        content: {
          Image: IMAGE,
          Mounts: [
            { Type: 'volume', Name: 'data', Destination: '/srv/data' },
            { Type: 'bind', Source: '/root/bound', Destination: '/bound' },
            { Type: 'bind', Source: '/root/other', Destination: '/../up' },
          ],
        },
      },
      {
        collector: 'container.upper',
        kind: 'tar',
        content: tarOf([{ name: './run/', type: '5' }, text('./run/r', 'hidden')]),
      },
      {
        collector: 'container.tmpfs',
        kind: 'tar',
        how: tar('run/.'),
        content: tarOf([{ name: './run/', type: '5' }, text('./run/r', 'in memory'), text('./etc/elsewhere', 'x')]),
      },
      {
        collector: 'volume.content',
        kind: 'tar',
        target: volume,
        content: tarOf([{ name: './', type: '5' }, text('./db', 'rows')]),
      },
      {
        collector: 'container.binds',
        kind: 'tar',
        how: tar('bound', '/root'),
        content: tarOf([{ name: './bound/', type: '5' }, text('./bound/file', 'of the host')]),
      },
    ]);
    expect(faults).toEqual([]);
    const view = 'container:E0002';
    const { rows } = withIndex(dir, (db) => listFiles(db, { ...all, view }));
    expect(Object.fromEntries(rows.map(({ path, layer, exhibit }) => [path, `${layer} ${exhibit}`]))).toMatchObject({
      '/run/r': 'tmpfs E0003',
      '/srv/data': 'volume E0004',
      '/srv/data/db': 'volume E0004',
      '/bound': 'bind E0005',
      '/bound/file': 'bind E0005',
    });
    expect(rows.filter(({ path }) => path === '/run/r')).toHaveLength(1);
    expect(rows.some(({ path }) => path === '/etc/elsewhere')).toBe(false);
    const { content } = withIndex(dir, (db) => fileDetail(db, view, '/run/r')).detail;
    expect(content && (await resolveCitation(dir, content)).bytes?.toString()).toBe('in memory');
  });
});
