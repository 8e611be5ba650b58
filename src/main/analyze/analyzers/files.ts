import { asLadingError } from '../../../shared/errors';
import { type AnalyzeContext, defineAnalyzer } from '../analyzer';
import { isFileSystem, planViews, type ViewPlan } from '../files/plan';
import { changesOfView, listedChanges } from '../files/states';
import { listingCache, loadView } from '../files/view';
import type { Changes } from './lib/changes/changed';
import { isPackageDatabase } from './lib/changes/changed';
import { changeRules } from './lib/changes/rules';
import { accountRules } from './lib/files/accounts';
import { contentRules } from './lib/files/content';
import { lootRules } from './lib/files/loot';
import { nameRules } from './lib/files/names';
import { packageDrift, packageRule } from './lib/files/packaged';
import { programRules } from './lib/files/programs';
import { rightsRules } from './lib/files/rights';
import { type FileRule, type Subject, subjectOf } from './lib/files/subject';
import { report } from './lib/rule';

const checked: readonly FileRule[] = [
  ...rightsRules,
  ...programRules,
  ...accountRules,
  ...contentRules,
  ...lootRules,
  ...nameRules,
];

/** Every rule on file systems, for the page that lists them. */
export const fileRules = [...checked, packageRule];

/**
 * What file systems say beyond the names of what changed: rights, content, programs, times, packages. Of several views of
 * one container the one that says most is looked at. Where the engine's own list of changes is not in the case, the rules
 * on names are asked of the view instead, with its whiteouts.
 */
export default defineAnalyzer({
  id: 'files',
  version: '1',
  title: 'File systems of containers, images and volumes',
  accepts: isFileSystem,
  async analyze(ctx) {
    const listings = listingCache(ctx, { hash: true });
    for (const plan of best(await planViews(ctx))) {
      try {
        const subject = await subjectOf(ctx, await loadView(ctx, plan, listings));
        for (const rule of checked) for (const hit of await rule.check(subject)) report(ctx, rule, plan.target, hit);
        for (const hit of await packageDrift(ctx, subject)) report(ctx, packageRule, plan.target, hit);
        const names = await changesOf(ctx, subject);
        if (names)
          for (const rule of changeRules) for (const hit of rule.check(names)) report(ctx, rule, plan.target, hit);
      } catch (error) {
        const { code, message } = asLadingError(error);
        if (code === 'CANCELLED') throw error;
        const exhibit = plan.top ?? plan.inspect;
        if (exhibit) ctx.unreadable(exhibit, message);
      }
    }
  },
});

/** Certain states before the engine's word, content before names alone, and everything before a part. */
function worth({ how, complete, changes, topSource }: ViewPlan): number {
  const bare = topSource?.bare === true ? 0 : 8;
  return bare + (complete ? 8 : 0) + (changes ? 4 : 0) + (how === 'upper' ? 1 : how === 'whole' && !complete ? 2 : 0);
}

/** One view of each container and collection; all of images and volumes. */
function best(plans: readonly ViewPlan[]): ViewPlan[] {
  const chosen = new Map<string, ViewPlan>();
  for (const plan of plans) {
    const key =
      plan.kind === 'container' ? JSON.stringify([plan.top?.host?.id, plan.target.id, plan.top?.collection]) : plan.key;
    const held = chosen.get(key);
    if (!held || worth(plan) > worth(held)) chosen.set(key, plan);
  }
  return [...chosen.values()];
}

/** The view as the engine would list it; undefined where the engine did, or where states are not known. */
async function changesOf(ctx: AnalyzeContext, { view }: Subject): Promise<Changes | undefined> {
  const { plan } = view;
  const { top, kind, changes, complete, how } = plan;
  if (kind !== 'container' || changes || !top) return undefined;
  const all = complete || how === 'upper' ? changesOfView(view) : await listedChanges(ctx, top);
  if (!all) return undefined;
  return {
    exhibit: top,
    all,
    packages: all.some(({ path, kind: what }) => what !== 'deleted' && isPackageDatabase(path)),
  };
}
