import type { ReportInput } from '../input';
import type { Block } from '../types';
import { clip, count, line, paragraphs, piece, small, time } from './format';

/** Section "Custody": who held the case, from whom to whom, and the seals. */
export function custody({ data, ledger }: ReportInput): Block[] {
  const examiners = new Set(ledger.map((entry) => `${entry.examiner} at ${entry.workstation}`));
  const who = [...examiners].slice(0, 20).map((one) => line(clip(one, 300)));
  if (examiners.size > who.length) who.push(line(`and ${count(examiners.size - who.length, 'more', 'more')}`));
  return [
    {
      kind: 'paragraph',
      pieces: [
        piece(
          `Everything done with the case is in its ledger, an append-only file in which each entry holds the SHA-256 of the one before it: ${count(ledger.length, 'entry', 'entries')} so far. An action is announced there before it begins and again when it has ended. Exhibits are never changed after they were stored.`,
        ),
      ],
    },
    {
      kind: 'facts',
      caption: 'State of the custody record',
      rows: [
        ['Opened', [line(time(data.created))]],
        ['Held by', [line(clip(data.examiner))]],
        ['Entries made by', who.length > 0 ? who : [line('no entry yet')]],
        [
          'Ledger head',
          [line(`Entry ${data.head.seq}`), small(piece('SHA-256 ', 'muted'), piece(clip(data.head.hash), 'mono'))],
        ],
      ],
    },
    { kind: 'heading', text: 'Hand-overs' },
    handovers(data.handovers),
    { kind: 'heading', text: 'Seals' },
    ...seals(data),
  ];
}

function handovers(all: ReportInput['data']['handovers']): Block {
  if (all.length === 0) {
    return {
      kind: 'paragraph',
      pieces: [piece('None: the case has been with the same examiner since it was opened.')],
    };
  }
  return {
    kind: 'table',
    caption: 'Hand-overs',
    columns: [
      { title: 'Time (UTC)', width: 24 },
      { title: 'From', width: 20 },
      { title: 'To', width: 20 },
      { title: 'Reason', width: 28 },
      { title: 'Entry', width: 8, align: 'right' },
    ],
    rows: all.map((handover) => ({
      cells: [
        [small(time(handover.time))],
        [line(clip(handover.from))],
        [line(clip(handover.to))],
        [line(clip(handover.reason, 1000))],
        [line(String(handover.seq))],
      ],
    })),
  };
}

function seals(data: ReportInput['data']): Block[] {
  if (data.seals.length === 0) {
    return [{ kind: 'paragraph', pieces: [piece('The case has not been sealed.')] }];
  }
  const owners = new Map(data.keys.map((key) => [key.fingerprint, key.examiner]));
  return [
    {
      kind: 'paragraph',
      pieces: [
        piece(
          'A seal is an Ed25519 signature (RFC 8032) over the ledger’s head and the manifest of all files. Compare the fingerprint with the one the examiner gives you by other means.',
        ),
      ],
    },
    {
      kind: 'table',
      caption: 'Seals',
      columns: [
        { title: 'Entry', width: 8 },
        { title: 'Time (UTC) and examiner', width: 27 },
        { title: 'Head sealed and key fingerprint (SHA-256)', width: 65 },
      ],
      rows: data.seals.map((seal) => ({
        cells: [
          [line(piece(String(seal.seq), 'strong'))],
          [small(time(seal.time)), small(clip(owners.get(seal.fingerprint) ?? 'key not introduced in the ledger'))],
          [
            small(piece('head ', 'muted'), piece(seal.head, 'mono')),
            small(piece('key  ', 'muted'), piece(clip(seal.fingerprint), 'mono')),
          ],
        ],
      })),
    },
  ];
}

/** Section "Examiner's notes": the newest version of each; older ones are in the ledger. */
export function notes({ data }: ReportInput): Block[] {
  if (data.notes.length === 0) return [{ kind: 'paragraph', pieces: [piece('None.')] }];
  return [
    {
      kind: 'table',
      caption: 'Notes',
      columns: [
        { title: 'Saved (UTC) and by', width: 28 },
        { title: 'Note', width: 72 },
      ],
      rows: data.notes.flatMap((note) => {
        const newest = note.versions.at(-1);
        if (!newest) return [];
        const older = note.versions.length - 1;
        return [
          {
            cells: [
              [
                small(time(newest.time)),
                small(piece(clip(newest.examiner), 'muted')),
                ...(older > 0
                  ? [small(piece(`version ${newest.version}; ${count(older, 'earlier one')} in the ledger`, 'muted'))]
                  : []),
              ],
              paragraphs(newest.text).map((text) => line(text)),
            ],
          },
        ];
      }),
    },
  ];
}
