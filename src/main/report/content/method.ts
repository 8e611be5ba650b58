import { z } from 'zod';
import { type CollectionSummary, type Entry, FOOTPRINTS, Footprint } from '../../../shared/domain';
import type { ReportInput } from '../input';
import type { Block, Line, Row } from '../types';
import { footprint } from './footprint';
import { bytes, clip, count, line, MEDIUM, number, paragraphs, piece, small, time } from './format';
import { imports } from './imports';
import { scripts } from './scripts';
import { shapes, type TouchShape } from './shapes';
import { touches } from './touches';

/** Shapes of commands and calls that are listed; a case with more says how many were left out. */
const MOST_SHAPES = 400;

/** Section "What was done and how": tool, collections, commands and calls, and what they left behind. */
export function method(input: ReportInput): Block[] {
  const all = touches(input);
  return [
    { kind: 'heading', text: 'Tool' },
    ...tool(input),
    { kind: 'heading', text: 'Collections' },
    ...collections(input),
    ...imports(input),
    { kind: 'heading', text: 'Commands and calls' },
    ...calls(shapes(all, scripts(input)), all.length),
    { kind: 'heading', text: 'What this left on the hosts' },
    ...footprint(input, all),
  ];
}

function tool({ tool: used, records }: ReportInput): Block[] {
  const versions = new Map<string, number>();
  for (const { tool: made } of records) {
    const name = `${made.name} ${made.version}`;
    versions.set(name, (versions.get(name) ?? 0) + 1);
  }
  const collectors = new Set(records.map((record) => `${record.collector.id} ${record.collector.version}`));
  const rows: [string, Line[]][] = [
    [
      'This report',
      [line(clip(`${used.name} ${used.version}, ${used.runtime}, on workstation ${used.workstation}`, 300))],
    ],
  ];
  if (records.length > 0) {
    rows.push(
      [
        'Evidence taken with',
        [...versions].map(([name, times]) => line(clip(`${name}: ${count(times, 'exhibit')}`, 200))),
      ],
      ['Collectors', [small(piece(clip([...collectors].sort().join(', '), 4000), 'mono'))]],
    );
  }
  return [{ kind: 'facts', caption: 'Tools', rows }];
}

const Begun = z.object({
  plan: z.array(z.object({ collector: z.string(), footprint: Footprint, impossible: z.string().optional() })),
});

function collections({ data, ledger }: ReportInput): Block[] {
  if (data.collections.length === 0) return [{ kind: 'paragraph', pieces: [piece('Nothing was collected.')] }];
  const begun = new Map(ledger.filter((entry) => entry.action === 'collection.begun').map((e) => [e.subject, e]));
  return [
    {
      kind: 'paragraph',
      pieces: [
        piece(
          'Each collection ran in the order of volatility (RFC 3227, section 2.1): what disappears first was taken first. The plan was written to the ledger before it ran, each exhibit as soon as it was stored.',
        ),
      ],
    },
    {
      kind: 'table',
      caption: 'Collections',
      columns: [
        { title: 'Begun and ended (UTC)', width: 24 },
        { title: 'What and why', width: 52 },
        { title: 'Result', width: 24 },
      ],
      rows: data.collections.map((collection) => collectionRow(collection, begun.get(collection.id))),
    },
  ];
}

function collectionRow(collection: CollectionSummary, begun: Entry | undefined): Row {
  const what = [
    line(piece(collection.profile ? `Profile ${clip(collection.profile)}` : 'Chosen collectors', 'strong')),
    line(clip(`On ${collection.hosts.join(', ')}`, MEDIUM)),
    ...(collection.reason ? paragraphs(collection.reason).map((text) => line(`Reason: ${text}`)) : []),
  ];
  const plan = Begun.safeParse(begun?.details);
  if (plan.success) {
    const run = plan.data.plan.filter((item) => item.impossible === undefined);
    const deepest = Math.max(0, ...run.map((item) => FOOTPRINTS.indexOf(item.footprint)));
    what.push(
      line(
        `${count(plan.data.plan.length, 'item')} planned, ${number(plan.data.plan.length - run.length)} not possible`,
      ),
      line(`Deepest footprint planned: ${FOOTPRINTS[deepest] ?? 'none'}`),
    );
  }
  what.push(small(piece(clip(collection.id), 'mono')));
  return {
    cells: [
      [small(time(collection.begun)), small(collection.ended ? time(collection.ended) : 'not ended')],
      what,
      [
        line(piece(collection.state === 'done' ? 'completed' : collection.state, 'strong')),
        line(count(collection.exhibits.length, 'exhibit')),
        line(`${number(collection.misses.length)} not taken`),
      ],
    ],
  };
}

function calls(found: TouchShape[], total: number): Block[] {
  if (total === 0) return [{ kind: 'paragraph', pieces: [piece('The case holds no record of touching a host.')] }];
  const shown = found.slice(0, MOST_SHAPES);
  const blocks: Block[] = [
    {
      kind: 'paragraph',
      pieces: [
        piece(
          `The hosts were touched ${count(total, 'time')}. Calls that differ only in an id, a process number or a time are one line here: {id}, {pid} and {n} stand for them. Longer scripts are named [script S1] and printed whole in their appendix. The exact command or call of each exhibit is in the list of exhibits and, with its standard error and exit status, in its record exhibit.json.`,
        ),
      ],
    },
    {
      kind: 'table',
      caption: 'Commands and calls by shape',
      columns: [
        { title: 'Command or call', width: 62 },
        { title: 'As root', width: 10 },
        { title: 'Times', width: 9, align: 'right' },
        { title: 'Failed', width: 9, align: 'right' },
        { title: 'Bytes', width: 14, align: 'right' },
      ],
      rows: shown.map((shape) => ({
        cells: [
          [line(piece(`${KIND[shape.kind]}  `, 'muted'), piece(shape.shape, 'mono'))],
          [line(shape.asRoot ? 'yes' : 'no')],
          [line(number(shape.times))],
          [line(number(shape.failed))],
          [line(number(shape.bytes))],
        ],
      })),
    },
  ];
  if (shown.length < found.length) {
    blocks.push({
      kind: 'paragraph',
      pieces: [piece(`${count(found.length - shown.length, 'more shape')} not shown; the ledger has each touch.`)],
    });
  }
  const sum = found.reduce((all, shape) => all + shape.bytes, 0);
  blocks.push({ kind: 'paragraph', look: 'small', pieces: [piece(`Received in all: ${bytes(sum)}.`, 'muted')] });
  return blocks;
}

const KIND = { exec: 'command', api: 'engine', connect: 'socket' } as const;
