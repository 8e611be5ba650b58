import { PassThrough, Readable } from 'node:stream';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import type { CollectContext } from '../collector';
import { countersText, finalCounters, liveCounters } from './counters';
import type { CaptureTold } from './input';
import { type OwnConnection, wholeFilter } from './own';
import { announce } from './running';
import { CAPTURE, REFUSED } from './script';
import { headAndTail } from './text';

export interface CaptureSpec {
  /** The collector's id. */
  source: string;
  title: string;
  file: string;
  /** Name of the target, for who watches. */
  target: string;
  interface: string;
  /** A process whose network namespace is entered. */
  pid?: number;
  promiscuous: boolean;
  told: CaptureTold;
  own: OwnConnection | undefined;
}

/** How often the kernel's counters are asked for, in milliseconds. */
const ASK_MS = 1000;
/** How long tcpdump may take to hand over what it has once it was told to stop, in milliseconds. */
const GRACE_MS = 10_000;

/**
 * Captures packets of one interface into one exhibit, until a limit is reached or it is stopped. A capture that could not begin becomes
 * a miss with the reason. Rejects with what breaks it; what came is kept then, partial.
 */
export async function capturePackets(ctx: CollectContext, spec: CaptureSpec): Promise<void> {
  const { told, own } = spec;
  const excluded = told.ownTraffic ? undefined : own;
  const filter = wholeFilter(told.filter, excluded);
  const argv = [
    ...['sh', '-c', CAPTURE, 'lading', spec.pid === undefined ? '-' : String(spec.pid), spec.interface],
    ...[String(told.snapLength), String(told.packets ?? 0), spec.promiscuous ? 'yes' : 'no'],
    ...[String(told.seconds + 60), filter, told.filter.trim() === '' ? 'own' : 'examiner'],
    ...(excluded ? [excluded.client, excluded.clientPort, excluded.server, excluded.serverPort].map(String) : []),
  ];
  const stdin = new PassThrough();
  const execution = await ctx.host.exec(argv, { asRoot: true, stdin, signal: ctx.signal });
  const said = headAndTail(48 << 10, 16 << 10);
  let recent = '';
  let why = 'tcpdump ended it: a limit of packets was reached, or the interface is gone.';
  let stopping: NodeJS.Timeout | undefined;
  const stop = (reason: string) => {
    if (stopping) return;
    why = reason;
    stdin.end('stop\n');
    stopping = setTimeout(
      () =>
        execution.stdout.destroy(
          new LadingError('TIMED_OUT', 'The capture was told to stop and did not; it was broken off.'),
        ),
      GRACE_MS,
    );
  };
  const { capture, forget } = announce({
    collector: spec.source,
    host: ctx.facts.address,
    target: spec.target,
    interface: spec.interface,
    begun: new Date().toISOString(),
    bytes: 0,
    stop: () => stop('It was stopped by the examiner.'),
  });
  execution.stderr.on('data', (piece: Buffer) => {
    said.push(piece);
    recent = (recent + piece.toString('latin1')).slice(-4096);
    capture.counters = liveCounters(recent) ?? capture.counters;
  });
  const timers: NodeJS.Timeout[] = [];
  const pieces = (execution.stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  async function* limited(first: Buffer): AsyncGenerator<Buffer> {
    const most = told.megabytes * 1_000_000;
    for (let piece: Buffer | undefined = first; piece; piece = await nextOf(pieces)) {
      capture.bytes += piece.length;
      if (capture.bytes >= most) stop(`It ended at its limit of ${told.megabytes} MB, as it was told.`);
      yield piece;
    }
  }
  try {
    const first = await nextOf(pieces);
    if (!first) {
      const { code } = await execution.done;
      return await ctx.miss(code === REFUSED.tool ? 'not applicable' : 'unreadable', refusal(code, said.text()));
    }
    // From here on tcpdump listens to signals: the header of the file is written behind that.
    timers.push(
      setTimeout(() => stop(`It ended after ${told.seconds} s, as it was told.`), told.seconds * 1000),
      setInterval(() => {
        if (stdin.writable) stdin.write('stat\n');
        ctx.progress(capture.counters?.captured ?? 0);
      }, ASK_MS),
    );
    await ctx.exhibit(
      { file: spec.file, kind: 'pcap', title: spec.title },
      Readable.from(limited(first)),
      async () => {
        const exit = await execution.done;
        const counters = finalCounters(said.text());
        const notes = [
          told.ownTraffic
            ? 'the connection of Lading itself was captured as well, as it was told'
            : own
              ? 'the connection of Lading itself was left out by the filter'
              : ctx.host.transport === 'ssh'
                ? 'the host did not say which connection is that of Lading: nothing was left out'
                : 'Lading reaches this host without a network: there was nothing to leave out',
          why,
          counters ? countersText(counters) : 'it ended without its counters',
        ];
        return {
          kind: 'exec',
          argv: [...(ctx.host.before ?? []), ...argv],
          asRoot: true,
          exit: exit.code,
          signal: exit.signal,
          stderr: `${said.text()}\n${notes.map((note) => `lading: ${note}\n`).join('')}`,
          stderrBytes: said.bytes,
        };
      },
      (how) => {
        if (how.kind !== 'exec') return undefined;
        if (how.exit !== 0) return `The capture ended with status ${how.exit}: ${lastWords(said.text())}`;
        return finalCounters(how.stderr) ? undefined : 'The capture ended without its counters.';
      },
    );
  } finally {
    for (const timer of timers) clearInterval(timer);
    clearTimeout(stopping);
    forget();
    stdin.destroy();
  }
}

async function nextOf(pieces: AsyncIterator<Buffer>): Promise<Buffer | undefined> {
  const next = await pieces.next();
  return next.done ? undefined : next.value;
}

function lastWords(text: string): string {
  return visible(text.trim().split('\n').at(-1) ?? '', { max: 300 });
}

function refusal(code: number | null, text: string): string {
  const lines = text.split('\n').filter((line) => /^(tcpdump|nsenter|lading): /.test(line));
  const words = lines.filter((line) => !/^lading: (interface|clock|filter as|no ethtool)/.test(line)).join(' ');
  return `The capture did not begin (status ${code}): ${visible(words || lastWords(text), { max: 500 })}`;
}
