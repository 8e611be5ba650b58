import { defineAnalyzer } from '../analyzer';
import { hostAccountRules } from './lib/host/accounts';
import { hostStartRules } from './lib/host/startup';
import { hostSubject } from './lib/host/subject';
import { eachExhibit, report } from './lib/rule';

/** Every rule on the files of a host. */
export const hostRules = [...hostAccountRules, ...hostStartRules];

const COLLECTORS = new Set(hostRules.flatMap(({ collectors }) => collectors));

/** Who may log in to the host, and what it starts by itself. */
export default defineAnalyzer({
  id: 'host',
  version: '1',
  title: 'Accounts and start of the host',
  accepts: ({ collector, kind }) => kind === 'frames' && COLLECTORS.has(collector.id),
  analyze: (ctx, exhibits) =>
    eachExhibit(ctx, exhibits, async (exhibit) => {
      const subject = await hostSubject(ctx, exhibit);
      for (const rule of hostRules) {
        if (!rule.collectors.includes(exhibit.collector.id)) continue;
        for (const hit of rule.check(subject)) report(ctx, rule, exhibit.target, hit);
      }
    }),
});
