import type { Readable } from 'node:stream';
import { Readable as NodeReadable } from 'node:stream';
import { z } from 'zod';
import type { ExhibitMeta, How, Outcome, Target } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import type { CollectContext } from './collector';
import { endLeftOver } from './inside-end';
import { type Demuxed, demux } from './inside-stream';

/** One program to be run in a container, as argv: no shell of ours or of the container splits it. */
export interface InsideCommand {
  argv: readonly string[];
  /** Exit statuses besides 0 that come with whole output: debsums(1) says 2 where it found something. */
  whole?: readonly number[];
  /** What no output and exit 0 mean. */
  nothing?: string;
}

export interface InsideOptions {
  /** The container's own user when absent. */
  user?: string;
  timeoutMs: number;
  /** Another program is tried after this one: its failure without a word of output is not the last answer. */
  more?: boolean;
}

/** How a run ended: with an exhibit, with a miss that is recorded, or because the container has no such program. */
export type InsideEnd = { kind: 'taken' | 'missed' } | { kind: 'absent'; words: string };

const Created = z.object({ Id: z.string().min(1) });
const Inspected = z.object({
  ExitCode: z.number().int().nullish(),
  Running: z.boolean().nullish(),
  Pid: z.number().int().nullish(),
});

/** What an engine says to a program that is not there (runc, crun); it sends that as if the program had printed it. */
const REFUSAL = /^(OCI runtime exec failed|OCI runtime error|exec failed|runc|crun)\b/;
/** Such words are short; whatever is longer was printed by a program. */
const REFUSAL_LIMIT = 8192;
/** Engine answers kept as text, in bytes. */
const TEXT_LIMIT = 64 << 10;
/** How long after the end of its output a program may take to end, in milliseconds. */
const ENDING_MS = 2000;

/**
 * Runs one program in a container through the engine (Docker Engine API: POST /containers/{id}/exec, POST /exec/{id}/start,
 * GET /exec/{id}/json), without a terminal and without input, and stores its standard output. It is the container's
 * own program that answers: it may lie, and running it changes the evidence. Where nothing came the miss says why, in the
 * container's own words. Throws TIMED_OUT after `timeoutMs`; a program that still runs then is ended from the host's side
 * where that can be done, since it was Lading that started it.
 */
export async function runInside(
  ctx: CollectContext,
  target: Target,
  meta: ExhibitMeta,
  command: InsideCommand,
  options: InsideOptions,
): Promise<InsideEnd> {
  const { argv } = command;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(tooLong(argv, options.timeoutMs)), options.timeoutMs);
  const signal = AbortSignal.any([ctx.signal, limit.signal]);
  const created = await post(ctx, signal, `/containers/${encodeURIComponent(target.id)}/exec`, {
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Cmd: argv,
    ...(options.user !== undefined && { User: options.user }),
  }).catch((error) => {
    clearTimeout(timer);
    throw error;
  });
  let id: string | undefined;
  let ended = false;
  try {
    if (created.status >= 300) return await refused(ctx, created.status, created.text);
    id = parsed(Created, created.text, 'a new exec').Id;
    const started = await ctx.engine.request('POST', `/exec/${encodeURIComponent(id)}/start`, undefined, signal, {
      Detach: false,
      Tty: false,
    });
    if (started.status >= 300) return await refused(ctx, started.status, await textOf(started.body));
    const end = await store(ctx, meta, command, options, signal, id, demux(started.body));
    ended = true;
    return end;
  } finally {
    clearTimeout(timer);
    if (id !== undefined && !ended && !ctx.host.lost.aborted) await endLeftOver(ctx, target, id);
  }
}

async function store(
  ctx: CollectContext,
  meta: ExhibitMeta,
  command: InsideCommand,
  options: InsideOptions,
  signal: AbortSignal,
  id: string,
  output: Demuxed,
): Promise<InsideEnd> {
  const head: Buffer[] = [];
  let have = 0;
  let whole = false;
  // Enough to tell an engine's refusal from output; a refusal is the whole of what comes.
  for (;;) {
    const next = await output.stdout.next();
    if (next.done) {
      whole = true;
      break;
    }
    head.push(next.value);
    have += next.value.length;
    if (have > REFUSAL_LIMIT || !REFUSAL.test(Buffer.concat(head).toString('latin1', 0, 64))) break;
  }
  const said = Buffer.concat(head);
  let state: Awaited<ReturnType<typeof endOf>> | undefined;
  const end = async () => {
    state ??= await endOf(ctx, signal, id);
    return state;
  };
  if (whole) {
    const { exit } = await end();
    const words = visible(`${said.toString('utf8')} ${output.stderr().text}`.trim(), { max: 600 });
    const absent = exit === 126 || exit === 127;
    if (absent && (have === 0 || REFUSAL.test(said.toString('latin1', 0, 64)))) return { kind: 'absent', words };
    if (have === 0) {
      if (options.more && exit !== 0 && exit !== null) return { kind: 'absent', words };
      const [outcome, reason] = silence(command, exit, words);
      await ctx.miss(outcome, reason);
      return { kind: 'missed' };
    }
  }
  async function* bytes(): AsyncGenerator<Buffer> {
    yield said;
    while (!whole) {
      const next = await output.stdout.next();
      if (next.done) return;
      yield next.value;
    }
  }
  const how = async (): Promise<How> => {
    const { exit, inspect } = await end();
    const { text, bytes: stderrBytes } = output.stderr();
    return { kind: 'inside', argv: [...command.argv], user: options.user, exit, stderr: text, stderrBytes, inspect };
  };
  const judge = (ended: How) => (ended.kind === 'inside' ? fault(command, ended.exit, ended.stderr) : undefined);
  await ctx.exhibit(meta, NodeReadable.from(bytes()), how, judge);
  return { kind: 'taken' };
}

