import type { TargetRef } from '../../../shared/domain';
import { bytesAt } from '../../../shared/locator';
import { visible } from '../../../shared/visible';
import { type AnalyzeContext, defineAnalyzer } from '../analyzer';
import { readListing } from '../files/listing';
import { planViews } from '../files/plan';
import { readContent } from '../files/view';
import type { FsEntry } from '../formats/fs-entry';
import { citeContent, shownPath } from './lib/files/subject';
import { linesOf, utf8 } from './lib/files/text';
import { eachExhibit, listed, type Rule, report } from './lib/rule';
import { masked, secretsInText } from './lib/secrets';

export const layerSecret: Rule = {
  id: 'image.layer-secret',
  version: '1',
  title: 'A layer of the image holds a secret in the clear',
  severity: 'medium',
  confidence: 'likely',
  techniques: ['T1552.001'],
  benign:
    'It may be a placeholder or be changed by now. A file that a later layer removes is still in the image: whoever has it can read it.',
};

/** Every rule of this file. */
export const imageLayerRules: readonly Rule[] = [layerSecret];

/** Files that hold secrets by what they are for; settings of distributions are none. */
const HOLDS =
  /\/(?:\.env(?:\.[\w-]{1,30})?|\.(?:npmrc|netrc|pgpass|my\.cnf|git-credentials|s3cfg|boto|dockercfg)|id_(?:rsa|dsa|ecdsa|ed25519)|credentials|secrets?\.(?:json|ya?ml|env|txt)|[^/]+\.(?:key|env))$|\/\.(?:aws|kube|docker)\/[^/]+$/;
const SIZE_MAX = 64 * 1024;

/** Imports in which layers lie as folders or as members. */
const HOLDERS = ['import.data-root', 'import.containerd-root', 'import.docker-save', 'import.oci-archive'];

/** What is in the layers of an image, also in those files that a later layer hides. */
export default defineAnalyzer({
  id: 'image-layers',
  version: '2',
  title: 'Layers of images',
  accepts: ({ collector, kind }) =>
    (collector.id === 'image.layers' && kind === 'tar') || HOLDERS.includes(collector.id),
  async analyze(ctx, exhibits) {
    const alone = exhibits.filter(({ collector }) => collector.id === 'image.layers');
    await eachExhibit(ctx, alone, async (exhibit) =>
      oneLayer(ctx, await readListing(ctx, exhibit), exhibit.target, `${exhibit.id}, a layer of the image,`),
    );
    if (alone.length === exhibits.length) return;
    // one layer may be of several images and below several containers: it is told once, of the first
    const told = new Set<string>();
    for (const { target, layers } of await planViews(ctx)) {
      for (const { source, digest } of layers) {
        if (!source || !HOLDERS.includes(source.exhibit.collector.id) || told.has(source.key)) continue;
        told.add(source.key);
        await eachExhibit(ctx, [source.exhibit], async () => {
          const { entries } = await source.read({});
          await oneLayer(ctx, entries, target, `the layer ${visible(digest, { max: 100 })} in ${source.exhibit.id}`);
        });
      }
    }
  },
});

/** Looks at every file of a layer that holds secrets by what it is for. */
async function oneLayer(
  ctx: AnalyzeContext,
  entries: readonly FsEntry[],
  target: TargetRef,
  where: string,
): Promise<void> {
  for (const entry of entries) {
    const { path, content, type, size } = entry;
    if (type !== 'file' || !content || size === 0 || size > SIZE_MAX || !HOLDS.test(path)) continue;
    const bytes = await readContent(ctx, entry, SIZE_MAX);
    if (!bytes || bytes.subarray(0, 1024).includes(0)) continue;
    const found = linesOf(bytes).flatMap((line) =>
      /^\s*(?:#|\/\/)/.test(line.text) ? [] : secretsInText(utf8(line.text)).map((secret) => ({ line, secret })),
    );
    if (found.length === 0) continue;
    const names = found.slice(0, 8).map(({ secret }) => `${visible(secret.name, { max: 60 })} ${masked(secret.value)}`);
    report(ctx, layerSecret, target, {
      claim: `${shownPath(path)} in ${where} holds ${found.length === 1 ? 'what looks like a secret' : `${found.length} texts that look like secrets`}: ${listed(names)}.`,
      cites: [
        ...found.map(({ line }) => citeContent(content, line)),
        { exhibit: entry.exhibit, locator: bytesAt(entry.header, entry.via) },
      ],
    });
  }
}
