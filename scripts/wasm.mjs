/** Makes src/main/analyze/memory/wasm/bytes.ts from scan.wat beside it; with --print only shows it, for the test that compares the two. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

const folder = join(fileURLToPath(new URL('..', import.meta.url)), 'src/main/analyze/memory/wasm');

const wat = await readFile(join(folder, 'scan.wat'), 'utf8');
const { buffer } = (await wabt()).parseWat('scan.wat', wat, { simd: true }).toBinary({});
const lines = Buffer.from(buffer)
  .toString('base64')
  .match(/.{1,116}/g)
  .map((line) => `  '${line}',`);
const text = `// Made of scan.wat by scripts/wasm.mjs.\nexport const SCAN_WASM = [\n${lines.join('\n')}\n].join('');\n`;
if (process.argv.includes('--print')) process.stdout.write(text);
else await writeFile(join(folder, 'bytes.ts'), text);
