import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lookAt } from '../../../src/main/import/look';
import { containerdRootOf, dataRootOf, rootFile } from '../../../src/main/import/recognise/data-root';
import { byFolder } from '../../../src/main/import/recognise/folder';
import { scratch } from '../../kit/case';
import { CONFIG, dataRoot, filesTar, GONE_ID, gz, IMAGE_ID, LOG, tarOf, WEB_ID } from './kit';

const signal = new AbortController().signal;

async function look(content: string | Buffer, name = 'evidence') {
  const path = join(await scratch(), name);
  await writeFile(path, content);
  return lookAt(path, signal, () => undefined);
}

const kindOf = async (content: string | Buffer) => (await look(content)).recognised.kind;

const elf = (type: number, big = false): Buffer => {
  const head = Buffer.alloc(64);
  head.write('\x7fELF', 0, 'latin1');
  head[4] = 2;
  head[5] = big ? 2 : 1;
  if (big) head.writeUInt16BE(type, 16);
  else head.writeUInt16LE(type, 16);
  return head;
};

const SYSTEM = ['bin/', 'dev/', 'etc/', 'proc/', 'sys/', 'usr/', 'var/'].map((name) => ({ name, type: '5' }));
const SAVE = {
  'blobs/sha256/x': 'layer',
  'manifest.json': [{ Config: `blobs/sha256/${IMAGE_ID}`, RepoTags: ['shop:latest'], Layers: [] }],
};

describe('recognition by content', () => {
  it('knows packets and memory by their magic', async () => {
    for (const magic of ['a1b2c3d4', 'd4c3b2a1', 'a1b23c4d', '4d3cb2a1']) {
      expect(await kindOf(Buffer.concat([Buffer.from(magic, 'hex'), Buffer.alloc(40)])), magic).toBe('pcap');
    }
    for (const order of ['1a2b3c4d', '4d3c2b1a']) {
      expect(await kindOf(Buffer.from(`0a0d0d0a1c000000${order}${'00'.repeat(30)}`, 'hex'))).toBe('pcap');
    }
    expect(await kindOf(Buffer.from(`0a0d0d0a1c000000${'ff'.repeat(34)}`, 'hex'))).toBe('binary');
    expect(await kindOf(Buffer.concat([Buffer.from('EMiL'), Buffer.alloc(60)]))).toBe('memory');
    expect(await kindOf(Buffer.concat([Buffer.from('AVML'), Buffer.alloc(60)]))).toBe('memory');
    expect(await kindOf(elf(4))).toBe('memory');
    expect(await kindOf(elf(4, true))).toBe('memory');
    expect(await kindOf(elf(2))).toBe('binary');
    expect(await kindOf('EMi')).toBe('binary');
  });

  it('knows docker inspect, other JSON, and logs of the driver json-file', async () => {
    const one = { Id: WEB_ID, Name: '/web', Config: {}, HostConfig: {} };
    const inspected = await look(JSON.stringify([one]));
    expect(inspected.recognised).toMatchObject({ kind: 'docker-inspect', target: { id: WEB_ID, name: 'web' } });
    expect((await look(JSON.stringify(one))).recognised.kind).toBe('docker-inspect');
    const two = await look(JSON.stringify([one, { Id: 'image', RepoTags: [] }, one]));
    expect(two.recognised.target).toBeUndefined();
    expect(two.recognised.why).toContain('2 of its 3 items');
    expect(await kindOf('{"Id":"x"}')).toBe('json');
    expect(await kindOf('{"Id":')).toBe('binary');
    expect(await kindOf('[]')).toBe('json');
    expect(await kindOf(LOG)).toBe('json-log');
    expect(await kindOf(gz(Buffer.from(LOG)))).toBe('json-log');
    expect(await kindOf('{"log":"x"}\n')).not.toBe('json-log');
  });

  it('knows archives by what is in them, packed or not', async () => {
    const cases: [string, Buffer][] = [
      ['docker-save', filesTar(SAVE)],
      ['docker-save', filesTar({ ...SAVE, 'oci-layout': '{}', 'index.json': '{}' })],
      [
        'docker-save',
        filesTar({ [`${IMAGE_ID}.json`]: '{}', 'x/layer.tar': '', 'manifest.json': '[]', repositories: '{}' }),
      ],
      ['oci-archive', filesTar({ 'blobs/sha256/x': 'l', 'index.json': '{}', 'oci-layout': '{}' })],
      ['docker-export', tarOf([{ name: '.dockerenv' }, ...SYSTEM])],
      ['docker-export', tarOf(SYSTEM.map(({ name, type }) => ({ name: `./${name}`, type })))],
      ['data-root', filesTar(dataRoot())],
      ['data-root', filesTar(dataRoot('var/lib/docker/'))],
      ['data-root', filesTar(dataRoot('./'))],
      ['containerd-root', filesTar({ 'io.containerd.metadata.v1.bolt/meta.db': 'x' })],
      [
        'checkpoint',
        filesTar({
          'checkpoint/core-1.img': 'x',
          'config.dump': { id: WEB_ID, name: 'web' },
          'spec.dump': '{}',
          'rootfs-diff.tar': '',
        }),
      ],
      ['uac', filesTar({ 'uac.log': 'x', 'live_response/process/ps.txt': 'x', ...dataRoot('[root]/var/lib/docker/') })],
      ['tar', filesTar({ 'holiday.jpg': 'x', 'etc/passwd': 'x' })],
    ];
    for (const [kind, bytes] of cases) {
      expect(await kindOf(bytes), kind).toBe(kind);
      const packed = await look(gz(bytes));
      expect(packed.recognised.kind, `${kind}, packed`).toBe(kind);
      expect(packed.packing).toBe('gzip');
    }
    expect((await look(filesTar(SAVE))).recognised.target).toEqual({ id: `sha256:${IMAGE_ID}`, name: 'shop:latest' });
    expect((await look(cases.find(([kind]) => kind === 'checkpoint')?.[1] ?? '')).recognised.target?.name).toBe('web');
  });

  it('says plainly what it does not know, or cannot look into', async () => {
    const nothing = await look('once upon a time');
    expect(nothing.recognised).toEqual({ kind: 'binary', why: 'nothing in it is of a kind that Lading knows' });
    const zstd = await look(Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(100)]));
    expect(zstd.recognised.kind).toBe('binary');
    const xz = await look(Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), Buffer.alloc(100)]));
    expect(xz.recognised.why).toMatch(/packed with xz, which this Lading cannot look into/);
    const cut = await look(gz(filesTar(dataRoot())).subarray(0, -30));
    expect(cut.recognised.kind).toBe('data-root');
    expect(cut.survey?.fault).toMatch(/compression is broken|ends/);
    expect((await look(Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]))).recognised.kind).toBe('binary');
    expect((await look('')).bytes).toBe(0);
  });

  it('is not led astray by names that climb, are absolute, or are no text', async () => {
    const hostile = filesTar({
      '../../../etc/cron.d/x': 'x',
      [`/containers/${WEB_ID}/config.v2.json`]: CONFIG,
      [`a/../containers/${GONE_ID}/config.v2.json`]: CONFIG,
    });
    const { survey } = await look(hostile);
    expect(survey?.names).toMatchObject({ climbing: 2, absolute: 1 });
    expect([...(survey?.containers.keys() ?? [])]).toEqual([WEB_ID]);
    const bytes = tarOf([{ name: Buffer.from([0xff, 0x2f, 0xfe]), body: 'x' }]);
    expect((await look(bytes)).recognised.kind).toBe('tar');
  });

  it('hashes the whole file, also where recognition needs only its beginning', async () => {
    const { createHash } = await import('node:crypto');
    for (const bytes of [
      Buffer.concat([tarOf([{ name: 'a', body: 'x' }]), Buffer.alloc(3_000_000, 1)]),
      Buffer.concat([Buffer.from('EMiL'), Buffer.alloc(3_000_000, 7)]),
      Buffer.concat([gz(filesTar(dataRoot())), Buffer.alloc(300_000, 9)]),
      Buffer.alloc(1_048_577, 5),
    ]) {
      const looked = await look(bytes);
      expect(looked.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
      expect(looked.bytes).toBe(bytes.length);
    }
    const behind = await look(Buffer.concat([filesTar({ a: 'x' }), filesTar({ hidden: 'y' })]));
    expect(behind.survey?.fault).toMatch(/follow its end mark/);
  });

  it('knows folders', async () => {
    const make = async (files: Record<string, string | object>) => {
      const dir = await scratch();
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(dir, name)), { recursive: true });
        await writeFile(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));
      }
      return byFolder(dir);
    };
    expect((await make(dataRoot())).kind).toBe('data-root');
    expect(await make(dataRoot('var/lib/docker/'))).toMatchObject({
      kind: 'data-root',
      why: expect.stringContaining('var/lib/docker/'),
    });
    expect((await make({ 'oci-layout': '{}', 'index.json': '{}', 'blobs/sha256/x': 'x' })).kind).toBe('oci-archive');
    expect((await make({ 'io.containerd.metadata.v1.bolt/meta.db': 'x' })).kind).toBe('containerd-root');
    expect((await make({ 'config.dump': '{}', 'spec.dump': '{}' })).kind).toBe('checkpoint');
    expect(await make({ 'a.txt': 'x' })).toMatchObject({
      kind: 'tar',
      why: expect.stringContaining('no kind that Lading knows'),
    });
  });
});

