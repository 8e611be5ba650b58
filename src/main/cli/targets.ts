import { type Command, Option } from 'commander';
import { TargetKind } from '../../shared/domain';
import { visible } from '../../shared/visible';
import { connectHost, type HostOptions, hostSpec, withHostOptions } from './connect';
import type { Use } from './context';
import { EXIT } from './errors';
import { shortId, table } from './format';
import { jsonText } from './output';

interface Options extends HostOptions {
  kind?: string;
  json?: boolean;
}

export function addTargets(program: Command, use: Use): void {
  withHostOptions(program.command('targets'))
    .summary('containers, images, volumes, networks of a host')
    .argument('<host>', 'as for `lading hosts check`')
    .addOption(new Option('--kind <kind>', 'only this kind').choices(TargetKind.options))
    .option('--json', 'print JSON')
    .action(
      use(async (context, address: string, options: Options) => {
        const { io } = context;
        const client = await context.client();
        const spec = hostSpec(io, address, options);
        await connectHost(io, client, spec, options);
        const targets = (await client.hosts.targets({ host: spec })).filter(
          (target) => options.kind === undefined || target.kind === options.kind,
        );
        if (options.json) io.out(jsonText(targets));
        else {
          const rows = targets.map((target) => [
            target.kind,
            shortId(target.id),
            visible(target.name, { max: 60 }),
            visible(target.state ?? '', { max: 20 }),
            visible(target.detail ?? '', { max: 60 }),
          ]);
          const columns = ['KIND', 'ID', 'NAME', 'STATE', 'DETAIL'].map((head) => ({ head }));
          io.out(table(columns, rows));
        }
        return EXIT.done;
      }),
    );
}
