import type { Command } from 'commander';
import type { HostFacts } from '../../shared/domain';
import { visible } from '../../shared/visible';
import { connectHost, type HostOptions, hostSpec, withHostOptions } from './connect';
import type { Use } from './context';
import { EXIT } from './errors';
import { offsetText, pad, table } from './format';
import { jsonText } from './output';

interface Options extends HostOptions {
  json?: boolean;
}

export function addHosts(program: Command, use: Use): void {
  const hosts = program.command('hosts').summary('the machines that evidence is taken from');

  hosts
    .command('list')
    .summary('hosts that this machine knows')
    .description('Lists the local engine, the names of ~/.ssh/config and the Docker contexts. Connects to nothing.')
    .option('--json', 'print JSON')
    .action(
      use(async (context, options: { json?: boolean }) => {
        const suggestions = await (await context.client()).hosts.suggestions();
        if (options.json) context.io.out(jsonText(suggestions));
        else {
          const rows = suggestions.map((one) => [visible(one.address), one.source, visible(one.detail, { max: 80 })]);
          context.io.out(table([{ head: 'HOST' }, { head: 'KNOWN FROM' }, { head: 'DETAIL' }], rows));
        }
        return EXIT.done;
      }),
    );

  withHostOptions(hosts.command('check'))
    .summary('facts of a host, what can be taken and what cannot')
    .description(
      'Connects to HOST outside any case and says what it is, what can be taken there, and what cannot and why.',
    )
    .argument('<host>', 'local, unix:///path, ssh://user@host[:port], or a name from ~/.ssh/config or docker context')
    .option('--json', 'print the facts as JSON')
    .action(
      use(async (context, address: string, options: Options) => {
        const { io } = context;
        const client = await context.client();
        const facts = await connectHost(io, client, hostSpec(io, address, options), options);
        io.out(options.json ? jsonText(facts) : factsText(facts));
        return EXIT.done;
      }),
    );
}

/** A host's facts for a person. */
export function factsText(facts: HostFacts): string {
  const { engine, clock } = facts;
  const rows: [string, string | undefined][] = [
    ['Host', `${facts.hostname} (${facts.address})`],
    ['Key', facts.hostKey && `${facts.hostKey.algorithm} ${facts.hostKey.fingerprint}`],
    ['Machine id', facts.machineId],
    ['System', `${facts.os}, kernel ${facts.kernel}, ${facts.arch}`],
    ['Login', `${facts.user}${facts.root ? ', commands can run as root' : ', not root'}`],
    [
      'Clock',
      clock &&
        `${clock.hostTime}, ${offsetText(clock.offsetMs)} against this machine (give or take ${Math.ceil(clock.uncertaintyMs)} ms)`,
    ],
    ['Time zone', facts.timeZone],
    [
      'Engine',
      engine
        ? `${engine.product} ${engine.version}, API ${engine.apiVersion}`
        : `none: ${facts.engineError ?? 'not found'}`,
    ],
    ['Socket', engine && `${engine.socket}, ${engine.via}`],
    ['Storage', engine && `${engine.storageDriver} in ${engine.rootDir}; logs ${engine.loggingDriver}`],
    ['Containers', engine && `${engine.containers}, of them running ${engine.running}; images ${engine.images}`],
  ];
  const lines = rows.flatMap(([name, value]) => (value === undefined ? [] : [`${pad(name, 11)} ${visible(value)}`]));
  const capabilities = facts.capabilities.map((one) => [one.need, one.ok ? 'yes' : 'no', visible(one.reason)]);
  return `${lines.join('\n')}\n\n${table([{ head: 'NEED' }, { head: 'MET' }, { head: 'WHY' }], capabilities)}`;
}
