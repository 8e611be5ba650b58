import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { resolveCitation } from '../../../../src/main/analyze/cite';
import { compareViews, fileDetail, listFiles, listViews } from '../../../../src/main/analyze/files/query';
import { buildIndex } from '../../../../src/main/analyze/index/build';
import files from '../../../../src/main/analyze/index/indexers/files';
import { withIndex } from '../../../../src/main/analyze/index/store';
import type { FileRow } from '../../../../src/shared/contract/files';
import type { TargetRef } from '../../../../src/shared/domain';
import { type Member, tarOf } from '../formats/tar-kit';
import { caseOf, type Given, WEB } from '../kit';

const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
const IMAGE: TargetRef = { kind: 'image', id: `sha256:${'a'.repeat(64)}`, name: 'web:1' };

const low = tarOf([
  { name: 'a/', type: '5' },
  { name: 'a/keep', body: 'kept' },
  { name: 'a/gone', body: 'gone' },
  { name: 'a/edit', body: 'before' },
  { name: 'a/rights', body: 'same', mode: 0o644 },
  { name: 'o/', type: '5' },
  { name: 'o/hidden', body: 'hidden' },
  { name: 'w/', type: '5' },
  { name: 'w/by-layer', body: 'x' },
]);
const high = tarOf([
  { name: 'w/', type: '5' },
  { name: 'w/.wh.by-layer', body: '' },
  { name: 'w/new', body: 'of the upper layer' },
]);
const upper: Member[] = [
  { name: './', type: '5' },
  { name: './a/', type: '5' },
  { name: './a/gone', type: '3', device: [0, 0] },
  { name: './a/edit', body: 'after' },
  { name: './a/rights', body: 'same', mode: 0o600 },
  { name: './a/added', body: 'added' },
  { name: './o/', type: '5', pax: { 'SCHILY.xattr.trusted.overlay.opaque': 'y' } },
  { name: './o/own', body: 'own' },
  { name: Buffer.from('./a/\xff\xfe', 'latin1'), body: 'odd' },
];

async function indexed(given: readonly Given[]) {
  const { dir, records } = await caseOf(given);
  const built = await buildIndex({ dir, records, indexers: [files] });
  return { dir, built };
}
const states = ({ rows }: { rows: FileRow[] }) => Object.fromEntries(rows.map(({ path, state }) => [path, state]));
const all = { foldersOnly: false, sort: 'path', descending: false, offset: 0, limit: 1000 } as const;

const overlay: Given[] = [
  {
    collector: 'image.inspect',
    target: IMAGE,
    content: { RootFS: { Layers: [`sha256:${sha256(low)}`, `sha256:${sha256(high)}`] } },
  },
  { collector: 'container.inspect', content: { Id: WEB.id, Image: IMAGE.id } },
  { collector: 'image.layers', kind: 'tar', target: IMAGE, content: low },
  { collector: 'image.layers', kind: 'tar', target: IMAGE, content: high },
  { collector: 'container.upper', kind: 'tar', content: tarOf(upper) },
];

