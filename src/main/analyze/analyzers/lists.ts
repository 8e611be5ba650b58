import type { Citation, ExhibitRecord } from '../../../shared/domain';
import { asLadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import { type AnalyzeContext, defineAnalyzer } from '../analyzer';
import { planViews } from '../files/plan';
import { listingCache, loadView } from '../files/view';
import { baseOf } from '../formats/fs-path';
import type { Indicator } from '../lists/indicator';
import { readIndicators } from '../lists/indicators';
import { citeFile, howChanged, type Subject, shownPath, subjectOf } from './lib/files/subject';
import { type Algorithm, algorithmOf, type Digested, digestCollector, listedDigests } from './lib/lists/digests';
import { type Found, searchExhibits } from './lib/lists/search';
import { eachExhibit, listed, type Rule, report } from './lib/rule';

export const knownBad: Rule = {
  id: 'list.known-bad',
  version: '1',
  title: 'A file has a digest that a list calls bad',
  severity: 'critical',
  confidence: 'certain',
  techniques: ['T1588.001'],
  benign:
    'Lists have errors, and some name tools that administrators use as well: ask where the list has the digest from.',
};

export const indicatorFound: Rule = {
  id: 'list.indicator',
  version: '1',
  title: 'Something that a list of indicators names stands in the evidence',
  severity: 'medium',
  confidence: 'likely',
  techniques: ['T1071'],
  benign:
    'Addresses are given to others after a while, domains are shared, and a word in a text says not that somebody went there.',
};

export const fileName: Rule = {
  id: 'list.file-name',
  version: '1',
  title: 'A file bears a name that a list of indicators names',
  severity: 'medium',
  confidence: 'possible',
  techniques: ['T1036.005'],
  benign: 'A name proves little: compare the content.',
};

export const knownGood: Rule = {
  id: 'list.known-good',
  version: '1',
  title: 'Changed files that a list knows as harmless',
  severity: 'informational',
  confidence: 'certain',
  techniques: [],
  benign: 'That a file is known says that it is a published one, not that it belongs there.',
};

/** Every rule of this file. */
export const listRules: readonly Rule[] = [knownBad, indicatorFound, fileName, knownGood];

const OF_LIST = { 'known-bad': 'import.known-bad', 'known-good': 'import.known-good', indicators: 'import.indicators' };
const nameOf = (list: ExhibitRecord) => `${list.id} (${visible(list.file, { max: 100 })})`;

/** Imported lists against all evidence: digests, addresses, domains, URLs, names of files. A list is itself an exhibit, so a finding cites its line too. */
export default defineAnalyzer({
  id: 'lists',
  version: '1',
  title: 'Lists of known digests and indicators',
  accepts: ({ collector }) => Object.values(OF_LIST).includes(collector.id),
  async analyze(ctx, lists) {
    const of = (kind: keyof typeof OF_LIST) => lists.filter(({ collector }) => collector.id === OF_LIST[kind]);
    const indicators: Indicator[] = [];
    await eachExhibit(ctx, of('indicators'), async (list) => {
      const read = await readIndicators(list.id, await ctx.read(list));
      if (read.fault) ctx.unreadable(list, read.fault);
      if (read.skipped > 0)
        ctx.unreadable(list, `${read.skipped} entries are of no kind that is looked for, revoked, or not understood.`);
      indicators.push(...read.indicators);
    });
    const algorithms = await algorithmsOf(ctx, lists, indicators);
    const collector = digestCollector(ctx, algorithms);
    const subjects = await eachView(ctx, async (subject) => {
      await collector.files(subject);
      for (const indicator of indicators) if (indicator.kind === 'name') reportName(ctx, subject, indicator);
    });
    await collector.exhibits();
    for (const indicator of indicators) {
      const { kind, value, note, cite, partial } = indicator;
      if (kind !== 'md5' && kind !== 'sha1' && kind !== 'sha256') continue;
      for (const one of collector.all.get(value) ?? [])
        reportBad(ctx, one, { hex: value, note, cite, list: cite.exhibit, partial });
    }
    await eachExhibit(ctx, of('known-bad'), async (list) => {
      let read = 0;
      for await (const { hex, note, cite } of listedDigests(ctx, list)) {
        read++;
        for (const one of collector.all.get(hex) ?? [])
          reportBad(ctx, one, { hex, note, cite, list: nameOf(list), partial: false });
      }
      if (read === 0) ctx.unreadable(list, 'It holds no digest (MD5, SHA-1 or SHA-256 in hex).');
    });
    await eachExhibit(ctx, of('known-good'), (list) => reportGood(ctx, list, subjects));
    const digests = new Set(['md5', 'sha1', 'sha256']);
    for (const found of await searchExhibits(
      ctx,
      indicators.filter(({ kind }) => !digests.has(kind)),
    ))
      reportFound(ctx, found);
  },
});

/** Which kinds of digests the lists have: a first look at each list, so that no file is hashed for nothing. */
async function algorithmsOf(
  ctx: AnalyzeContext,
  lists: readonly ExhibitRecord[],
  indicators: readonly Indicator[],
): Promise<Set<Algorithm>> {
  const algorithms = new Set<Algorithm>();
  for (const { value } of indicators) {
    const algorithm = algorithmOf(value);
    if (algorithm) algorithms.add(algorithm);
  }
  await eachExhibit(
    ctx,
    lists.filter(({ collector }) => collector.id !== OF_LIST.indicators),
    async (list) => {
      let looked = 0;
      for await (const { hex } of listedDigests(ctx, list)) {
        const algorithm = algorithmOf(hex);
        if (algorithm) algorithms.add(algorithm);
        if (++looked >= 10_000 || algorithms.size === 3) break;
      }
    },
  );
  return algorithms;
}

/** What of a view is needed later: its changed files by digest. */
interface Changed {
  target: Subject['view']['plan']['target'];
  files: { path: string; sha256: string; cites: Citation[] }[];
}

async function eachView(ctx: AnalyzeContext, look: (subject: Subject) => Promise<void>): Promise<Changed[]> {
  const changed: Changed[] = [];
  const listings = listingCache(ctx, { hash: true });
  for (const plan of await planViews(ctx)) {
    try {
      const subject = await subjectOf(ctx, await loadView(ctx, plan, listings));
      await look(subject);
      if (plan.kind !== 'container') continue;
      const files = subject.changed.flatMap((file) =>
        file.type === 'file' && file.sha256 && file.size > 0
          ? [{ path: file.path, sha256: file.sha256, cites: citeFile(subject, file) }]
          : [],
      );
      changed.push({ target: plan.target, files });
    } catch (error) {
      const { code, message } = asLadingError(error);
      if (code === 'CANCELLED') throw error;
      if (plan.top) ctx.unreadable(plan.top, message);
    }
  }
  return changed;
}

const ALGORITHMS: Record<Algorithm, string> = { md5: 'MD5', sha1: 'SHA-1', sha256: 'SHA-256' };

interface BadEntry {
  hex: string;
  note: string;
  cite: Citation;
  list: string;
  partial: boolean;
}

function reportBad(
  ctx: AnalyzeContext,
  { target, what, cites }: Digested,
  { hex, note, cite, list, partial }: BadEntry,
): void {
  const said = note === '' ? '' : ` It says: “${visible(note, { max: 200 })}”.`;
  report(ctx, knownBad, target, {
    severity: partial ? 'high' : 'critical',
    confidence: partial ? 'possible' : 'certain',
    claim: `${what} has the ${ALGORITHMS[algorithmOf(hex) ?? 'sha256']} ${hex}, which the list ${list} names.${said}`,
    cites: [...cites, cite],
  });
}

function reportName(ctx: AnalyzeContext, subject: Subject, { value, note, cite }: Indicator): void {
  const whole = value.startsWith('/');
  for (const file of subject.changed) {
    if (file.type === 'directory' || (whole ? file.path !== value : baseOf(file.path) !== value)) continue;
    report(ctx, fileName, subject.view.plan.target, {
      claim: `${shownPath(file.path)}, which ${howChanged(file)}, has the name that the list ${cite.exhibit} names${note ? `: “${visible(note, { max: 200 })}”` : ''}.`,
      cites: [...citeFile(subject, file), cite],
    });
  }
}

function reportFound(ctx: AnalyzeContext, { indicator, exhibit, count, cites, socket }: Found): void {
  const { kind, value, note, cite, partial } = indicator;
  const said = note === '' ? '' : ` The list says: “${visible(note, { max: 200 })}”.`;
  const where = `${exhibit.id} (${visible(exhibit.title, { max: 120 })})`;
  const times = count === 1 ? 'once' : `${count} times`;
  report(ctx, indicatorFound, exhibit.target, {
    title: socket ? 'A connection goes to an address that a list of indicators names' : undefined,
    severity: socket ? 'high' : 'medium',
    confidence: partial ? 'possible' : socket ? 'certain' : 'likely',
    claim: `The ${kind} ${visible(value, { max: 200 })} of the list ${cite.exhibit} stands ${times} in ${where}${socket ? ', among them as the other end of a socket' : ''}.${said}`,
    cites: [...cites.slice(0, 50), cite],
  });
}

async function reportGood(ctx: AnalyzeContext, list: ExhibitRecord, subjects: readonly Changed[]): Promise<void> {
  const wanted = new Set(subjects.flatMap(({ files }) => files.map(({ sha256 }) => sha256)));
  const known = new Map<string, Citation>();
  let read = 0;
  for await (const { hex, cite } of listedDigests(ctx, list)) {
    read++;
    if (wanted.has(hex) && !known.has(hex)) known.set(hex, cite);
  }
  if (read === 0) ctx.unreadable(list, 'It holds no digest (MD5, SHA-1 or SHA-256 in hex).');
  for (const { target, files } of subjects) {
    const good = files.filter(({ sha256 }) => known.has(sha256));
    if (good.length === 0) continue;
    const names = listed(
      good.map(({ path }) => shownPath(path)),
      8,
    );
    report(ctx, knownGood, target, {
      claim: `Of ${files.length} files that are not as in the image the list ${nameOf(list)} knows ${good.length} by their SHA-256: ${names}.`,
      cites: good.flatMap(({ sha256, cites }) => {
        const cite = known.get(sha256);
        return [...cites.slice(0, 1), ...(cite ? [cite] : [])];
      }),
    });
  }
}
