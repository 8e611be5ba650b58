import { z } from 'zod';
import { ImportedItem } from '../../../shared/contract/import';
import type { Entry } from '../../../shared/domain';
import type { ReportInput } from '../input';
import type { Block, Line, Row } from '../types';
import { bytes, clip, count, line, MEDIUM, number, paragraphs, piece, small, time } from './format';

const Begun = z.object({ from: z.string().optional(), note: z.string().optional(), paths: z.array(z.string()) });
const Ended = z.object({
  state: z.string(),
  exhibits: z.number(),
  referred: z.number(),
  bytes: z.number(),
  items: z.array(ImportedItem),
});

/** Paths of one import that are printed; the ledger has all. */
const MOST_PATHS = 50;

/** Evidence that others took: who gave it, what it was taken for, what became of it. Nothing where nothing was imported. */
export function imports({ ledger }: ReportInput): Block[] {
  const begun = ledger.filter((entry) => entry.action === 'import.begun');
  if (begun.length === 0) return [];
  const ended = new Map(ledger.filter((entry) => entry.action === 'import.ended').map((e) => [e.subject, e]));
  return [
    { kind: 'heading', text: 'Imports' },
    {
      kind: 'paragraph',
      pieces: [
        piece(
          'This evidence was taken by others and brought in from files of the workstation, which were only read. Its SHA-256 holds from the import on; what happened to it before rests on the word of whoever is named here. An exhibit that is a member of another one names it and the place in it.',
        ),
      ],
    },
    {
      kind: 'table',
      caption: 'Imports',
      columns: [
        { title: 'Begun and ended (UTC)', width: 20 },
        { title: 'From whom, and what', width: 58 },
        { title: 'Result', width: 22 },
      ],
      rows: begun.map((entry) => importRow(entry, ended.get(entry.subject))),
    },
  ];
}

function importRow(begun: Entry, ended: Entry | undefined): Row {
  const said = Begun.safeParse(begun.details).data;
  const result = Ended.safeParse(ended?.details).data;
  const what: Line[] = [
    line(piece('From: ', 'muted'), piece(clip(said?.from ?? 'not said by whom', MEDIUM), 'strong')),
  ];
  if (said?.note) what.push(...paragraphs(said.note).map((text) => line(`Note: ${text}`)));
  const items = result?.items ?? [];
  for (const item of items.slice(0, MOST_PATHS)) what.push(...itemLines(item));
  const known = new Set(items.map(({ path }) => path));
  const others = (said?.paths ?? []).filter((path) => !known.has(path));
  for (const path of others.slice(0, MOST_PATHS)) what.push(line(piece(clip(path, MEDIUM), 'mono')));
  const left = Math.max(0, items.length - MOST_PATHS) + Math.max(0, others.length - MOST_PATHS);
  if (left > 0) what.push(line(`and ${number(left)} more; the ledger names each`));
  what.push(small(piece(clip(begun.subject), 'mono')));
  return {
    cells: [
      [small(time(begun.time)), small(ended ? time(ended.time) : 'not ended')],
      what,
      [
        line(piece(result ? (result.state === 'done' ? 'completed' : clip(result.state, 40)) : 'not ended', 'strong')),
        ...(result
          ? [
              line(`${count(result.exhibits, 'exhibit')}, ${bytes(result.bytes)}`),
              line(`${number(result.referred)} in the case already`),
              line(`${number(result.items.filter(({ state }) => state === 'failed').length)} not taken`),
            ]
          : []),
      ],
    ],
  };
}

function itemLines(item: ImportedItem): Line[] {
  const held = item.exhibit ? `${item.state}: ${item.exhibit}` : item.state;
  const members = item.members > 0 ? `; ${count(item.members, 'exhibit')} taken out of it` : '';
  const lines = [line(piece(clip(item.path, MEDIUM), 'mono')), small(piece(`${held}${members}`, 'muted'))];
  if (item.kind) lines.push(small(piece(clip(`taken for ${item.kind}: ${item.why ?? ''}`, MEDIUM), 'muted')));
  for (const note of item.notes.slice(0, 5)) lines.push(small(piece(clip(note, MEDIUM), 'muted')));
  if (item.notes.length > 5) lines.push(small(piece(`and ${item.notes.length - 5} more notes in the ledger`, 'muted')));
  return lines;
}
