import { visible } from '../../../shared/visible';
import { defineAnalyzer } from '../analyzer';
import { readListing } from '../files/listing';
import { readContent } from '../files/view';
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

/** What is in the layers of an image, also in those files that a later layer hides. */
export default defineAnalyzer({
  id: 'image-layers',
  version: '1',
  title: 'Layers of images',
  accepts: ({ collector, kind }) => collector.id === 'image.layers' && kind === 'tar',
  analyze: (ctx, exhibits) =>
    eachExhibit(ctx, exhibits, async (exhibit) => {
      for (const entry of await readListing(ctx, exhibit)) {
        const { path, content, type, size } = entry;
        if (type !== 'file' || !content || size === 0 || size > SIZE_MAX || !HOLDS.test(path)) continue;
        const bytes = await readContent(ctx, entry, SIZE_MAX);
        if (!bytes || bytes.subarray(0, 1024).includes(0)) continue;
        const found = linesOf(bytes).flatMap((line) =>
          /^\s*(?:#|\/\/)/.test(line.text) ? [] : secretsInText(utf8(line.text)).map((secret) => ({ line, secret })),
        );
        if (found.length === 0) continue;
        const names = found
          .slice(0, 8)
          .map(({ secret }) => `${visible(secret.name, { max: 60 })} ${masked(secret.value)}`);
        report(ctx, layerSecret, exhibit.target, {
          claim: `${shownPath(path)} in ${exhibit.id}, a layer of the image, holds ${found.length === 1 ? 'what looks like a secret' : `${found.length} texts that look like secrets`}: ${listed(names)}.`,
          cites: [
            ...found.map(({ line }) => citeContent(content, line)),
            { exhibit: exhibit.id, locator: `bytes:${entry.header.offset}+${entry.header.length}` },
          ],
        });
      }
    }),
});
