import { z } from 'zod';
import type { ExhibitMeta, Need, Target } from '../../shared/domain';
import { asLadingError } from '../../shared/errors';
import { type CollectContext, type Collector, defineCollector } from './collector';
import { captureContainerFrames, type SCRIPTS } from './frames';
import { type InsideCommand, runFirstInside } from './inside';

/** What the examiner may say of every program that is run in a container. */
export const InsideInput = z.object({
  user: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe('User to run it as in the container, by name or number: root, say. Its own user when empty.'),
  seconds: z
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(600)
    .describe('After so many seconds it is cut off; what came until then is kept.'),
});

export interface InsideAbout<Input extends typeof InsideInput> {
  id: string;
  title: string;
  answers: string;
  how: string;
  replaces: string[];
  kind?: ExhibitMeta['kind'];
  input?: Input;
  stallMs?: number;
  /** The programs to try, until the container has one. */
  commands(input: z.output<Input>): InsideCommand[];
  /** Looks at the same from the host's side just before and just after, for analyze/analyzers/cross-view.ts. */
  looks?: { script: keyof typeof SCRIPTS; title: string };
}

const NEEDS: Need[] = ['engine', 'running'];

/** A collector that asks a program of the container itself. All leave the same kind of trace, said here once. */
export function insideCollector<Input extends typeof InsideInput>(about: InsideAbout<Input>): Collector {
  const { id, title, answers, replaces, kind = 'text', looks } = about;
  const input = about.input ?? (InsideInput as Input);
  return defineCollector({
    id,
    version: '1.0.0',
    title,
    answers,
    how: `${about.how} It is the container's own answer, which may be a lie, and asking changes the evidence: a process, two events of the engine, access times.`,
    replaces,
    scope: 'container',
    // After everything that is read from the host's side, whatever it is about.
    volatility: 'host',
    footprint: 'runs in container',
    needs: NEEDS,
    input,
    stallMs: about.stallMs,
    async collect(ctx, target, said) {
      const told = input.parse(said ?? {}) as z.output<Input>;
      if (looks) await look(ctx, target, id, looks, 'just before');
      await runFirstInside(ctx, target, { file: `${id}.txt`, kind, title }, about.commands(told), {
        user: told.user,
        timeoutMs: told.seconds * 1000,
      });
      if (looks) await look(ctx, target, id, looks, 'just after');
    },
  });
}

/** The host's side needs root there; without it the container is asked all the same, and there is nothing to compare. */
async function look(
  ctx: CollectContext,
  target: Target,
  id: string,
  { script, title }: NonNullable<InsideAbout<typeof InsideInput>['looks']>,
  when: string,
): Promise<void> {
  const can = (need: Need) => ctx.facts.capabilities.some((one) => one.need === need && one.ok);
  if (!can('root') || !can('procfs')) return;
  try {
    await captureContainerFrames(ctx, target, { source: id, title: `${title}, ${when}` }, script);
  } catch (error) {
    if (ctx.signal.aborted) throw error;
    await ctx.miss('unreadable', `${title}, ${when}: ${asLadingError(error).message}`);
  }
}
