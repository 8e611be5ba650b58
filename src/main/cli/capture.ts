import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { connectAll, type HostOptions, hostSpec, several, withHostOptions } from './connect';
import { type Client, type Context, inCase, type Use } from './context';
import { EXIT } from './errors';
import { bytesText, count } from './format';
import { createProgress } from './progress';
import { taskError } from './task';

interface Options extends HostOptions {
  host: string;
  target: string[];
  filter: string;
  duration: number;
  packets?: number;
  megabytes?: number;
  where: 'host' | 'namespace';
  reason?: string;
}

const Result = z.object({ exhibits: z.number(), partial: z.number(), misses: z.number() });

export function addCapture(program: Command, use: Use): void {
  withHostOptions(program.command('capture'))
    .summary('capture packets of containers')
    .description(
      'Captures the packets of containers, one exhibit each, with samples of their sockets; nothing is written on the host. Ctrl-C stops it and what came is whole; once more cancels. Bridges and the host: `lading collect --collector network.capture` or `host.capture`.',
    )
    .argument('<case>', 'folder of the case')
    .addOption(new Option('--host <host>', 'host the containers run on').makeOptionMandatory())
    .addOption(
      new Option('--target <container>', 'name or id; may be repeated').argParser(several).makeOptionMandatory(),
    )
    .option('--filter <expression>', 'as tcpdump takes it (pcap-filter)', '')
    .addOption(new Option('--duration <seconds>', 'stop after so long').argParser(positive).default(30))
    .addOption(new Option('--packets <count>', 'stop after so many').argParser(positive))
    .addOption(new Option('--megabytes <size>', 'stop after so much').argParser(positive))
    .addOption(
      new Option('--where <place>', 'at the host’s end of the interfaces, or in the container’s network')
        .choices(['host', 'namespace'])
        .default('host'),
    )
    .option('--reason <text>', 'why, for the ledger')
    .action(
      use((context, given: string, options: Options) => {
        const spec = hostSpec(context.io, options.host, options);
        const { duration: seconds, packets, megabytes, filter, where } = options;
        return inCase(context, given, { write: true }, async (opened, client) => {
          await connectAll(context.io, client, [spec], options, opened.path);
          const { task } = await client.collect.start({
            case: opened.path,
            hosts: [spec],
            collectors: ['container.capture'],
            targets: options.target,
            inputs: { 'container.capture': { seconds, packets, megabytes, filter, where } },
            reason: options.reason,
          });
          return follow(context, client, task);
        });
      }),
    );
}

/** `30` or `30s`; more than a week is refused by the core. */
function positive(text: string): number {
  const value = Number(text.replace(/s$/, ''));
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('a number above 0 is needed.');
}

async function follow({ io }: Context, client: Client, id: string): Promise<number> {
  const progress = createProgress(io);
  let interrupts = 0;
  const stopAll = async () => {
    for (const one of await client.live.captures()) await client.live.stopCapture({ id: one.id });
  };
  const release = io.onInterrupt(() => {
    interrupts += 1;
    progress.finish();
    if (interrupts === 1) {
      io.err('Stopping; what came is whole. Ctrl-C again cancels.\n');
      stopAll().catch(() => {});
    } else if (interrupts === 2) {
      io.err('Cancelling; what came is kept and marked partial.\n');
      client.tasks.cancel({ id }).catch(() => {});
    } else io.exit(EXIT.interrupted);
  });
  try {
    for await (const task of await client.tasks.watch({ id })) {
      progress.update(task);
      if (task.state === 'running') continue;
      progress.finish();
      if (task.state !== 'done') throw taskError(task);
      const { exhibits, partial, misses } = Result.parse(task.result);
      io.err(`Captured ${bytesText(task.bytes)} in ${count(exhibits, 'exhibit')}`);
      io.err(
        `${partial > 0 ? `, ${partial} partial` : ''}${misses > 0 ? `, ${count(misses, 'miss', 'misses')}` : ''}.\n`,
      );
      return exhibits === 0 || partial > 0 ? EXIT.failed : EXIT.done;
    }
    return EXIT.failed;
  } finally {
    progress.finish();
    release();
  }
}
