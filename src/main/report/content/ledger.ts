import { ClockReading, type Entry, ExhibitSummary, HostFacts } from '../../../shared/domain';
import type { ReportInput } from '../input';
import type { Block, Row } from '../types';
import { clip, line, piece, small, time } from './format';

/** Longest value of one detail, and of all details of an entry; ledger.jsonl has the whole. */
const MOST_VALUE = 120;
const MOST_DETAILS = 420;

/** Appendix "custody ledger": every entry shortly, with the head's hash whole. */
export function ledger({ ledger: entries, data }: ReportInput): Block[] {
  if (entries.length === 0) return [{ kind: 'paragraph', pieces: [piece('The ledger is empty.')] }];
  return [
    {
      kind: 'paragraph',
      pieces: [
        piece(
          'Every entry in short; long values are cut with a mark “…”, and of each hash the first 16 digits are shown. The file ledger.jsonl of the case holds all of it.',
        ),
      ],
    },
    {
      kind: 'table',
      caption: 'Custody ledger',
      columns: [
        { title: 'No.', width: 7, align: 'right' },
        { title: 'Time (UTC) and who', width: 25 },
        { title: 'Action, subject, details', width: 51 },
        { title: 'Hash (start)', width: 17 },
      ],
      rows: entries.map(row),
    },
    {
      kind: 'facts',
      caption: 'Ledger head',
      rows: [
        [
          'Head',
          [line(`Entry ${data.head.seq}`), small(piece('SHA-256 ', 'muted'), piece(clip(data.head.hash), 'mono'))],
        ],
      ],
    },
  ];
}

function row(entry: Entry): Row {
  const told = details(entry.details);
  return {
    cells: [
      [small(String(entry.seq))],
      [small(time(entry.time)), small(piece(clip(`${entry.examiner}, ${entry.workstation}`, 120), 'muted'))],
      [
        small(piece(clip(entry.action, 80), 'strong'), piece(`  ${clip(entry.subject, 120)}`)),
        ...(told === '' ? [] : [small(piece(told, 'muted'))]),
      ],
      [small(piece(entry.hash.slice(0, 16), 'mono'))],
    ],
  };
}

/** `state: done; exhibits: 31; …`: the outermost members, each shortly; what a court asks of an exhibit, whole. */
function details(all: Record<string, unknown>): string {
  const parts: string[] = [];
  let length = 0;
  for (const [key, value] of Object.entries(all)) {
    if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) continue;
    const part = shortly(key, value);
    parts.push(part);
    length += part.length + 2;
    if (length > MOST_DETAILS) break;
  }
  return clip(parts.join('; '), MOST_DETAILS);
}

const Stored = ExhibitSummary.pick({ title: true, bytes: true, sha256: true, partial: true });
const Facts = HostFacts.pick({ hostname: true, hostKey: true, os: true });

/** Members that are known by their name get the words that matter; all others are shown as they are. */
const KNOWN: Record<string, (value: unknown) => string | undefined> = {
  exhibit(value) {
    const { data } = Stored.safeParse(value);
    return data && `${cut(data.title)}${data.partial ? ' (PARTIAL)' : ''}, ${data.bytes} bytes, SHA-256 ${data.sha256}`;
  },
  facts(value) {
    const { data } = Facts.safeParse(value);
    return (
      data &&
      `${cut(data.hostname)}, ${cut(data.os)}${data.hostKey ? `, host key ${cut(data.hostKey.fingerprint)}` : ''}`
    );
  },
  clock(value) {
    const { data } = ClockReading.safeParse(value);
    return data && `clock offset ${data.offsetMs} ms ± ${data.uncertaintyMs} ms`;
  },
  accesses: (value) => (Array.isArray(value) ? `${value.length} touches of the host` : undefined),
  plan: (value) => (Array.isArray(value) ? `${value.length} items planned` : undefined),
};

function shortly(key: string, value: unknown): string {
  const known = Object.hasOwn(KNOWN, key) ? KNOWN[key]?.(value) : undefined;
  if (known !== undefined) return known;
  const name = `${key.slice(0, 60)}: `;
  if (typeof value === 'string') return `${name}${/^[0-9a-f]{64}$/.test(value) ? value : cut(value)}`;
  if (Array.isArray(value) && value.length > 3)
    return `${name}${value.length} items, ${cut(compact(value.slice(0, 3)))}`;
  return `${name}${cut(compact(value))}`;
}

function cut(text: string): string {
  return text.length > MOST_VALUE ? `${text.slice(0, MOST_VALUE)}…` : text;
}

/** An object's members without the quotes that JSON needs and readers do not; never longer than what is shown of it. */
function compact(value: unknown, depth = 0): string {
  if (value === null || typeof value !== 'object') return cut(String(value));
  if (depth > 3) return '…';
  const parts: string[] = [];
  let length = 0;
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const part = Array.isArray(value)
      ? compact(member, depth + 1)
      : `${key.slice(0, 60)}: ${compact(member, depth + 1)}`;
    parts.push(part);
    length += part.length;
    if (length > MOST_VALUE) break;
  }
  const text = parts.join(', ');
  return Array.isArray(value) ? `[${text}]` : depth === 0 ? text : `{${text}}`;
}
