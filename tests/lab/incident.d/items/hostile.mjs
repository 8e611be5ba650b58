import { readdirSync } from 'node:fs';
import * as hostile from '../hostile.mjs';
import { container, content, expect, file, find, logOf } from '../look.mjs';
import { ODD } from '../stage.mjs';
import { env, made } from './made.mjs';

/** What harms whoever shows it unescaped. */
export function hostileItems() {
  return [
    made('hostile-name', 'hostile', ODD, [], 'a container name of 194 characters', { string: ODD }, (s) => {
      container(s, ODD);
    }),
    made(
      'hostile-labels',
      'hostile',
      ODD,
      [],
      'labels with escape sequences, bidirectional overrides, HTML, 10,000 characters',
      { pointer: '/Config/Labels', values: ['odd.escapes', 'odd.bidi', 'odd.html', 'odd.long'] },
      (s) => {
        const { Labels } = container(s, ODD).Config;
        for (const [key, text] of Object.entries({
          'odd.escapes': hostile.ESCAPES,
          'odd.bidi': hostile.BIDI,
          'odd.html': hostile.HTML,
          'odd.long': hostile.LONG,
        })) {
          expect(Labels[key] === text, `label ${key} is another`);
        }
      },
    ),
    made(
      'hostile-environment',
      'hostile',
      ODD,
      [],
      'environment with the same',
      { pointer: '/Config/Env', values: ['ODD_ESCAPES', 'ODD_BIDI', 'ODD_HTML', 'ODD_FORGED', 'ODD_LONG'] },
      (s) => {
        env(s, ODD, `ODD_ESCAPES=${hostile.ESCAPES}`);
        env(s, ODD, `ODD_LONG=${hostile.LONG}`);
      },
    ),
    made(
      'hostile-log',
      'hostile',
      ODD,
      [],
      'log lines with the same, broken UTF-8, and one of 40,000 characters',
      { string: hostile.SHELL, longestLine: 40_000 },
      async (s) => {
        const log = await logOf(s, ODD);
        // The json-file driver itself turns what is no UTF-8 into U+FFFD and splits at 16 KiB.
        for (const text of [hostile.ESCAPES, hostile.HTML, hostile.SHELL, hostile.LONG, 'W'.repeat(16_000)])
          expect(log.includes(text), `no line ${JSON.stringify(text.slice(0, 30))}`);
      },
    ),
    made(
      'hostile-files',
      'hostile',
      ODD,
      [],
      'file names with the same, broken UTF-8, line feeds, backslashes, 255 bytes',
      { path: '/data/odd', namesHex: hostile.FILE_NAMES.map((name) => name.toString('hex')) },
      async (s) => {
        const there = readdirSync(file(s, '/data/odd', ODD), { encoding: 'buffer' }).map((name) =>
          name.toString('hex'),
        );
        for (const name of hostile.FILE_NAMES)
          expect(
            there.includes(name.toString('hex')),
            `no file ${JSON.stringify(name.toString('latin1').slice(0, 30))}`,
          );
      },
    ),
    made('hostile-path', 'hostile', ODD, [], 'a path of 3,600 bytes', { path: hostile.DEEP }, (s) => {
      content(s, hostile.DEEP, ODD);
    }),
    made(
      'hostile-process',
      'hostile',
      ODD,
      [],
      'a command line with escape sequences, HTML and broken UTF-8',
      { argvHex: hostile.BROKEN.toString('hex') },
      (s) =>
        expect(
          find.odd(s).argv.some((word) => Buffer.from(word, 'latin1').includes(hostile.BROKEN)),
          'its bytes are others',
        ),
      find.odd,
    ),
  ];
}
