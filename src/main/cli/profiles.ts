import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { OwnProfile, Profile } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import { parseProfile } from '../collect/own-profiles';
import type { Context, Use } from './context';
import { EXIT, usageError } from './errors';
import { jsonText } from './output';

export function addProfiles(program: Command, use: Use): void {
  const profiles = program
    .command('profiles')
    .summary('named lists of collectors, and your own')
    .description("Lists Lading's profiles and your own. A profile of yours is one JSON file, so it can be shared.")
    .option('--json', 'print them as JSON')
    .action(
      use(async (context, options: { json?: boolean }) => {
        const all = await (await context.client()).collect.profiles();
        context.io.out(options.json ? jsonText(all) : `${all.map(profileText).join('\n\n')}\n`);
        return EXIT.done;
      }),
    );
  profiles
    .command('save')
    .summary('take a profile over from a file')
    .argument('<file>', 'JSON: id, title, description, collectors, inputs')
    .action(
      use(async (context, file: string) => {
        const profile = await readProfile(context, file);
        const saved = await (await context.client()).collect.saveProfile(profile);
        context.io.err(`Saved. Use it with --profile '${visible(saved.id)}'\n`);
        return EXIT.done;
      }),
    );
  profiles
    .command('show')
    .summary('print a profile as JSON, to be saved or shared')
    .argument('<id>', 'id of the profile')
    .action(
      use(async (context, id: string) => {
        const all = await (await context.client()).collect.profiles();
        const found = all.find((one) => one.id === id && one.unusable === undefined);
        if (!found)
          throw usageError(`There is no profile "${visible(id)}" that can be used.`, '`lading profiles` lists them.');
        const { title, description, collectors, inputs } = found;
        context.io.out(jsonText({ id, title, description, collectors, inputs }));
        return EXIT.done;
      }),
    );
  profiles
    .command('remove')
    .summary('delete a profile of yours')
    .argument('<id>', 'id of the profile')
    .action(
      use(async (context, id: string) => {
        await (await context.client()).collect.removeProfile({ id });
        return EXIT.done;
      }),
    );
}

async function readProfile({ io }: Context, file: string): Promise<OwnProfile> {
  let text: string;
  try {
    text = await readFile(resolve(io.cwd, file), 'utf8');
  } catch (cause) {
    throw new LadingError('FILE_UNREADABLE', `${visible(file)} cannot be read.`, { cause });
  }
  return parseProfile(text, file);
}

function profileText(one: Profile): string {
  const lines = [`${visible(one.id)}  ${visible(one.title)}${one.own ? ' (yours)' : ''}`];
  if (one.unusable !== undefined) lines.push(`  Cannot be used: ${visible(one.unusable, { max: 400 })}`);
  if (one.description) lines.push(`  ${visible(one.description, { max: 1000 })}`);
  if (one.collectors.length > 0) lines.push(`  ${visible(one.collectors.join(', '), { max: 20_000 })}`);
  return lines.join('\n');
}