describe('a container from its image’s layers and its upper directory', () => {
  it('is merged as the kernel merges it', async () => {
    const { dir, built } = await indexed(overlay);
    expect(built.faults).toBe(0);
    const [image, container] = withIndex(dir, listViews);
    expect(image).toMatchObject({ key: `image:${IMAGE.id}`, complete: true });
    expect(container).toMatchObject({ key: 'container:E0005', how: 'upper', complete: true });
    const view = container?.key ?? '';
    expect(states(withIndex(dir, (db) => listFiles(db, { ...all, view })))).toEqual({
      '/': expect.any(String),
      '/a': 'image',
      '/a/added': 'added',
      '/a/edit': 'modified',
      '/a/gone': 'deleted',
      '/a/keep': 'image',
      '/a/rights': 'metadata',
      '/a/\u{10feff}\u{10fefe}': 'added',
      '/o': 'opaque',
      '/o/hidden': 'deleted',
      '/o/own': 'added',
      '/w': 'image',
      '/w/new': 'image',
    });
    const merged = withIndex(dir, (db) => listFiles(db, { ...all, view: image?.key ?? '', folder: '/w' }));
    expect(merged.rows.map(({ path }) => path)).toEqual(['/w/new']);
    expect(merged.rows[0]?.layer).toBe(`sha256:${sha256(high)}`);
  });

  it('says of each file where it stands, and gives its bytes of both versions', async () => {
    const { dir } = await indexed(overlay);
    const read = async (place: { exhibit: string; locator: string } | null | undefined) =>
      place ? (await resolveCitation(dir, place)).bytes?.toString('latin1') : undefined;
    const { detail, was } = withIndex(dir, (db) => fileDetail(db, 'container:E0005', '/a/edit'));
    expect(await read(detail.content)).toBe('after');
    expect(await read(was)).toBe('before');
    expect(detail.sha256).toBe(sha256('after'));
    expect(detail.was?.sha256).toBe(sha256('before'));
    expect(await read(detail)).toContain('a/edit');
    const gone = withIndex(dir, (db) => fileDetail(db, 'container:E0005', '/a/gone')).detail;
    expect(await read(gone.content)).toBe('gone');
    expect(gone.stateAt?.exhibit).toBe('E0005');
    const odd = withIndex(dir, (db) => fileDetail(db, 'container:E0005', '/a/\u{10feff}\u{10fefe}')).detail;
    expect(odd.pathHex).toBe('2f612ffffe');
  });

  it('is compared with its image', async () => {
    const { dir } = await indexed(overlay);
    const { rows, total } = withIndex(dir, (db) =>
      compareViews(db, { left: `image:${IMAGE.id}`, right: 'container:E0005', offset: 0, limit: 100 }),
    );
    expect(total).toBe(rows.length);
    expect(Object.fromEntries(rows.filter(({ path }) => path !== '/').map(({ path, what }) => [path, what]))).toEqual({
      '/a/added': 'only right',
      '/a/edit': 'content',
      '/a/gone': 'only left',
      '/a/rights': 'metadata',
      '/a/\u{10feff}\u{10fefe}': 'only right',
      '/o/hidden': 'only left',
      '/o/own': 'only right',
    });
  });

  it('is not called complete when a layer is not what its digest says', async () => {
    const other = overlay.map((one, i) =>
      i === 3 ? { ...one, content: tarOf([{ name: 'w/evil', body: 'x' }]) } : one,
    );
    const { dir } = await indexed(other);
    const view = withIndex(dir, listViews).find(({ key }) => key === 'container:E0005');
    expect(view?.complete).toBe(false);
    const { rows } = withIndex(dir, (db) => listFiles(db, { ...all, view: 'container:E0005' }));
    expect(rows.some(({ path }) => path === '/w/evil')).toBe(false);
    expect(new Set(rows.map(({ state }) => state))).not.toContain('image');
  });
});

describe('an export', () => {
  it('takes its states from the engine’s list where layers are missing', async () => {
    const { dir } = await indexed([
      {
        collector: 'container.changes',
        content: [
          { Path: '/b', Kind: 1 },
          { Path: '/c', Kind: 2 },
        ],
      },
      {
        collector: 'container.export',
        kind: 'tar',
        content: tarOf([
          { name: 'a', body: '1' },
          { name: 'b', body: '2' },
        ]),
      },
    ]);
    const listed = withIndex(dir, (db) =>
      listFiles(db, { ...all, view: 'container:E0002', states: ['added', 'image', 'deleted'] }),
    );
    expect(states(listed)).toMatchObject({ '/a': 'image', '/b': 'added', '/c': 'deleted' });
    const gone = listed.rows.find(({ path }) => path === '/c');
    expect([gone?.exhibit, gone?.locator]).toEqual(['E0001', 'json:/1']);
  });

  it('of 20,000 names in one folder is listed page by page', async () => {
    const one = tarOf([{ name: 'd/x', body: '' }], { end: false });
    const many = Array.from({ length: 20_000 }, (_, i) => {
      const header = Buffer.from(one);
      const name = `d/${i.toString(36).padStart(6, '0')}`;
      header.fill(0, 0, 100);
      header.write(name, 0, 'latin1');
      header.write('        ', 148, 'latin1');
      const sum = header.reduce((total, byte) => total + byte, 0);
      header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
      return header;
    });
    const { dir } = await indexed([
      { collector: 'container.export', kind: 'tar', content: Buffer.concat([...many, Buffer.alloc(1024)]) },
    ]);
    const page = withIndex(dir, (db) =>
      listFiles(db, { ...all, view: 'container:E0001', folder: '/d', offset: 19_990, limit: 100 }),
    );
    expect([page.total, page.rows.length]).toEqual([20_000, 10]);
  }, 60_000);
});
