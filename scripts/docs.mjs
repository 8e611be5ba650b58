/** `npm run docs`: writes docs/evidence.md from the catalogue itself; `--check` only says whether it is up to date. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const PATH = 'docs/evidence.md';

function lading(...args) {
  const run = spawnSync(process.execPath, ['bin/lading.mjs', ...args, '--json'], { encoding: 'utf8' });
  if (run.status !== 0) {
    console.error(run.stderr);
    process.exit(1);
  }
  return JSON.parse(run.stdout);
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const rows = lading('collectors').map((one) => {
  const replaces = one.replaces.map((command) => `\`${command}\``).join(', ');
  // what the examiner may say beyond the target
  const told = Object.keys(one.input?.properties ?? {});
  const needs = [one.needs.join(', ') || '–', ...(told.length > 0 ? [`told: ${told.join(', ')}`] : [])].join('; ');
  return `| \`${one.id}\` | ${[one.title, one.answers, one.how, replaces || '–', one.volatility, one.footprint, needs].map(cell).join(' | ')} |`;
});
const text = `# What Lading collects

Made by \`npm run docs\` from the catalogue (\`lading collectors --json\`); do not edit. Here they stand by name; a
collection takes them in the order of volatility. "replaces" are the commands that an examiner would have typed, "told" is what the examiner
may say beyond the target (\`--input ID=JSON\`).

| collector | title | answers | how | replaces | volatility | footprint | needs |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
if (process.argv.includes('--check')) {
  if (readFileSync(PATH, 'utf8') === text) process.exit(0);
  console.error(`${PATH} is not what the catalogue says: npm run docs`);
  process.exit(1);
}
writeFileSync(PATH, text);
console.log(`wrote ${PATH}: ${rows.length} collectors`);
