import { createHash } from 'node:crypto';
import { visible } from '../../../shared/visible';
import type { ReportInput } from '../input';
import type { Block } from '../types';
import { clip, command, count, line, MEDIUM, piece, small } from './format';
import { touches } from './touches';

/** A word of a command is a script when it has lines, or more letters than a list of exhibits can carry. */
const LONG_WORD = 240;
/** Longest script that is printed; collectors' own are far shorter. */
const MOST_SCRIPT = 40_000;

/** A script that was run on a host: it is printed once, and named wherever it was used. */
export interface Script {
  /** 'S1': its name in this report. */
  label: string;
  text: string;
  sha256: string;
  times: number;
}

/** The scripts among the commands of a case, by their text, in the order of their first use. */
export function scripts(input: ReportInput): Map<string, Script> {
  const found = new Map<string, Script>();
  for (const access of touches(input)) {
    if (access.kind !== 'exec') continue;
    for (const word of access.what) {
      if (!isScript(word)) continue;
      const held = found.get(word);
      if (held) held.times++;
      else {
        const sha256 = createHash('sha256').update(word).digest('hex');
        found.set(word, { label: `S${found.size + 1}`, text: word, sha256, times: 1 });
      }
    }
  }
  return found;
}

function isScript(word: string): boolean {
  return word.length > LONG_WORD || word.includes('\n');
}

/** A command as it was given, with the scripts in it by their names. */
export function commandWith(known: Map<string, Script>, argv: readonly string[], max: number = MEDIUM): string {
  if (!argv.some((word) => known.has(word))) return command(argv, max);
  const parts = argv.map((word) => {
    const script = known.get(word);
    return script ? `[script ${script.label}]` : command([word], max);
  });
  return clip(parts.join(' '), max);
}

/** Appendix "scripts": what was run on the hosts, to the letter. */
export function scriptTexts(input: ReportInput): Block[] {
  const all = [...scripts(input).values()];
  if (all.length === 0) return [{ kind: 'paragraph', pieces: [piece('No script was run.')] }];
  return [
    {
      kind: 'paragraph',
      pieces: [
        piece(
          'Scripts that this report names [script S1] and so on. Each was given to the shell as one argument, as it is printed here; what differed from run to run came as further arguments, never as a part of the script.',
        ),
      ],
    },
    ...all.flatMap((script): Block[] => [
      { kind: 'heading', text: `Script ${script.label}`, outline: true },
      {
        kind: 'facts',
        caption: `Script ${script.label}`,
        rows: [
          ['Run', [line(count(script.times, 'time'))]],
          ['SHA-256', [small(piece(script.sha256, 'mono'))]],
        ],
      },
      { kind: 'code', lines: letters(script.text) },
    ]),
  ];
}

/** The script's own lines; a tab as four blanks, since a page has no tab stops. */
function letters(text: string): string[] {
  return visible(text, { keepLines: true, max: MOST_SCRIPT }).replaceAll('\t', '    ').split('\n');
}
