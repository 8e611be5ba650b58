import { z } from 'zod';
import { defineAnalyzer } from '../analyzer';
import { commandSigns, gravest } from './lib/commands';
import { type Doc, readDoc } from './lib/doc';
import { eachExhibit, type Hit, listed, type Rule, report } from './lib/rule';
import { masked, secretsInText, shown } from './lib/secrets';

type HistoryRule = Rule & { check: (doc: Doc) => Hit[] };

/** An entry of `GET /images/{id}/history`, the newest first. */
const Step = z.object({ CreatedBy: z.string() });
/** An entry of an image's configuration, the oldest first (OCI image-spec, config.md, `history`). */
const ConfigStep = z.object({ created_by: z.string().default('') });

/** A step of either form, with the keys to where it stands. */
interface Made {
  command: string;
  keys: readonly (string | number)[];
}

/** The steps of an image's history, from the engine's answer or from the image's configuration. */
function steps(doc: Doc): Made[] {
  if (Array.isArray(doc.value)) {
    return doc.list(Step).map(({ value, key }) => ({ command: commandOf(value.CreatedBy), keys: [key, 'CreatedBy'] }));
  }
  return doc.list(ConfigStep, 'history').map(({ value, key }) => ({
    command: commandOf(value.created_by),
    keys: ['history', key, 'created_by'],
  }));
}

/** The builder's own words around the command say nothing: `/bin/sh -c #(nop)`, `# buildkit`. */
function commandOf(createdBy: string): string {
  return createdBy.replace(/^\/bin\/sh -c (?:#\(nop\)\s*)?/, '').replace(/ # buildkit$/, '');
}

const buildCommand: HistoryRule = {
  id: 'image.build-command',
  version: '1',
  title: 'A suspicious command built a layer of the image',
  severity: 'medium',
  confidence: 'likely',
  techniques: [],
  benign: 'Many images are built by piping an installer into a shell; who builds so trusts the other end each time.',
  check: (doc) =>
    steps(doc).flatMap(({ command, keys }) => {
      const signs = commandSigns(command);
      if (signs.length === 0) return [];
      return [
        {
          claim: `By the image's history a layer was made by "${shown(command, 500)}": it ${listed(signs.map(({ does }) => does))}.`,
          severity: gravest(
            signs.map(({ severity }) => severity),
            'medium',
          ),
          techniques: [...new Set(signs.flatMap(({ techniques }) => techniques))],
          cites: [doc.cite(...keys)],
        },
      ];
    }),
};

const buildSecret: HistoryRule = {
  id: 'image.build-secret',
  version: '1',
  title: 'A secret lies in the history of the image',
  severity: 'medium',
  confidence: 'likely',
  techniques: ['T1552.001'],
  benign: 'It may be a placeholder, or have been changed since. Whoever has the image has it.',
  check: (doc) =>
    steps(doc).flatMap(({ command: made, keys }) => {
      // `ENV NAME=value` and `ENV NAME value` of the builder
      const command = made.replace(/^(?:ENV|ARG|LABEL)\s+(\S+)\s+(?=\S)/, '$1=');
      const secrets = secretsInText(command);
      if (secrets.length === 0) return [];
      const words = secrets.map((secret) => `${shown(secret.name, 100)} (${masked(secret.value)})`);
      return [
        {
          claim: `The image's history holds what looks like a secret in the clear: ${listed(words)}.`,
          cites: [doc.cite(...keys)],
        },
      ];
    }),
};

/** Every rule on the history of images. */
export const historyRules: readonly HistoryRule[] = [buildCommand, buildSecret];

/** By which commands an image was built. Reads `GET /images/{id}/history`, and imported configurations of images. */
export default defineAnalyzer({
  id: 'image-history',
  version: '2',
  title: 'History of images',
  accepts: ({ collector, kind }) =>
    (collector.id === 'image.history' || collector.id === 'import.image-config') && kind === 'json',
  analyze: (ctx, exhibits) =>
    eachExhibit(ctx, exhibits, async (exhibit) => {
      const doc = await readDoc(ctx, exhibit);
      const here = Array.isArray(doc.value) || doc.get(z.array(z.unknown()), 'history') !== undefined;
      if (!here) ctx.unreadable(exhibit, "This is not an image's history.");
      for (const rule of historyRules) {
        for (const hit of rule.check(doc)) report(ctx, rule, exhibit.target, hit);
      }
    }),
});
