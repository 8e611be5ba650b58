import type { ExhibitRecord, How, Miss } from '../../../shared/domain';
import type { ReportInput } from '../input';
import type { Block, Line, Row } from '../types';
import { bytes, clip, command, count, line, MEDIUM, number, offset, piece, small, target, time } from './format';
import { commandWith, type Script, scripts } from './scripts';

/** Where links to an exhibit lead. */
export function exhibitAnchor(id: string): string {
  return `exhibit-${id}`;
}

/** Section "Exhibits": one row for each file of evidence, with its SHA-256 whole. */
export function exhibits(input: ReportInput): Block[] {
  const records = [...input.records].sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)));
  const known = scripts(input);
  if (records.length === 0) return [{ kind: 'paragraph', pieces: [piece('The case holds no exhibit.')] }];
  const total = records.reduce((sum, record) => sum + record.bytes, 0);
  const partial = records.filter((record) => record.partial).length;
  return [
    {
      kind: 'paragraph',
      pieces: [
        piece(`${count(records.length, 'exhibit')}, ${bytes(total)}. `),
        piece(
          partial === 0
            ? 'Each is whole: all that the command or call gave was stored.'
            : `${count(partial, 'exhibit')} ${partial === 1 ? 'is' : 'are'} partial and marked so, with the reason.`,
        ),
        piece(
          ' Bytes were hashed with SHA-256 (FIPS 180-4) while they were written, and are kept as they came. Times: first the examiner’s clock, below it the same moment on the host’s clock by the offset measured.',
        ),
      ],
    },
    {
      kind: 'table',
      caption: 'Exhibits',
      columns: [
        { title: 'No.', width: 10 },
        { title: 'What it is, of what, how it was taken, SHA-256', width: 62 },
        { title: 'Begun and ended', width: 28 },
      ],
      rows: records.map((record) => row(record, known)),
    },
  ];
}

function row(record: ExhibitRecord, known: Map<string, Script>): Row {
  return {
    anchor: exhibitAnchor(record.id),
    cells: [[line(piece(record.id, 'strong'))], what(record, known), when(record)],
  };
}

function what(record: ExhibitRecord, known: Map<string, Script>): Line[] {
  const on = record.host ? [piece(place(record.host, record.target.kind), 'muted')] : [];
  const lines: Line[] = [line(piece(clip(record.title, 200), 'strong')), ...target(record.target, ...on)];
  lines.push(...taken(record.how, known));
  lines.push(small(piece('SHA-256 ', 'muted'), piece(record.sha256, 'mono')));
  lines.push(
    small(
      piece(
        `File ${clip(record.file)}, ${bytes(record.bytes)}; collector ${clip(record.collector.id, 80)} ${clip(record.collector.version, 20)}`,
        'muted',
      ),
    ),
  );
  if (record.partial) {
    lines.push(line(piece('PARTIAL', 'strong'), `: ${clip(record.reason ?? 'only a part arrived', MEDIUM)}`));
  }
  if (record.follows) {
    lines.push(line(`Taken again from the start: a lost connection had cut ${record.follows} off.`));
  }
  return lines;
}

function place(host: NonNullable<ExhibitRecord['host']>, kind: string): string {
  const address = `(${clip(host.address, 80)})`;
  return kind === 'host' ? ` ${address}` : ` on ${clip(host.hostname, 80)} ${address}`;
}

function taken(how: How, known: Map<string, Script>): Line[] {
  switch (how.kind) {
    case 'exec': {
      const end = how.signal ? `ended by ${clip(how.signal, 20)}` : `exit ${how.exit ?? 'unknown'}`;
      const errors = how.stderrBytes > 0 ? `, ${count(how.stderrBytes, 'byte')} of standard error` : '';
      return [
        small(piece(commandWith(known, how.argv), 'mono')),
        small(piece(`command${how.asRoot ? ' as root' : ''}; ${end}${errors}`, 'muted')),
      ];
    }
    case 'inside':
      return [
        small(piece(command(how.argv), 'mono')),
        small(
          piece(
            `run inside the container by the engine${how.user ? ` as ${clip(how.user, 40)}` : ''}; exit ${how.exit ?? 'unknown'}${how.stderrBytes > 0 ? `, ${count(how.stderrBytes, 'byte')} of standard error` : ''}`,
            'muted',
          ),
        ),
      ];
    case 'api':
      return [
        small(piece(command([how.method, how.path]), 'mono')),
        small(piece(`engine call; status ${how.status}${how.note ? `. ${clip(how.note, MEDIUM)}` : ''}`, 'muted')),
      ];
    case 'composed':
      return [small(piece(`made from several calls: ${clip(how.note, MEDIUM)}`, 'muted'))];
    case 'import':
      return [
        small(
          piece(`imported from ${clip(how.from, MEDIUM)}${how.note ? `: ${clip(how.note, MEDIUM)}` : ''}`, 'muted'),
        ),
      ];
  }
}

function when(record: ExhibitRecord): Line[] {
  const pair = ({ local, host }: ExhibitRecord['started']): Line[] => [
    small(time(local)),
    small(piece(host ? `${time(host)} (host)` : 'host clock not measured', 'muted')),
  ];
  const lines = [...pair(record.started), ...pair(record.finished)];
  if (record.clockOffsetMs !== undefined) lines.push(small(piece(`offset ${offset(record.clockOffsetMs)}`, 'muted')));
  return lines;
}

/** Section "Not taken, and why". Looked and found nothing is another thing than could not look. */
export function misses({ data }: ReportInput): Block[] {
  const all = data.collections.flatMap((collection) => collection.misses);
  if (all.length === 0) {
    return [
      {
        kind: 'paragraph',
        pieces: [piece(data.collections.length === 0 ? 'Nothing was collected.' : 'All that was planned was taken.')],
      },
    ];
  }
  return [
    {
      kind: 'paragraph',
      pieces: [
        piece(
          `${count(all.length, 'item')}. “Nothing there” means that it was looked for and is not there; all other words mean that it could not be looked at, or not wholly.`,
        ),
      ],
    },
    {
      kind: 'table',
      caption: 'Not taken',
      columns: [
        { title: 'Collector and target', width: 44 },
        { title: 'Outcome', width: 16 },
        { title: 'Reason', width: 40 },
      ],
      rows: gathered(all),
    },
  ];
}

/** A thousand containers without a healthcheck are one reason: targets of the same collector and reason share a row. */
function gathered(all: Miss[]): Row[] {
  const rows = new Map<string, Miss[]>();
  for (const miss of all) {
    const key = [miss.collector, miss.host, miss.outcome, miss.reason].join('\u0000');
    const held = rows.get(key);
    if (held) held.push(miss);
    else rows.set(key, [miss]);
  }
  return [...rows.values()].map((same) => {
    const [first] = same as [Miss, ...Miss[]];
    const named = same.slice(0, 12).flatMap((miss) => target(miss.target));
    if (same.length > 12) named.push(line(`and ${number(same.length - 12)} more; the ledger names each`));
    return {
      cells: [
        [line(piece(clip(first.collector, 80), 'mono')), ...named, small(piece(`on ${clip(first.host)}`, 'muted'))],
        [line(OUTCOME[first.outcome])],
        [line(clip(first.reason, MEDIUM))],
      ],
    };
  });
}

const OUTCOME: Record<Miss['outcome'], string> = {
  none: 'nothing there',
  missing: 'gone',
  denied: 'denied',
  unreadable: 'unreadable',
  truncated: 'cut short',
  'not applicable': 'not possible',
};
