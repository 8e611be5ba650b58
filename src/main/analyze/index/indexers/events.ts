import { z } from 'zod';
import type { ExhibitRecord, TargetRef } from '../../../../shared/domain';
import { type Line, lineReader } from '../../formats/logs/lines';
import { epochTime } from '../../formats/logs/time';
import { defineIndexer, type IndexContext } from '../indexer';
import { correctionOf, eventTime } from '../lib/event';

/** A line of `GET /events`. timeNano is beyond what a number holds exactly: it is read from the line. */
const EventLine = z.object({
  Type: z.string().default(''),
  Action: z.string(),
  Actor: z.object({ ID: z.string().default(''), Attributes: z.record(z.string(), z.unknown()).nullish() }),
  time: z.number().optional(),
});

/** Events are short; the engine cuts nothing, so a longer line is none. */
const LINE_MAX = 1 << 20;

/** What the engine did: containers made, started, executed in, killed; images, volumes, networks. */
export default defineIndexer({
  id: 'events',
  version: '2',
  title: 'Events of the engine',
  accepts: ({ collector, kind }) => collector.id === 'engine.events' && kind === 'jsonl',
  async index(ctx, exhibits) {
    // Two collections of one host meet the same events: each is told once, where it was met first.
    const told = new Set<string>();
    for (const exhibit of exhibits) {
      await ctx.pause();
      const reader = lineReader((line) => one(ctx, exhibit, line, told), LINE_MAX);
      for await (const piece of ctx.stream(exhibit)) reader.push(Buffer.isBuffer(piece) ? piece : Buffer.from(piece));
      reader.end();
    }
  },
});

function one(ctx: IndexContext, exhibit: ExhibitRecord, line: Line, told: Set<string>): void {
  if (line.text.trim() === '') return;
  const key = `${exhibit.target.id} ${line.text}`;
  if (told.has(key)) return;
  told.add(key);
  const event = parse(line);
  const nanos = /"timeNano":(\d{19})[,}]/.exec(line.text)?.[1];
  const read = nanos === undefined ? epochTime(String(event?.time ?? '')) : epochTime(nanos);
  const time = read && eventTime(read, correctionOf(exhibit));
  if (!event || !time) {
    ctx.unreadable(exhibit, `Line ${line.number} is not an event of the engine.`);
    return;
  }
  const place = { exhibit: exhibit.id, locator: `line:${line.number}` };
  const { Type, Action, Actor } = event;
  const named = Actor.Attributes?.name;
  const name = typeof named === 'string' ? named : Actor.ID.slice(0, 12);
  const message = `${Type} ${Action}: ${name}${detail(Actor.Attributes)}`.slice(0, 4096);
  ctx.rows.event({
    ...place,
    ...time,
    target: targetOf(Type, Actor.ID, name, exhibit),
    source: 'engine',
    timestamp_desc: `Engine event: ${Action.split(':', 1)[0]}`,
    message,
  });
}

function parse(line: Line): z.infer<typeof EventLine> | undefined {
  if (line.cut) return undefined;
  try {
    return EventLine.safeParse(JSON.parse(line.text)).data;
  } catch {
    return undefined;
  }
}

function targetOf(type: string, id: string, name: string, exhibit: ExhibitRecord): TargetRef | undefined {
  return type === 'container' && /^[0-9a-f]{64}$/.test(id) ? { kind: 'container', id, name } : exhibit.target;
}

/** What an examiner asks of an event beside its name. */
function detail(attributes: Record<string, unknown> | null | undefined): string {
  const words = ['image', 'exitCode', 'signal', 'container', 'destination', 'execID'].flatMap((key) => {
    const value = attributes?.[key];
    return typeof value === 'string' && value !== '' ? [`${key}=${value}`] : [];
  });
  return words.length > 0 ? ` (${words.join(', ')})` : '';
}
