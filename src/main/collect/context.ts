import type { Readable } from 'node:stream';
import type { Access, ExhibitMeta, ExhibitRecord, How, Outcome, Target } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import type { EvidenceDoor } from '../custody/evidence';
import type { Provenance } from '../custody/record';
import type { Engine } from '../docker/engine';
import type { HostSession } from '../docker/session';
import type { Exit } from '../hosts/host';
import type { CollectContext } from './collector';

/** stderr kept in a record, and of an engine's error body, in bytes. */
const WORDS_KEPT = 64 << 10;

/** What one item of a plan is run with. */
export interface ItemRun {
  session: HostSession;
  target: Target;
  door: Pick<EvidenceDoor, 'store'>;
  /** Everything a record says that is known before the bytes flow. */
  provenance: Omit<Provenance, 'accesses'>;
  /** Partial exhibits that a lost connection cut off at the first try, by `followKey`. */
  follows?: ReadonlyMap<string, string>;
  /** Touches of the host that no record has taken up yet. */
  accesses: Access[];
  signal: AbortSignal;
  onBytes(bytes: number): void;
  onStored(record: ExhibitRecord): void;
  onMiss(outcome: Exclude<Outcome, 'found'>, reason: string): Promise<void>;
  onProgress(done: number, total?: number): void;
  onReferred(exhibit: string, digest: string): Promise<void>;
  /** Whole exhibits of the case by their SHA-256, and those being taken now. */
  known: KnownBytes;
}

/** What the case has already, by SHA-256. */
export interface KnownBytes {
  find(digest: string): string | undefined;
  /** What is being taken at this moment, so that two do not fetch the same. */
  taking: Map<string, Promise<unknown>>;
}

/** What names an exhibit among those of one item, so that the same is known again at a second try. */
export function followKey({ file, title }: Pick<ExhibitMeta, 'file' | 'title'>): string {
  return JSON.stringify([file, title]);
}

/** The engine as an item sees it: a call that says nothing of when it shall end ends with the item. */
function endingWith(engine: Engine, signal: AbortSignal): Engine {
  return {
    facts: engine.facts,
    docker: engine.docker,
    request: (method, path, query, own, body) => engine.request(method, path, query, own ?? signal, body),
    json: (schema, path, query, own) => engine.json(schema, path, query, own ?? signal),
    close: () => engine.close(),
  };
}

