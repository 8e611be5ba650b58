#!/usr/bin/env node
// Starts the built command line. Plain JavaScript, so that it can say what is missing before anything is built.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(`lading: Node ${process.versions.node} is too old.\nInstall Node 20 or newer.`);
  process.exit(1);
}
const cli = fileURLToPath(new URL('../out/main/cli.cjs', import.meta.url));
if (!existsSync(cli)) {
  console.error(
    'lading: Lading is not built here.\nRun `npm ci` in its folder (or `npm run build`, when that was done).',
  );
  process.exit(1);
}
createRequire(import.meta.url)(cli);
