import { z } from 'zod';
import { defineAnalyzer } from '../analyzer';
import { containerConfig } from './lib/config/container';
import { exposureRules } from './lib/config/exposure';
import { hardening } from './lib/config/hardening';
import { isolationRules } from './lib/config/isolation';
import { mountRules } from './lib/config/mounts';
import { readDoc } from './lib/doc';
import { eachExhibit, report } from './lib/rule';

/** Every rule on a container's configuration. */
export const configRules = [...isolationRules, ...mountRules, ...exposureRules, hardening];

/** What a container was allowed: its isolation, mounts, ports, secrets. Reads `GET /containers/{id}/json`. */
export default defineAnalyzer({
  id: 'container-config',
  version: '1',
  title: 'Container configuration',
  accepts: ({ collector, kind }) => collector.id === 'container.inspect' && kind === 'json',
  analyze: (ctx, exhibits) =>
    eachExhibit(ctx, exhibits, async (exhibit) => {
      const doc = await readDoc(ctx, exhibit);
      for (const part of ['HostConfig', 'Config']) {
        if (doc.get(z.record(z.string(), z.unknown()), part) === undefined) {
          ctx.unreadable(exhibit, `There is no ${part} in it: the rules on that part found nothing to look at.`);
        }
      }
      const config = containerConfig(doc);
      for (const rule of configRules) {
        for (const hit of rule.check(config)) report(ctx, rule, exhibit.target, hit);
      }
    }),
});
