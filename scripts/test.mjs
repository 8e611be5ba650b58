/**
 * Every test there is: `npm test`, and what CI calls. Lint, types and build count as one test each. The last line is
 * `N passed, N failed, N skipped`; the exit status is 1 when anything failed. `npm test -- unit integration e2e` runs parts.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const OUT = 'test-results';
const wanted = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
const reasons = new Set();

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });

/** Runs one of node_modules' tools with this Node; no shell, so it works on Windows as well. */
function run(tool, args, env = {}) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [tool, ...args], { stdio: 'inherit', env: { ...process.env, ...env } });
    child.on('close', (code) => done(code ?? 1));
  });
}

function bin(name, file) {
  const { bin } = JSON.parse(readFileSync(join('node_modules', name, 'package.json'), 'utf8'));
  return join('node_modules', name, typeof bin === 'string' ? bin : bin[file ?? name]);
}

function heading(text) {
  console.log(`\n— ${text}`);
}

async function check(title, tool, args) {
  heading(title);
  const code = await run(tool, args);
  if (code === 0) total.passed += 1;
  else total.failed += 1;
  console.log(code === 0 ? 'passed' : `failed (status ${code})`);
}

async function vitest(project) {
  heading(`${project} tests`);
  const file = join(OUT, `${project}.json`);
  const code = await run(bin('vitest'), [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  if (!existsSync(file)) {
    total.failed += 1;
    return;
  }
  const result = JSON.parse(readFileSync(file, 'utf8'));
  const failed = result.numFailedTests;
  total.passed += result.numPassedTests;
  total.skipped += result.numPendingTests + (result.numTodoTests ?? 0);
  // A file that cannot even be loaded has no failed test of its own, and must fail all the same.
  total.failed += failed === 0 && code !== 0 ? 1 : failed;
  for (const suite of result.testResults) {
    for (const test of suite.assertionResults) {
      if (test.status === 'pending' || test.status === 'skipped') reasons.add(`${test.fullName}`);
    }
  }
}

async function playwright() {
  heading('e2e tests');
  const file = join(OUT, 'e2e.json');
  const code = await run(bin('@playwright/test', 'playwright'), ['test'], { PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  if (!existsSync(file)) {
    total.failed += 1;
    return;
  }
  const { stats, errors } = JSON.parse(readFileSync(file, 'utf8'));
  total.passed += stats.expected + stats.flaky;
  total.skipped += stats.skipped;
  total.failed += stats.unexpected + (errors?.length ?? 0) || (code === 0 ? 0 : 1);
}

const all = wanted.length === 0;
if (all || wanted.includes('static')) {
  await check('lint', bin('@biomejs/biome', 'biome'), ['check']);
  await check('types', bin('typescript', 'tsc'), ['--noEmit', '-p', '.']);
  await check('build', bin('electron-vite'), ['build', '--logLevel', 'warn']);
  await check('docs', join('scripts', 'docs.mjs'), ['--check']);
}
if (all || wanted.includes('unit')) await vitest('unit');
if (all || wanted.includes('integration')) await vitest('integration');
if (all || wanted.includes('e2e')) await playwright();

if (reasons.size > 0) console.log(`\nSkipped:\n${[...reasons].map((reason) => `  ${reason}`).join('\n')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
