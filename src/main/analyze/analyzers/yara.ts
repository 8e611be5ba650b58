import { type Citation, type ExhibitRecord, Severity } from '../../../shared/domain';
import { asLadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import { type AnalyzeContext, defineAnalyzer } from '../analyzer';
import { planViews } from '../files/plan';
import { listingCache, loadView } from '../files/view';
import { compileYara, placeOfRule, type YaraMatch, type YaraRules } from '../yara/engine';
import { citeContent, citeFile, howChanged, shownPath, subjectOf } from './lib/files/subject';
import { eachExhibit, listed, type Rule, report } from './lib/rule';

export const yaraMatch: Rule = {
  id: 'yara.match',
  version: '1',
  title: 'A YARA rule matches',
  severity: 'medium',
  confidence: 'likely',
  techniques: [],
  benign: 'Rules match harmless files too: read what the rule looks for, and look at the places.',
};

/** Every rule of this file. */
export const yaraFindings: readonly Rule[] = [yaraMatch];

/** So much of a file is scanned, in bytes. */
const SCANNED = 64 * 1024 * 1024;
/** Places that a finding cites. */
const CITED = 20;

interface Ruleset {
  list: ExhibitRecord;
  source: Buffer;
  rules: YaraRules;
}

/** Bytes to scan, with what is said of them. */
interface Sample {
  target: ExhibitRecord['target'];
  what: string;
  bytes: Buffer;
  sha256?: string;
  /** The place of a part of the bytes. */
  cite(part?: { offset: number; length: number }): Citation;
  cites: Citation[];
}

/**
 * YARA rules that the examiner imported, over the files that containers wrote, files of volumes, and what was taken of
 * deleted files and running programs. Files as they came with the image are scanned where their layers are exhibits.
 */
export default defineAnalyzer({
  id: 'yara',
  version: '1',
  title: 'YARA rules',
  accepts: ({ collector }) => collector.id === 'import.yara-rules',
  async analyze(ctx, lists) {
    const sets: Ruleset[] = [];
    await eachExhibit(ctx, lists, async (list) => {
      const source = await ctx.read(list);
      sets.push({ list, source, rules: await compileYara(source.toString('utf8')) });
    });
    if (sets.length === 0) return;
    // the same content is scanned once, wherever it lies
    const known = new Map<string, YaraMatch[][]>();
    const look = (sample: Sample) => {
      const matches = (sample.sha256 && known.get(sample.sha256)) || sets.map(({ rules }) => rules.scan(sample.bytes));
      if (sample.sha256) known.set(sample.sha256, matches);
      for (const [i, set] of sets.entries()) for (const match of matches[i] ?? []) tell(ctx, set, sample, match);
    };
    const listings = listingCache(ctx, { hash: true });
    for (const plan of await planViews(ctx)) {
      try {
        const subject = await subjectOf(ctx, await loadView(ctx, plan, listings));
        for (const file of plan.kind === 'image' ? subject.view.files : subject.changed) {
          const { content } = file;
          if (file.type !== 'file' || !content || file.size === 0) continue;
          if (file.size > SCANNED)
            subject.unreadable(file, `only its first ${SCANNED} bytes were scanned by YARA rules.`);
          const bytes = await subject.content(file, SCANNED);
          if (!bytes) continue;
          look({
            target: plan.target,
            what: `${shownPath(file.path)}, which ${howChanged(file)},`,
            bytes,
            sha256: file.sha256,
            cite: (part) => citeContent(content, part),
            cites: citeFile(subject, file),
          });
        }
      } catch (error) {
        const { code, message } = asLadingError(error);
        if (code === 'CANCELLED') throw error;
        const exhibit = plan.top ?? plan.inspect;
        if (exhibit) ctx.unreadable(exhibit, message);
      }
    }
    const single = ctx.exhibits.filter(
      ({ kind, collector }) => kind === 'binary' && !collector.id.startsWith('import.'),
    );
    await eachExhibit(ctx, single, async (exhibit) => {
      if (exhibit.bytes > SCANNED) {
        ctx.unreadable(exhibit, `It is longer than ${SCANNED} bytes and was not scanned by YARA rules.`);
        return;
      }
      look({
        target: exhibit.target,
        what: `What ${exhibit.id} holds (${visible(exhibit.title, { max: 200 })})`,
        bytes: await ctx.read(exhibit),
        sha256: exhibit.sha256,
        cite: (part) => ({ exhibit: exhibit.id, locator: part ? `bytes:${part.offset}+${part.length}` : 'whole' }),
        cites: [],
      });
    });
  },
});

/** ATT&CK ids in the metadata of a rule, as authors write them. */
function techniquesOf({ meta, tags }: YaraMatch): string[] {
  const text = [...Object.values(meta), ...tags].join(' ').slice(0, 10_000);
  return [...new Set([...text.matchAll(/\bT\d{4}(?:[._]\d{3})?\b/g)].map(([id]) => id.replace('_', '.')))].sort();
}

function tell(ctx: AnalyzeContext, { list, source }: Ruleset, sample: Sample, match: YaraMatch): void {
  const { rule, meta, strings } = match;
  const about = meta.description ?? meta.desc ?? '';
  const told = strings.slice(0, 5).map(({ name, offset }) => `${visible(name, { max: 60 })} at byte ${offset}`);
  const place = placeOfRule(source, rule);
  const said = about === '' ? '' : ` It is for: “${visible(about, { max: 300 })}”.`;
  const found =
    told.length > 0
      ? ` Its strings stand there: ${listed(told)}${strings.length > 5 ? ` and ${strings.length - 5} more` : ''}.`
      : '';
  report(ctx, yaraMatch, sample.target, {
    title: `The YARA rule ${visible(rule, { max: 100 })} matches`,
    severity: Severity.safeParse(meta.severity?.toLowerCase()).data ?? 'medium',
    techniques: techniquesOf(match),
    claim: `${sample.what} is matched by the rule ${visible(rule, { max: 200 })} of ${list.id}.${said}${found}`,
    cites: [
      ...(strings.length > 0
        ? strings.slice(0, CITED).map(({ offset, length }) => sample.cite({ offset, length }))
        : [sample.cite()]),
      ...sample.cites,
      { exhibit: list.id, locator: place ? `bytes:${place.offset}+${place.length}` : 'whole' },
    ],
  });
}
