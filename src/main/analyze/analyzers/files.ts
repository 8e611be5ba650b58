import { asLadingError } from '../../../shared/errors';
import { defineAnalyzer } from '../analyzer';
import { isFileSystem, planViews, type ViewPlan } from '../files/plan';
import { listingCache, loadView } from '../files/view';
import { folderOf } from '../formats/fs-path';
import type { ViewFile } from '../formats/fs-view';
import type { Change, Changes } from './lib/changes/changed';
import { isPackageDatabase } from './lib/changes/changed';
import { changeRules } from './lib/changes/rules';
import { accountRules } from './lib/files/accounts';
import { contentRules } from './lib/files/content';
import { packageDrift, packageRule } from './lib/files/packaged';
import { programRules } from './lib/files/programs';
import { rightsRules } from './lib/files/rights';
import { citeFile, type FileRule, type Subject, subjectOf } from './lib/files/subject';
import { report } from './lib/rule';

const checked: readonly FileRule[] = [...rightsRules, ...programRules, ...accountRules, ...contentRules];

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
        const names = changesOf(subject);
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

/** Certain states before the engine's word, and everything before a part. */
function worth({ how, complete, changes }: ViewPlan): number {
  return (complete ? 8 : 0) + (changes ? 4 : 0) + (how === 'upper' ? 1 : 0) + (how === 'whole' && !complete ? 2 : 0);
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

const KIND: Partial<Record<ViewFile['state'], Change['kind']>> = {
  added: 'added',
  modified: 'changed',
  metadata: 'changed',
  opaque: 'changed',
  deleted: 'deleted',
};

/** The view as the engine would list it; undefined where the engine did, or where states are not known. */
function changesOf(subject: Subject): Changes | undefined {
  const { plan, files } = subject.view;
  if (plan.kind !== 'container' || plan.changes || !plan.top || (!plan.complete && plan.how !== 'upper'))
    return undefined;
  const folders = new Set(files.flatMap(({ path, state }) => (state === 'image' ? [] : [folderOf(path)])));
  const all = files
    .flatMap((file): Change[] => {
      const kind = KIND[file.state];
      const cite = citeFile(subject, file.mark ? { ...file, header: undefined } : file)[0];
      if (!kind || !cite) return [];
      return [{ path: file.path, kind, folder: file.type === 'directory' || folders.has(file.path), cite }];
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    exhibit: plan.top,
    all,
    packages: all.some(({ path, kind }) => kind !== 'deleted' && isPackageDatabase(path)),
  };
}
