import type { Citation, ExhibitRecord } from '../../../../../shared/domain';
import type { AnalyzeContext } from '../../../analyzer';
import type { Hit } from '../rule';

/** What the container said, and what the host's side showed just before and just after it was asked. */
export interface Views {
  said: ExhibitRecord;
  before: ExhibitRecord;
  after: ExhibitRecord;
}

/**
 * Brings the three exhibits of one asking together: of one collector, collection and target, in the order of their
 * numbers. Without both looks nothing can be compared: what one look alone shows may have come or gone in between.
 */
export function viewsOf(exhibits: readonly ExhibitRecord[]): Views[] {
  return exhibits.flatMap((said) => {
    if (said.how.kind !== 'inside' || said.kind === 'frames') return [];
    const looks = exhibits.filter((other) => other.kind === 'frames' && sameAsking(other, said));
    const before = looks.filter((look) => number(look) < number(said)).at(-1);
    const after = looks.find((look) => number(look) > number(said));
    return before && after ? [{ said, before, after }] : [];
  });
}

function sameAsking(a: ExhibitRecord, b: ExhibitRecord): boolean {
  return (
    a.collector.id === b.collector.id &&
    a.collection === b.collection &&
    a.host?.id === b.host?.id &&
    a.target.kind === b.target.kind &&
    a.target.id === b.target.id
  );
}

const number = ({ id }: ExhibitRecord) => Number(id.slice(1));

/** The text the container gave; a part of a table hides what it does not have, so it is not compared. */
export async function wholeText(ctx: AnalyzeContext, said: ExhibitRecord): Promise<string | undefined> {
  if (!said.partial) return (await ctx.read(said)).toString('utf8');
  ctx.unreadable(said, 'Only a part of it was collected, so it is not compared with what the host shows.');
  return undefined;
}

export const lineOf = (exhibit: ExhibitRecord, line: number): Citation => ({
  exhibit: exhibit.id,
  locator: `line:${line}`,
});

export const wholeOf = (exhibit: ExhibitRecord): Citation => ({ exhibit: exhibit.id, locator: 'whole' });

/** Says that rows of the container's table are none: what they hide or hold nobody knows. */
export function sayUnreadable(ctx: AnalyzeContext, said: ExhibitRecord, rows: number): void {
  if (rows === 0) return;
  ctx.unreadable(
    said,
    `${rows} ${rows === 1 ? 'row' : 'rows'} of the table could not be read; what is missing from it is said with less confidence.`,
  );
}

/** What is missing from a table may stand in a row that could not be read: then it is possible, not likely. */
export function cautious(hit: Hit, unreadable: number): Hit {
  if (unreadable === 0) return hit;
  const rows = unreadable === 1 ? 'One row of its table' : `${unreadable} rows of its table`;
  return { ...hit, confidence: 'possible', claim: `${hit.claim} ${rows} could not be read, and may be it.` };
}