describe("an engine's data root", () => {
  it('is found where it is, and not in the file system of a container', () => {
    const file = `containers/${WEB_ID}/config.v2.json`;
    expect(dataRootOf(file)).toBe('');
    expect(dataRootOf(`var/lib/docker/${file}`)).toBe('var/lib/docker/');
    expect(dataRootOf(`[root]/var/lib/docker/${file}`)).toBe('[root]/var/lib/docker/');
    expect(dataRootOf(`overlay2/x/diff/var/lib/docker/${file}`)).toBeUndefined();
    expect(dataRootOf(`volumes/v/_data/${file}`)).toBeUndefined();
    expect(dataRootOf(`xcontainers/${WEB_ID}/config.v2.json`)).toBeUndefined();
    expect(containerdRootOf('var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db')).toBe('var/lib/containerd/');
    expect(
      containerdRootOf('a/io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs/io.containerd.metadata.v1.bolt/x'),
    ).toBe('a/');
  });

  it('names its files', () => {
    expect(rootFile(`containers/${WEB_ID}/${WEB_ID}-json.log.2`)).toEqual({ what: 'log', container: WEB_ID });
    expect(rootFile(`containers/${WEB_ID}/${GONE_ID}-json.log`)).toBeUndefined();
    expect(rootFile(`containers/${WEB_ID}/local-logs/container.log`)).toEqual({ what: 'local log', container: WEB_ID });
    expect(rootFile(`image/overlay2/imagedb/content/sha256/${IMAGE_ID}`)).toEqual({ what: 'image', image: IMAGE_ID });
    expect(rootFile(`image/overlay2/layerdb/sha256/${IMAGE_ID}/tar-split.json.gz`)).toBeUndefined();
    expect(rootFile(`containers/${WEB_ID}/mounts/shm`)).toBeUndefined();
  });
});