/** Makes the context a collector is given. */
export function collectContext(run: ItemRun): CollectContext {
  const { session, signal } = run;

  async function store(
    meta: ExhibitMeta,
    source: Readable,
    how: () => How | Promise<How>,
    judge?: (how: How) => string | undefined,
  ): Promise<ExhibitRecord | undefined> {
    const accesses: Access[] = [];
    const { record, broken } = await run.door.store(
      meta,
      { ...run.provenance, follows: run.follows?.get(followKey(meta)), accesses },
      source,
      async () => {
        const ended = await how();
        accesses.push(...run.accesses.splice(0));
        return ended;
      },
      { signal, onBytes: run.onBytes, judge },
    );
    if (record) run.onStored(record);
    if (broken) throw broken;
    return record;
  }

  const context: CollectContext = {
    facts: session.facts,
    host: session.host,
    get engine() {
      if (session.engine) return endingWith(session.engine, signal);
      throw new LadingError(
        'NOT_POSSIBLE',
        `${session.facts.address} has no engine: ${session.facts.engineError ?? ''}`,
      );
    },
    signal,
    async exhibit(meta, source, how, judge) {
      const record = await store(meta, source, how, judge);
      if (record) return record;
      throw new LadingError('NOT_POSSIBLE', `${meta.title}: there was nothing to store.`);
    },
    async capture(meta, argv, options = {}) {
      const execution = await session.host.exec(argv, { ...options, signal });
      const words = gather(execution.stderr);
      // Its failure is met by `how` below; until then nobody may call it unhandled.
      execution.done.catch(() => undefined);
      let exit: Exit | undefined;
      const record = await store(
        meta,
        execution.stdout,
        async () => {
          exit = await execution.done;
          const { text, bytes } = await words;
          return {
            kind: 'exec',
            // as it was really run: a toolbox stands before it
            argv: [...(session.host.before ?? []), ...argv],
            asRoot: options.asRoot ?? false,
            exit: exit.code,
            signal: exit.signal,
            stderr: text,
            stderrBytes: bytes,
          };
        },
        (how) => (how.kind === 'exec' ? failure(how.exit, how.signal, how.stderr) : undefined),
      );
      if (record) return record;
      exit ??= await execution.done;
      const { text } = await words;
      const failed = failure(exit.code, exit.signal, text);
      const { nothing = { outcome: 'none', reason: 'The command ended well and gave no output.' } } = options;
      await run.onMiss(failed ? outcomeOf(text) : nothing.outcome, failed ?? nothing.reason);
      return undefined;
    },
    async fetch(meta, path, query) {
      const response = await context.engine.request('GET', path, query, signal);
      if (response.status >= 400) {
        const { text } = await gather(response.body);
        await run.onMiss(
          response.status === 404 ? 'missing' : response.status === 403 ? 'denied' : 'unreadable',
          `The engine answered ${response.status}: ${engineWords(text)}`,
        );
        return undefined;
      }
      const record = await store(meta, response.body, () => ({
        kind: 'api',
        method: 'GET',
        path: response.path,
        status: response.status,
        contentType: header(response.headers['content-type']),
      }));
      if (!record) await run.onMiss('none', 'The engine answered with nothing.');
      return record;
    },
    miss: run.onMiss,
    async once(digest, take) {
      // Who waits for another's fetch looks again: that one may have failed or been cut off.
      for (let other = run.known.taking.get(digest); other; other = run.known.taking.get(digest)) await other;
      const held = run.known.find(digest);
      if (held) return run.onReferred(held, digest);
      const taking = take();
      run.known.taking.set(
        digest,
        taking.catch(() => undefined),
      );
      try {
        await taking;
      } finally {
        run.known.taking.delete(digest);
      }
    },
    progress: run.onProgress,
  };
  return context;
}

/** Reads a stream to its end, keeping the first bytes as text; constant memory whatever a host sends. */
async function gather(stream: Readable): Promise<{ text: string; bytes: number }> {
  const kept: Buffer[] = [];
  let have = 0;
  let bytes = 0;
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (have >= WORDS_KEPT) continue;
      kept.push(piece.subarray(0, WORDS_KEPT - have));
      have += piece.length;
    }
  } catch {
    // What broke the command's output is reported by its end; what it said until then is worth keeping.
  }
  return { text: Buffer.concat(kept).toString('utf8'), bytes };
}

function failure(exit: number | null, signal: string | undefined, stderr: string): string | undefined {
  if (exit === 0) return undefined;
  const said = stderr.trim() === '' ? '' : `: ${visible(stderr.trim().split('\n').at(-1) ?? '', { max: 300 })}`;
  return exit === null
    ? `The command was ended by signal ${signal ?? 'unknown'}${said}`
    : `The command ended with status ${exit}${said}`;
}

function outcomeOf(stderr: string): Exclude<Outcome, 'found'> {
  if (/permission denied|not permitted|may not run sudo|password is required/i.test(stderr)) return 'denied';
  if (/no such (file|process)|not found/i.test(stderr)) return 'missing';
  return 'unreadable';
}

function engineWords(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (parsed && typeof parsed === 'object' && 'message' in parsed)
      return visible(String(parsed.message), { max: 500 });
  } catch {
    // not JSON: shown as it is
  }
  return visible(body.trim(), { max: 500 }) || 'nothing more';
}

function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** What a collector's failure means for its item: looked and could not, and why. */
export function missOf(error: unknown): { outcome: Exclude<Outcome, 'found'>; reason: string } {
  const { code, message } = asLadingError(error);
  switch (code) {
    case 'TARGET_GONE':
      return { outcome: 'missing', reason: message };
    case 'ROOT_REQUIRED':
    case 'ENGINE_DENIED':
    case 'AUTH_FAILED':
      return { outcome: 'denied', reason: message };
    case 'NOT_POSSIBLE':
      return { outcome: 'not applicable', reason: message };
    default:
      return { outcome: 'unreadable', reason: message };
  }
}
