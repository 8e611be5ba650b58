import { z } from 'zod';
import { jsonAt } from '../../../shared/locator';
import { csvRows } from './csv';
import { type Indicator, type IndicatorKind, type IndicatorList, kindOf, nameOf, refanged } from './indicator';

/** Indicators of one list that are looked for. */
const INDICATORS_MAX = 1_000_000;

/** Names of columns, as the common lists have them. */
const VALUE = /^(?:value|indicator|ioc|ioc_value|observable|artifact)$/i;
const TYPE = /^(?:type|ioc_type|indicator_type|category|kind)$/i;
const NOTE = /^(?:comment|description|note|name|threat|malware|malware_printable|tags?|title|family)$/i;
const IS_NAME = /file.?name|file.?path|^path$|^name$|^file$/i;

/** Reads a list of indicators: a bundle of STIX 2.1 in JSON, or a table, or one a line. Never throws. */
export async function readIndicators(exhibit: string, bytes: Buffer): Promise<IndicatorList> {
  const start = bytes
    .toString('utf8', 0, 64)
    .replace(/^\uFEFF/, '')
    .trimStart();
  return start.startsWith('{') || start.startsWith('[') ? stix(exhibit, bytes) : table(exhibit, bytes);
}

async function table(exhibit: string, bytes: Buffer): Promise<IndicatorList> {
  const indicators: Indicator[] = [];
  let skipped = 0;
  let head: { value: number; type: number; note: number } | undefined;
  let first = true;
  const whole = (async function* () {
    yield bytes;
  })();
  for await (const { cells, offset, length } of csvRows(whole)) {
    if (first) {
      first = false;
      const value = cells.findIndex((cell) => VALUE.test(cell));
      if (value >= 0) {
        head = {
          value,
          type: cells.findIndex((cell) => TYPE.test(cell)),
          note: cells.findIndex((cell) => NOTE.test(cell)),
        };
        continue;
      }
      // a table of digests: its columns are known by their form
      if (cells.some((cell) => /^(?:sha-?\d+|md5|domain|ip|address|hash|url)$/i.test(cell))) continue;
    }
    const found = head ? typed(cells[head.value] ?? '', cells[head.type] ?? '') : firstOf(cells);
    if (!found || indicators.length >= INDICATORS_MAX) {
      skipped++;
      continue;
    }
    const note = head
      ? (cells[head.note] ?? '')
      : cells.filter((cell) => refanged(cell).toLowerCase() !== found.value).join(' ');
    indicators.push({
      ...found,
      note: note.slice(0, 300),
      cite: { exhibit, locator: `bytes:${offset}+${length}` },
      partial: false,
    });
  }
  return { indicators, skipped };
}

function firstOf(cells: readonly string[]): { kind: IndicatorKind; value: string } | undefined {
  for (const cell of cells) {
    const found = kindOf(cell);
    if (found) return found;
  }
  return undefined;
}

function typed(value: string, type: string): { kind: IndicatorKind; value: string } | undefined {
  if (IS_NAME.test(type) && !/hash|md5|sha/i.test(type)) {
    const name = nameOf(value);
    return name === undefined ? undefined : { kind: 'name', value: name };
  }
  return kindOf(value);
}

const StixObject = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  description: z.string().optional(),
  pattern: z.string().optional(),
  pattern_type: z.string().optional(),
  revoked: z.boolean().optional(),
  value: z.string().optional(),
  hashes: z.record(z.string(), z.string()).optional(),
});
const Bundle = z.looseObject({ objects: z.array(z.unknown()) });

/** STIX 2.1 section 9: `[ipv4-addr:value = '198.51.100.1' OR file:hashes.'SHA-256' = '…']`. Only equality is looked for. */
const COMPARISON = /([a-z0-9-]+):([\w.'-]+)\s*=\s*'((?:[^'\\]|\\['\\])*)'/g;
const OTHER = /\b(?:LIKE|MATCHES|ISSUBSET|ISSUPERSET|EXISTS|IN)\b|[!<>]=|[<>]/;

function stix(exhibit: string, bytes: Buffer): IndicatorList {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch {
    return { indicators: [], skipped: 0, fault: 'It begins as JSON does and is none.' };
  }
  const bundle = Array.isArray(value) ? undefined : Bundle.safeParse(value).data;
  const objects: unknown[] = bundle?.objects ?? (Array.isArray(value) ? value : [value]);
  const keys = (i: number): (string | number)[] => (bundle ? ['objects', i] : Array.isArray(value) ? [i] : []);
  const indicators: Indicator[] = [];
  let skipped = 0;
  for (const [i, one] of objects.entries()) {
    const object = StixObject.safeParse(one).data;
    if (!object || indicators.length >= INDICATORS_MAX) {
      skipped++;
      continue;
    }
    if (object.revoked) {
      skipped++;
      continue;
    }
    const note = [object.name, object.description]
      .filter((text) => text)
      .join(': ')
      .slice(0, 300);
    const add = (found: { kind: IndicatorKind; value: string } | undefined, partial: boolean, ...more: string[]) => {
      if (!found) return false;
      indicators.push({ ...found, note, partial, cite: { exhibit, locator: jsonAt(...keys(i), ...more) } });
      return true;
    };
    if (object.type === 'indicator') {
      const { pattern = '' } = object;
      const text = pattern.slice(0, 64 * 1024);
      // without quoted values, in which such words may stand
      const bare = text.replace(/'(?:[^'\\]|\\['\\])*'/g, "''");
      const joined = /\b(?:AND|FOLLOWEDBY|NOT)\b/.test(bare);
      let taken = 0;
      if ((object.pattern_type ?? 'stix') === 'stix' && !/\bNOT\b/.test(bare)) {
        for (const [, type = '', path = '', quoted = ''] of text.matchAll(COMPARISON)) {
          const found = observed(type, path, quoted.replace(/\\(['\\])/g, '$1'));
          if (add(found, joined, 'pattern')) taken++;
        }
      }
      if (taken === 0 || OTHER.test(bare)) skipped++;
    } else if (/^(?:ipv4-addr|ipv6-addr|domain-name|url)$/.test(object.type)) {
      if (!add(observed(object.type, 'value', object.value ?? ''), false, 'value')) skipped++;
    } else if (object.type === 'file') {
      const taken = Object.entries(object.hashes ?? {}).filter(([name, hash]) =>
        add(kindOf(hash), false, 'hashes', name),
      );
      if (taken.length === 0) skipped++;
    }
  }
  return { indicators, skipped };
}

function observed(type: string, path: string, value: string): { kind: IndicatorKind; value: string } | undefined {
  if (type === 'file' && path === 'name') {
    const name = nameOf(value);
    return name === undefined ? undefined : { kind: 'name', value: name };
  }
  if (type === 'file' && !path.startsWith('hashes')) return undefined;
  return kindOf(value);
}
