import { z } from 'zod';
import type { Citation, ExhibitRecord, TargetRef } from '../../../../../shared/domain';
import { visible } from '../../../../../shared/visible';
import type { AnalyzeContext } from '../../../analyzer';
import { readDoc, readJsonLines } from '../doc';

/** A line of `GET /events`. Other fields are not used. */
const EventLine = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({
    ID: z.string().default(''),
    Attributes: z.record(z.string(), z.unknown()).nullish(),
  }),
  time: z.number().optional(),
  timeNano: z.number().optional(),
});

/** An event of the engine, with its place. */
export interface EngineEvent {
  type: string;
  /** 'exec_create: sh -c id' is action 'exec_create' with command 'sh -c id'. */
  action: string;
  command?: string;
  actor: string;
  attributes: Record<string, string>;
  /** Milliseconds since 1970 on the host's clock, for sorting; 0 where the event has no time. */
  at: number;
  /** The engine's own id, of the host that the events were taken from. */
  host: TargetRef;
  cite: Citation;
}

/** UTC, or words where the host gave no time that can be one. */
export function eventTime({ at }: Pick<EngineEvent, 'at'>): string {
  const date = new Date(at);
  return at > 0 && !Number.isNaN(date.getTime()) ? date.toISOString() : 'an unknown time';
}

/** What a finding about an event is about: its container, under the name it had then, else the host. */
export function eventTarget({ type, actor, attributes, host }: EngineEvent): TargetRef {
  if (type === 'container' && actor)
    return { kind: 'container', id: actor, name: attributes.name ?? actor.slice(0, 12) };
  return host;
}

function attributesOf(given: Record<string, unknown> | null | undefined): Record<string, string> {
  const texts = Object.entries(given ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(texts);
}

/** Reads one exhibit's events; lines that are none are reported. */
export async function readEvents(ctx: AnalyzeContext, exhibit: ExhibitRecord): Promise<EngineEvent[]> {
  const { kind, id, name } = exhibit.target;
  const lines = await readJsonLines(ctx, exhibit);
  return lines.flatMap(({ line, doc, cite }) => {
    const parsed = EventLine.safeParse(doc.value);
    if (!parsed.success) {
      ctx.unreadable(exhibit, `Line ${line} is not an event of the engine.`);
      return [];
    }
    const { Type, Action, Actor, time, timeNano } = parsed.data;
    const cut = Action.indexOf(': ');
    return [
      {
        type: Type,
        action: cut < 0 ? Action : Action.slice(0, cut),
        command: cut < 0 ? undefined : Action.slice(cut + 2).trim(),
        actor: Actor.ID,
        attributes: attributesOf(Actor.Attributes),
        at: Math.floor(timeNano ? timeNano / 1e6 : (time ?? 0) * 1000),
        host: { kind, id, name },
        cite,
      },
    ];
  });
}

/**
 * The events of every collection, each once: two collections of one host meet the same events. In the order of their
 * time, so that the first of several like ones stays the first whatever is collected later.
 */
export function distinctEvents(events: readonly EngineEvent[]): EngineEvent[] {
  const once = new Map<string, EngineEvent>();
  for (const event of events) {
    const { cite, ...rest } = event;
    const key = JSON.stringify(rest);
    const held = once.get(key);
    if (!held || Number(cite.exhibit.slice(1)) < Number(held.cite.exhibit.slice(1))) once.set(key, event);
  }
  return [...once.values()].sort((a, b) => a.at - b.at);
}

/** 'once', or how often and until when, beyond the one that is cited. */
export function repeated(events: readonly EngineEvent[]): string {
  const last = events.at(-1);
  if (!last || events.length < 2) return '';
  return ` The same was seen ${events.length} times in all, last at ${eventTime(last)}.`;
}

/** The commands of containers' health checks, as the engine's exec events show them, by container id. */
export async function healthChecks(ctx: AnalyzeContext): Promise<Map<string, Set<string>>> {
  const known = new Map<string, Set<string>>();
  const inspected = ctx.exhibits.filter(
    ({ collector, kind }) => collector.id === 'container.inspect' && kind === 'json',
  );
  for (const exhibit of inspected) {
    try {
      const doc = await readDoc(ctx, exhibit);
      const [first, ...rest] = doc.list(z.string(), 'Config', 'Healthcheck', 'Test').map(({ value }) => value);
      const shell = doc.list(z.string(), 'Config', 'Shell').map(({ value }) => value);
      const words = first === 'CMD-SHELL' ? [...(shell.length > 0 ? shell : ['/bin/sh', '-c']), ...rest] : rest;
      if (words.length === 0 || first === 'NONE') continue;
      const commands = known.get(exhibit.target.id) ?? new Set<string>();
      known.set(exhibit.target.id, commands.add(words.join(' ').trim()));
    } catch (error) {
      if (error instanceof Error && error.name === 'AbortError') throw error;
      // said by the analyzer of configurations, which reads the same exhibit
    }
  }
  return known;
}

/** Names of things in events are hostile text. */
export function named(attributes: Record<string, string>, key: string, otherwise: string): string {
  return visible(attributes[key] || otherwise, { max: 200 });
}
