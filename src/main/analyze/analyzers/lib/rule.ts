import type { Citation, Confidence, ExhibitRecord, Severity, TargetRef } from '../../../../shared/domain';
import { asLadingError } from '../../../../shared/errors';
import type { AnalyzeContext } from '../../analyzer';

/** What a rule says of itself, as data above the code that looks. */
export interface Rule {
  /** 'config.privileged'. Never used again for another meaning. */
  id: string;
  /** Goes up when the same exhibits could give another finding. */
  version: string;
  title: string;
  severity: Severity;
  confidence: Confidence;
  /** ATT&CK v19. */
  techniques: readonly string[];
  /** The innocent explanation, to be ruled out by the examiner. */
  benign: string;
}

/** A rule met its condition. What is not given here is as the rule says. */
export interface Hit {
  /** The fact: which artefact, which value. What a host said in it has gone through visible(). */
  claim: string;
  cites: Citation[];
  target?: TargetRef;
  title?: string;
  severity?: Severity;
  confidence?: Confidence;
  techniques?: readonly string[];
  benign?: string;
}

/** Makes the finding of a rule's hit. */
export function report(ctx: AnalyzeContext, rule: Rule, target: TargetRef, hit: Hit): void {
  const { kind, id, name } = hit.target ?? target;
  ctx.finding({
    rule: rule.id,
    ruleVersion: rule.version,
    title: hit.title ?? rule.title,
    severity: hit.severity ?? rule.severity,
    confidence: hit.confidence ?? rule.confidence,
    techniques: [...(hit.techniques ?? rule.techniques)],
    benign: hit.benign ?? rule.benign,
    target: { kind, id, name },
    claim: hit.claim,
    cites: once(hit.cites).slice(0, CITES_LIMIT),
  });
}

function once(cites: readonly Citation[]): Citation[] {
  return [...new Map(cites.map((cite) => [JSON.stringify([cite.exhibit, cite.locator]), cite])).values()];
}

/** One exhibit that cannot be read is reported, and the others are read all the same. */
export async function eachExhibit(
  ctx: AnalyzeContext,
  exhibits: readonly ExhibitRecord[],
  read: (exhibit: ExhibitRecord) => Promise<void>,
): Promise<void> {
  for (const exhibit of exhibits) {
    try {
      await read(exhibit);
    } catch (error) {
      const { code, message } = asLadingError(error);
      if (code === 'CANCELLED') throw error;
      ctx.unreadable(exhibit, exhibit.partial ? `${message} Only a part of it was collected.` : message);
    }
  }
}

/** 'a', 'a and b', 'a, b and c', and how many more there are beyond `max`. */
export function listed(items: readonly string[], max = 12): string {
  const shown = items.length > max ? [...items.slice(0, max), `${items.length - max} more`] : items;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** At most so many places are cited for one finding; its claim gives the whole number. */
export const CITES_LIMIT = 100;
