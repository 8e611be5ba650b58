/**
 * `npm run new collector container.mounts` or `npm run new analyzer network`: makes the unit, its test, and its row in the
 * docs. What it makes builds, and its test fails until it is written: nothing half-done passes.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const KINDS = {
  collector: {
    pattern: /^(host|engine|container|image|volume|network)\.[a-z][a-z0-9-]*$/,
    like: '<scope>.<name>, for example container.mounts',
    files: (name) => {
      const scope = name.split('.')[0];
      const of = scope === 'engine' ? 'host' : scope;
      return {
        [`src/main/collect/collectors/${name}.ts`]: `import { defineCollector } from '../collector';

export default defineCollector({
  id: '${name}',
  version: '1',
  title: '${title(name.split('.')[1])}',
  answers: '',
  how: '',
  replaces: [],
  scope: '${of}',
  volatility: 'engine state',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx) {
    await ctx.miss('not applicable', 'This collector is not written.');
  },
});
`,
        [`tests/unit/collect/collectors/${name}.test.ts`]: `import { describe, expect, it } from 'vitest';
import collector from '../../../../src/main/collect/collectors/${name}';

describe('${name}', () => {
  it('says what it answers and what it does on the target', () => {
    expect(collector.answers).not.toBe('');
    expect(collector.how).not.toBe('');
  });
});
`,
      };
    },
  },
  analyzer: {
    pattern: /^[a-z][a-z0-9-]*$/,
    like: '<name>, for example web-shells',
    files: (name) => ({
      [`src/main/analyze/analyzers/${name}.ts`]: `import { defineAnalyzer } from '../analyzer';

export default defineAnalyzer({
  id: '${name}',
  version: '1',
  title: '${title(name)}',
  accepts: () => false,
  async analyze() {},
});
`,
      [`tests/unit/analyze/analyzers/${name}.test.ts`]: `import { describe, expect, it } from 'vitest';
import analyzer from '../../../../src/main/analyze/analyzers/${name}';

describe('${name}', () => {
  it('finds what it is for', () => {
    expect.fail('${name} (version ' + analyzer.version + ') has no test yet.');
  });
});
`,
    }),
  },
};

function title(name) {
  const words = name.replaceAll('-', ' ');
  return words[0].toUpperCase() + words.slice(1);
}

const [kind, name] = process.argv.slice(2);
const made = KINDS[kind];
if (!made || !name || !made.pattern.test(name)) {
  console.error(made ? `A ${kind}'s name is ${made.like}.` : 'npm run new collector|analyzer NAME');
  process.exit(2);
}
const files = made.files(name);
const taken = Object.keys(files).find((file) => existsSync(file));
if (taken) {
  console.error(`${taken} exists already.`);
  process.exit(1);
}
for (const [file, text] of Object.entries(files)) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(`made ${file}`);
}
console.log(
  'Write it, add a collector to its profiles (src/main/collect/profiles.ts), then `npm run build && npm run docs` for its row in docs/evidence.md.',
);
