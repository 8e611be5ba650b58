import type { Entry } from '../../../shared/domain';
import { visible } from '../../../shared/visible';

/** What an entry says, in the few words that fit a line: the members that a reader looks for first. */
export function summary(entry: Entry): string {
  const { details } = entry;
  const text = (...keys: string[]): string | undefined => {
    let here: unknown = details;
    for (const key of keys) {
      if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined;
      here = (here as Record<string, unknown>)[key];
    }
    return typeof here === 'string' || typeof here === 'number' || typeof here === 'boolean' ? String(here) : undefined;
  };
  const parts = [
    text('exhibit', 'title'),
    text('how'),
    text('spec', 'address'),
    text('profile'),
    text('title'),
    text('collector'),
    text('outcome'),
    text('status'),
    text('state'),
    text('ok') === undefined ? undefined : `ok: ${text('ok')}`,
    text('to') && `to ${text('to')}`,
    text('reason'),
    text('note', 'text'),
    text('finding', 'title'),
    text('report', 'path'),
    text('error', 'message'),
  ];
  return visible([...new Set(parts.filter((part) => part !== undefined && part !== ''))].join(' · '), { max: 300 });
}
