import { randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import type { ExhibitRecord } from '../../../shared/domain';
import type { CollectContext } from '../collector';
import { announce } from './running';
import { CONTAINER_SAMPLES, HOST_SAMPLES } from './script';
import { headAndTail } from './text';

export interface SampleSpec {
  /** The id of the collector, also the source that the exhibit names. */
  source: string;
  title: string;
  /** Name of the target, for who watches. */
  target: string;
  /** The container whose processes are looked at; the whole host without it. */
  container?: { id: string; pid: number };
  everySeconds: number;
  seconds: number;
  bytes: number;
}

export interface Sampling {
  /** Resolves once the first sample is whole, or can never be. */
  begun: Promise<void>;
  /** One more sample, then the end. */
  stop(): void;
  ended: Promise<ExhibitRecord | undefined>;
}

/** How long the host may take for its last sample, in milliseconds. */
const GRACE_MS = 30_000;

/** Begins a series of samples of sockets and their holders, stored as one exhibit of frames that grows. */
export async function beginSamples(ctx: CollectContext, spec: SampleSpec): Promise<Sampling> {
  const boundary = randomBytes(16).toString('hex');
  const stdin = new PassThrough();
  stdin.write(`${boundary}\n`);
  const limits = [String(spec.everySeconds), String(spec.seconds + GRACE_MS / 1000)];
  const argv = spec.container
    ? ['sh', '-c', CONTAINER_SAMPLES, 'lading', spec.source, ...limits, spec.container.id, String(spec.container.pid)]
    : ['sh', '-c', HOST_SAMPLES, 'lading', spec.source, ...limits];
  const execution = await ctx.host.exec(argv, { asRoot: true, stdin, signal: ctx.signal });
  const said = headAndTail(48 << 10, 16 << 10);
  execution.stderr.on('data', (piece: Buffer) => said.push(piece));
  let isBegun: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    isBegun = resolve;
  });
  let grace: NodeJS.Timeout | undefined;
  let why = 'The host ended it.';
  let stopped = false;
  const stop = (reason: string) => {
    if (stopped) return;
    stopped = true;
    why = reason;
    stdin.end('stop\n');
    grace = setTimeout(() => execution.stdout.destroy(new Error('The host did not stop sampling.')), GRACE_MS);
  };
  const timer = setTimeout(() => stop(`It ended after ${spec.seconds} s, as it was told.`), spec.seconds * 1000);
  const { capture, forget } = announce({
    collector: spec.source,
    host: ctx.facts.address,
    target: spec.target,
    interface: '',
    begun: new Date().toISOString(),
    bytes: 0,
    stop: () => stop('It was stopped by the examiner.'),
  });
  const mark = Buffer.from(`\n${boundary} output - sample.end 0\n`);
  async function* watched(): AsyncGenerator<Buffer> {
    let tail = Buffer.alloc(0);
    let samples = 0;
    for await (const piece of execution.stdout as AsyncIterable<Buffer>) {
      capture.bytes += piece.length;
      const look = Buffer.concat([tail, piece]);
      for (let at = look.indexOf(mark); at >= 0; at = look.indexOf(mark, at + mark.length)) {
        samples += 1;
        isBegun();
        ctx.progress(samples);
      }
      tail = look.subarray(Math.max(0, look.length - mark.length + 1));
      yield piece;
      if (capture.bytes >= spec.bytes) stop('It ended at its limit of bytes, as it was told.');
    }
  }
  const store = async () => {
    try {
      return await ctx.exhibit(
        { file: `${spec.source}.frames`, kind: 'frames', title: spec.title },
        Readable.from(watched()),
        async () => {
          const exit = await execution.done;
          return {
            kind: 'exec',
            argv: [...(ctx.host.before ?? []), ...argv],
            asRoot: true,
            exit: exit.code,
            signal: exit.signal,
            stderr: `${said.text()}lading: ${why}\n`,
            stderrBytes: said.bytes,
          };
        },
        (how) => (how.kind === 'exec' && how.exit !== 0 ? `Sampling ended with status ${how.exit}.` : undefined),
      );
    } finally {
      clearTimeout(timer);
      clearTimeout(grace);
      forget();
      isBegun();
      stdin.destroy();
    }
  };
  const ended = store();
  ended.catch(() => undefined);
  return { begun, stop: () => stop('It ended with the capture.'), ended };
}
