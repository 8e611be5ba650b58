import { defineAnalyzer } from '../analyzer';
import { readChanges } from './lib/changes/changed';
import { changeRules } from './lib/changes/rules';
import { readDoc } from './lib/doc';
import { eachExhibit, report } from './lib/rule';

/**
 * What became of the image's files in a container, by their names alone: the engine's list has neither content nor
 * times nor rights, so that a setuid file cannot be known from it. Reads `GET /containers/{id}/changes`.
 */
export default defineAnalyzer({
  id: 'changes',
  version: '1',
  title: 'Changed files of containers',
  accepts: ({ collector, kind }) => collector.id === 'container.changes' && kind === 'json',
  analyze: (ctx, exhibits) =>
    eachExhibit(ctx, exhibits, async (exhibit) => {
      const changes = readChanges(await readDoc(ctx, exhibit));
      for (const rule of changeRules) {
        for (const hit of rule.check(changes)) report(ctx, rule, exhibit.target, hit);
      }
    }),
});
