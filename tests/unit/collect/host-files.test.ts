import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hostFilesCommand } from '../../../src/main/collect/host-files';
import { HOST_FILES, ONE_FILE } from '../../../src/main/collect/host-files/script';
import { type Part, wordsOf } from '../../../src/main/collect/host-files/spec';
import { HOST_TOOLS, TOOLS_SCRIPT } from '../../../src/main/collect/host-files/tools';
import { TimeWindow, windowSince, windowWords } from '../../../src/main/collect/host-files/window';

const COLLECT = new URL('../../../src/main/collect/', import.meta.url);
const sources = ['collectors', 'host-files'].flatMap((folder) =>
  readdirSync(new URL(folder, COLLECT)).map((name) => readFileSync(new URL(`${folder}/${name}`, COLLECT), 'utf8')),
);

describe('files of a host', () => {
  it('are asked for by words, of which none can become another or a part of the shell', () => {
    const named = ['/srv/$(reboot)', "/srv/it's; reboot", '/srv/`x`', '/srv/-rf'];
    const words = wordsOf([{ as: 'compose', named }]);
    expect(words.filter((_, i) => i % 4 === 3)).toEqual(named);
    const { argv, stdin, boundary } = hostFilesCommand('a.b', [{ as: 'compose', named }]);
    expect(argv.slice(0, 5)).toEqual(['sh', '-c', HOST_FILES, 'lading', 'a.b']);
    expect(stdin).toBe(`${boundary}\n`);
    expect(argv.join(' ')).not.toContain(boundary);
  });

  it('refuse a path that leads elsewhere or is none, and a name that would not be one frame', () => {
    for (const path of ['relative', '/srv/../etc/shadow', '/a\nb', '/a\0b', '']) {
      expect(() => wordsOf([{ as: 'x', named: [path] }])).toThrow('names a path that is none');
    }
    for (const sub of ['../..', 'a/../../b', 'a\nb']) {
      const part: Part = { within: [['/var/lib/docker', sub]], parts: [] };
      expect(() => wordsOf([part])).toThrow('names a path that is none');
    }
    for (const as of ['', 'A', 'a b', 'a:1', `${'a'.repeat(60)}`]) {
      expect(() => wordsOf([{ as, files: ['/etc/passwd'] }])).toThrow('cannot be the name of a frame');
    }
  });

  it('have scripts that write no file and evaluate nothing', () => {
    for (const script of [HOST_FILES, ONE_FILE, TOOLS_SCRIPT]) {
      expect(script).not.toMatch(/<<|\beval\b|\bmktemp\b|\btee\b/);
      // what goes to a file goes to /dev/null or to another descriptor
      expect(script.match(/>+\s*(?!&)[^\s;&|)]+/g)?.filter((to) => !/^>+\s*("?\$|\/dev\/null)/.test(to)) ?? []).toEqual(
        [],
      );
    }
  });
});

describe('the programs that Lading runs on a host', () => {
  it('are all in the list that host.tools records', () => {
    const run = sources.flatMap((text) =>
      [...text.matchAll(/run: \[\s*(?:\.\.\.\(\[)?'([a-z0-9._-]+)'/g)].map((one) => one[1] ?? ''),
    );
    expect(run.length).toBeGreaterThan(20);
    expect([...new Set(run)].filter((name) => !HOST_TOOLS.includes(name))).toEqual([]);
    expect(new Set(HOST_TOOLS).size).toBe(HOST_TOOLS.length);
    for (const name of HOST_TOOLS) expect(name).toMatch(/^[a-z0-9][a-z0-9-]*$/);
  });
});

describe('a time window', () => {
  it('is asked of the journal in seconds, the end rounded up', () => {
    const window = TimeWindow.parse({ since: '2026-01-01T00:00:00.9Z', until: '2026-01-01T01:00:01.1+01:00' });
    expect(windowWords(window)).toEqual(['--since=@1767225600', '--until=@1767225602']);
    expect(windowSince(window)).toBe(1_767_225_600);
    expect([windowWords(TimeWindow.parse(undefined)), windowSince({})]).toEqual([[], 0]);
  });

  it('that has no zone, ends before it begins, or is no time, is refused', () => {
    for (const wrong of [
      { since: '2026-01-01T00:00:00' },
      { since: 'yesterday; reboot' },
      { since: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' },
    ]) {
      expect(TimeWindow.safeParse(wrong).success).toBe(false);
    }
  });
});
