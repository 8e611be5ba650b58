import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ExhibitRecord } from '../../../shared/domain';
import { visible } from '../../../shared/visible';
import { crc64 } from '../../analyze/formats/crc64';
import { archiveReader } from '../../analyze/formats/fs-archive';
import { pathOfMember, textOfName } from '../../analyze/formats/fs-path';
import { tarSplitParts } from '../../analyze/formats/tar-split';
import type { CollectContext } from '../collector';
import { engineRoot } from '../host-files';
import { atMost, readHostFile } from './host-file';
import { type Differing, memberName, rebuildLayer, staysInside } from './rebuild';
import { LISTED_TAR } from './script';
import { tarFolder } from './tar-folder';

/** A million files have a list of some 60 MB, compressed. It is held in memory, as it is read three times. */
const SPLIT_MAX = 96 << 20;

export interface Layer {
  /** Hex of the diff id. */
  diffId: string;
  /** Hex of the chain id. */
  chainId: string;
}

/**
 * One layer of an overlay2 host, rebuilt here from tar-split's list and the files of its folder. Where it does not come out as its diff
 * id says, its folder is taken as found besides, and a list says file by file what differs.
 */
export async function takeOverlayLayer(ctx: CollectContext, layer: Layer): Promise<ExhibitRecord | undefined> {
  const root = engineRoot(ctx);
  const meta = `${root}/image/overlay2/layerdb/sha256/${layer.chainId}`;
  const cache = (await readHostFile(ctx, `${meta}/cache-id`, 200))?.toString('latin1').trim();
  const split = await readHostFile(ctx, `${meta}/tar-split.json.gz`, SPLIT_MAX);
  if (!cache || !/^[0-9a-z]{1,100}$/.test(cache)) {
    await ctx.miss('missing', `The engine's layerdb does not say where layer sha256:${layer.diffId} lies.`);
    return undefined;
  }
  const dir = `${root}/overlay2/${cache}/diff`;
  const name = `layer-${layer.diffId.slice(0, 12)}`;
  if (!split) {
    await ctx.miss('missing', `Layer sha256:${layer.diffId} has no tar-split list: its folder is taken as found.`);
    return asFound(ctx, layer, dir);
  }
  const differing: Differing = { files: [], count: 0 };
  const run = await ctx.host.exec(['sh', '-c', LISTED_TAR, 'lading', dir], {
    asRoot: true,
    stdin: Readable.from(names(split), { objectMode: false, highWaterMark: 64 << 10 }),
    signal: ctx.signal,
  });
  const words = atMost(run.stderr, 64 << 10);
  run.done.catch(() => undefined);
  const tar = (run.stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  // GNU tar writes an end mark even for a layer without files: nothing at all is another tar, or none
  const first = await tar.next();
  if (first.done) {
    await run.done;
    const said = visible((await words).toString('utf8').trim(), { max: 300 });
    await ctx.miss(
      'not applicable',
      `Layer sha256:${layer.diffId} was not rebuilt, its folder is taken as found: ${said}`,
    );
    return asFound(ctx, layer, dir);
  }
  async function* all(): AsyncGenerator<Buffer> {
    for (let next = first; !next.done; next = await tar.next()) yield next.value;
  }
  const record = await ctx.exhibit(
    { file: `${name}.tar`, kind: 'tar', title: `Layer sha256:${layer.diffId}` },
    Readable.from(rebuildLayer(tarSplitParts(unpacked(split)), all(), differing), {
      objectMode: false,
    }),
    async () => {
      const { code } = await run.done;
      const said = visible((await words).toString('utf8').trim(), { max: 2000 });
      return {
        kind: 'composed',
        note: `Rebuilt from ${meta}/tar-split.json.gz and the files of ${dir} that it names. It is the layer of the image, bit for bit, where the SHA-256 of this exhibit is ${layer.diffId}. tar ended with status ${code}${said && `, and said: ${said}`}`,
      };
    },
  );
  if (record.sha256 === layer.diffId) return record;
  await asFound(ctx, layer, dir, { split, differing, exhibit: record.id });
  return record;
}

function unpacked(split: Buffer): AsyncIterable<Buffer> {
  return Readable.from([split]).pipe(createGunzip()) as AsyncIterable<Buffer>;
}

async function* names(split: Buffer): AsyncGenerator<Buffer> {
  const end = Buffer.from([0]);
  let parts: Buffer[] = [];
  for await (const part of tarSplitParts(unpacked(split))) {
    if (part.kind !== 'file') continue;
    // a name that leads out is not asked for: it is filled up as one that is missing
    if (!staysInside(part.name)) continue;
    parts.push(memberName(part.name), end);
    if (parts.length < 2000) continue;
    yield Buffer.concat(parts);
    parts = [];
  }
  yield Buffer.concat(parts);
}

/** The layer's folder as it is, and file by file what in it is not as the image's list says (crc64 of each file). */
async function asFound(
  ctx: CollectContext,
  { diffId }: Layer,
  dir: string,
  from?: { split: Buffer; differing: Differing; exhibit: string },
): Promise<ExhibitRecord | undefined> {
  const sums = new Map<string, { size: number; crc: string }>();
  let sum = crc64();
  const reader = archiveReader('', {
    entry: () => {
      sum = crc64();
    },
    content: (piece) => sum.update(piece),
    ended: (entry, whole) => {
      if (whole && entry.type === 'file') sums.set(entry.path, { size: entry.size, crc: sum.hex() });
    },
    fault: () => undefined,
  });
  const argv = tarFolder({ base: dir, plain: true });
  const run = await ctx.host.exec(argv, { asRoot: true, signal: ctx.signal });
  const words = atMost(run.stderr, 64 << 10);
  run.done.catch(() => undefined);
  async function* heard(): AsyncGenerator<Buffer> {
    for await (const piece of run.stdout as AsyncIterable<Buffer>) {
      if (from) reader.push(piece);
      yield piece;
    }
    reader.end();
  }
  const found = await ctx.exhibit(
    {
      file: `layer-${diffId.slice(0, 12)}.as-found.tar`,
      kind: 'tar',
      title: `Folder of layer sha256:${diffId}, as found`,
    },
    Readable.from(heard(), { objectMode: false }),
    async () => {
      const { code, signal } = await run.done;
      const said = await words;
      return {
        kind: 'exec',
        argv,
        asRoot: true,
        exit: code,
        signal,
        stderr: said.toString('utf8'),
        stderrBytes: said.length,
      };
    },
    (how) => (how.kind === 'exec' && how.exit !== 0 ? `tar ended with status ${how.exit}` : undefined),
  );
  if (!from) return found;
  const changed: { name: string; why: string; listed: { size: number; crc64: string }; found?: object }[] = [];
  for await (const part of tarSplitParts(unpacked(from.split))) {
    if (part.kind !== 'file') continue;
    const name = textOfName(part.name);
    const held = sums.get(pathOfMember(name) ?? '');
    const listed = { size: part.size, crc64: part.crc64 };
    if (!held) changed.push({ name, why: 'not a file of this name', listed });
    else if (held.size !== part.size || held.crc !== part.crc64) {
      changed.push({ name, why: 'other content', listed, found: { size: held.size, crc64: held.crc } });
    }
  }
  const list = { layer: `sha256:${diffId}`, rebuilt: from.exhibit, asFound: found.id, folder: dir, files: changed };
  await ctx.exhibit(
    {
      file: `layer-${diffId.slice(0, 12)}.differences.json`,
      kind: 'json',
      title: `Files of layer sha256:${diffId} that were changed on the host's disk`,
    },
    Readable.from([Buffer.from(`${JSON.stringify(list, undefined, 1)}\n`)]),
    () => ({
      kind: 'composed',
      note: `Size and CRC-64 (ISO 3309) of each file of ${found.id} beside those in the layer's tar-split list.`,
    }),
  );
  const some = changed.slice(0, 5).map(({ name }) => visible(name, { max: 200 }));
  await ctx.miss(
    'unreadable',
    `Layer sha256:${diffId} was changed on the host's disk: ${changed.length} of its files (${some.join(', ')}${changed.length > 5 ? ', …' : ''}). ${from.exhibit} is no proof of the image; ${found.id} is its folder as found.`,
  );
  return found;
}
