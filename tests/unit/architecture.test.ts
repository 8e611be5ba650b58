import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../src');

/** A file may import from its own layer's folder and from layers with a lower number. */
const LAYERS: [RegExp, number][] = [
  [/^shared\//, 0],
  [/^main\/root\.ts$/, 0.5],
  // formats are pure: bytes in, facts out
  [/^main\/(analyze\/formats|import\/tar)\//, 0.5],
  [/^main\/(custody|hosts)\//, 1],
  [/^main\/(docker|cases)\//, 2],
  [/^main\/(collect|analyze|import)\//, 3],
  [/^main\/report\//, 4],
  [/^main\/services\//, 5],
  [/^main\/api\//, 6],
  [/^main\/app\.ts$/, 7],
  [/^main\/(serve\/|serve\.ts$)/, 8],
  [/^main\/(cli|window)\//, 9],
  [/^main\/(cli|index)\.ts$/, 10],
  [/^preload\//, 9],
  [/^renderer\//, 9],
];
/** Files that may know Electron. */
const ELECTRON = /^(main\/index\.ts|main\/window\/|preload\/)/;

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return files(path);
    return /\.tsx?$/.test(name) ? [path] : [];
  });
}

const name = (path: string) => relative(SRC, path).split(sep).join('/');
const layer = (file: string) => LAYERS.find(([pattern]) => pattern.test(file))?.[1];
const folder = (file: string) =>
  file.startsWith('shared/') ? 'shared' : file.replace(/\.ts$/, '').split('/').slice(0, 2).join('/');

/** What a file imports, for real or as a type, statically or not. */
function imports(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] as string);
}

describe('the architecture', () => {
  const all = files(SRC);

  it('gives every file a layer', () => {
    expect(all.map(name).filter((file) => layer(file) === undefined)).toEqual([]);
  });

  it('lets layers import downwards only', () => {
    const wrong: string[] = [];
    for (const path of all) {
      const from = name(path);
      for (const target of imports(path)) {
        if (!target.startsWith('.')) continue;
        const to = name(resolve(dirname(path), target));
        if (to.startsWith('..')) continue; // package.json
        const [high, low] = [layer(from), layer(`${to}${/\.\w+$/.test(to) ? '' : '.ts'}`) ?? layer(`${to}/index.ts`)];
        if (high === undefined || low === undefined) continue;
        if (low > high || (low === high && folder(from) !== folder(to) && !from.startsWith('renderer/')))
          wrong.push(`${from} → ${to}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('lets only the window know Electron', () => {
    const wrong = all.filter((path) =>
      imports(path).some((target) => target === 'electron' || target.startsWith('electron/')),
    );
    expect(wrong.map(name).filter((file) => !ELECTRON.test(file))).toEqual([]);
  });

  it('lets the window know the core by its contract alone', () => {
    const wrong = all
      .filter((path) => name(path).startsWith('renderer/'))
      .filter((path) => imports(path).some((target) => /(^|\/)main\//.test(target) || target.startsWith('node:')));
    expect(wrong.map(name)).toEqual([]);
  });
});