function silence(command: InsideCommand, exit: number | null, words: string): [Exclude<Outcome, 'found'>, string] {
  if (exit === 0) return ['none', command.nothing ?? 'The program ended well and gave no output.'];
  if (exit === null) return ['unreadable', 'The program gave no output, and the engine did not say how it ended.'];
  const denied = /permission denied|not permitted/i.test(words);
  return [denied ? 'denied' : 'unreadable', `The program ended with status ${exit}${words ? `: ${words}` : '.'}`];
}

function fault(command: InsideCommand, exit: number | null, stderr: string): string | undefined {
  if (exit === null) return 'How the program ended is not known, so its output may not be whole.';
  if (exit === 0 || command.whole?.includes(exit)) return undefined;
  const last = visible(stderr.trim().split('\n').at(-1) ?? '', { max: 300 });
  return `The program ended with status ${exit}${last ? `: ${last}` : '.'}`;
}

/** How the exec ended, by the engine, and the engine's own words. What cannot be asked any more is not known. */
async function endOf(
  ctx: CollectContext,
  signal: AbortSignal,
  id: string,
): Promise<{ exit: number | null; inspect?: string }> {
  const until = Date.now() + ENDING_MS;
  for (;;) {
    try {
      const response = await ctx.engine.request('GET', `/exec/${encodeURIComponent(id)}/json`, undefined, signal);
      const inspect = await textOf(response.body);
      if (response.status >= 300) return { exit: null, inspect };
      const { ExitCode, Running } = parsed(Inspected, inspect, 'an exec');
      // Its output may have ended before itself.
      if (!Running || Date.now() > until) return { exit: Running ? null : (ExitCode ?? null), inspect };
    } catch {
      return { exit: null };
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function post(ctx: CollectContext, signal: AbortSignal, path: string, body: unknown) {
  const response = await ctx.engine.request('POST', path, undefined, signal, body);
  return { status: response.status, text: await textOf(response.body) };
}

async function refused(ctx: CollectContext, status: number, body: string): Promise<InsideEnd> {
  const words = engineWords(body);
  // Some engines say so in a status instead of in the output.
  if (/executable file .*not found|no such file or directory/i.test(words)) return { kind: 'absent', words };
  const outcome = status === 404 ? 'missing' : status === 403 ? 'denied' : 'unreadable';
  await ctx.miss(outcome, `The engine answered ${status}: ${words}`);
  return { kind: 'missed' };
}

function engineWords(body: string): string {
  try {
    const { message } = z.object({ message: z.string() }).parse(JSON.parse(body));
    return visible(message, { max: 500 });
  } catch {
    return visible(body.trim(), { max: 500 }) || 'nothing more';
  }
}

function parsed<T>(schema: z.ZodType<T>, text: string, what: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new LadingError('ENGINE_ERROR', `The engine's answer about ${what} is not what the API says.`, { cause });
  }
}

async function textOf(body: Readable): Promise<string> {
  const kept: Buffer[] = [];
  let have = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    if (have < TEXT_LIMIT) kept.push(piece.subarray(0, TEXT_LIMIT - have));
    have += piece.length;
  }
  return Buffer.concat(kept).toString('utf8');
}

function tooLong(argv: readonly string[], ms: number): LadingError {
  const name = visible(argv[0] ?? '', { max: 80 });
  return new LadingError('TIMED_OUT', `${name} ran for more than ${Math.round(ms / 1000)} s in the container.`, {
    advice: 'Give it more time with its input "seconds", or ask for less.',
  });
}

/**
 * Runs the first of several programs that the container has. Where it has none, that is one miss with what it said to
 * each.
 */
export async function runFirstInside(
  ctx: CollectContext,
  target: Target,
  meta: ExhibitMeta,
  commands: readonly InsideCommand[],
  options: InsideOptions,
): Promise<void> {
  const said: string[] = [];
  for (const [i, command] of commands.entries()) {
    const end = await runInside(ctx, target, meta, command, { ...options, more: i + 1 < commands.length });
    if (end.kind !== 'absent') return;
    said.push(`${visible(command.argv[0] ?? '', { max: 80 })}: ${end.words || 'exit status 127'}`);
  }
  await ctx.miss('missing', `The container has no such program. ${said.join(' · ')}`);
}
