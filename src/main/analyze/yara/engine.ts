import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import { LadingError } from '../../../shared/errors';
import { packageRoot } from '../../root';

/** One rule that matched, with the places of its strings in the bytes that were scanned. */
export interface YaraMatch {
  rule: string;
  tags: string[];
  meta: Readonly<Record<string, string>>;
  strings: { name: string; offset: number; length: number }[];
}

export interface YaraRules {
  scan(bytes: Buffer): YaraMatch[];
}

/** Of one string so many places are given. */
const PLACES_MAX = 20;

const Match = z.object({
  ruleIdentifier: z.string(),
  tags: z.array(z.string()).default([]),
  meta: z.record(z.string(), z.unknown()).default({}),
  matches: z.array(z.object({ identifier: z.string(), offset: z.number(), length: z.number() })),
});

/** What of YARA-X's N-API binding is used here; each platform has a package of its own. */
interface Binding {
  compile(
    source: string,
    options: { enableIncludes: boolean; relaxedReSyntax: boolean },
  ): { setMaxMatchesPerPattern(max: number): void; scan(bytes: Buffer): unknown };
}
const Binding = z.custom<Binding>(
  (value) => value !== null && typeof value === 'object' && 'compile' in value && typeof value.compile === 'function',
);
/**
 * The one that is installed, as an optional dependency. Not the package that chooses among them: it names packages that its own
 * version does not have, and with those no lock file holds.
 */
const BINDINGS: Readonly<Record<string, string>> = { 'linux x64': '@litko/yara-x-linux-x64-gnu' };

function binding(): Binding {
  const name = BINDINGS[`${process.platform} ${process.arch}`];
  try {
    if (name) return Binding.parse(createRequire(join(packageRoot(), 'package.json'))(name));
  } catch (cause) {
    throw notThere(cause);
  }
  throw notThere();
}

function notThere(cause?: unknown): LadingError {
  return new LadingError('NOT_POSSIBLE', `YARA-X is not there for ${process.platform} on ${process.arch}.`, {
    advice: 'Analyse the case on Linux (x64, with glibc) to have YARA rules applied.',
    cause,
  });
}

/**
 * Compiles YARA rules with YARA-X. Rules may not include other files: an `include` would read from the examiner's disk. Throws
 * NOT_POSSIBLE where YARA-X is not there for this platform, BAD_INPUT for rules that do not compile, with its own words.
 */
export async function compileYara(source: string): Promise<YaraRules> {
  const { compile } = binding();
  try {
    const rules = compile(source, { enableIncludes: false, relaxedReSyntax: true });
    rules.setMaxMatchesPerPattern(PLACES_MAX);
    return {
      scan: (bytes) =>
        z
          .array(Match)
          .parse(rules.scan(bytes))
          .map(({ ruleIdentifier, tags, meta, matches }) => ({
            rule: ruleIdentifier,
            tags,
            meta: Object.fromEntries(Object.entries(meta).map(([key, value]) => [key, String(value)])),
            strings: matches
              .map(({ identifier, offset, length }) => ({ name: identifier, offset, length }))
              .sort((a, b) => a.offset - b.offset || (a.name < b.name ? -1 : 1)),
          }))
          .sort((a, b) => (a.rule < b.rule ? -1 : 1)),
    };
  } catch (cause) {
    throw new LadingError('BAD_INPUT', `The rules do not compile: ${wordsOf(cause)}`, {
      advice: 'Correct the rules and import them again.',
      cause,
    });
  }
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.slice(0, 1000) : 'no reason given';
}

/** Where a rule begins in its source: 'rule NAME', in bytes; undefined where it cannot be found. */
export function placeOfRule(source: Buffer, rule: string): { offset: number; length: number } | undefined {
  const text = source.toString('latin1');
  const match = new RegExp(`(?:^|\\s)(rule\\s+${rule.replace(/\W/g, '')})\\b`).exec(text);
  if (!match?.[1]) return undefined;
  return { offset: match.index + match[0].length - match[1].length, length: match[1].length };
}
