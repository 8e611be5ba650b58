/**
 * `npm run bench [-- PART…] [--short | --long] [--json]`: each figure as a ratio to a baseline measured in the same run, in turns, median.
 * 1.00 is as fast as the baseline; more is faster. With --json the figures are the last line on standard output.
 */
import { parseArgs } from 'node:util';
import type { Figure } from './measure';

export interface BenchOptions {
  /** Smaller and fewer, for a first look and for CI. */
  short: boolean;
  /** What takes minutes and gigabytes too. */
  long: boolean;
}

/** One file in parts/ default-exports one: what it measures, and its figures. Throws a sentence where it cannot run. */
export type BenchPart = (options: BenchOptions) => Promise<Figure[]>;

const parts = import.meta.glob<BenchPart>('./parts/*.ts', { eager: true, import: 'default' });

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const named = new Map(Object.entries(parts).map(([path, part]) => [path.replace(/^.*\/(.*)\.ts$/, '$1'), part]));
  const wanted = positionals.length > 0 ? positionals : [...named.keys()];
  const figures: Figure[] = [];
  for (const name of wanted) {
    const part = named.get(name);
    if (!part) throw new Error(`There is no part "${name}". There are: ${[...named.keys()].join(', ')}.`);
    process.stderr.write(`— ${name}\n`);
    figures.push(...(await part({ short: values.short, long: values.long })));
  }
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
