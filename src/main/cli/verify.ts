import { type Command, Option } from 'commander';
import { Sha256, VerifyResult } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import { several } from './connect';
import { casePath, type Use } from './context';
import { EXIT, usageError } from './errors';
import { bytesText, count, painter } from './format';
import type { Io } from './io';
import { jsonText } from './output';
import { runTask } from './task';

export function addVerify(program: Command, use: Use): void {
  program
    .command('verify')
    .summary('check that nothing in the case was changed')
    .description('Checks the ledger, every seal and every hash of every exhibit, and names each fault. Only reads.')
    .argument('<case>', 'folder of the case')
    .addOption(
      new Option(
        '--trusted-key <fingerprint>',
        "fingerprint of the examiner's key, had by other means; a seal by another is foreign; may be repeated",
      ).argParser(several),
    )
    .option('--json', 'print the result as JSON')
    .action(
      use(async (context, given: string, options: { trustedKey?: string[]; json?: boolean }) => {
        const { io } = context;
        // Not opened first: opening sets right what a crash left, and a check must find the case as it lies there.
        const client = await context.client();
        const { task: id } = await client.custody.verify({
          case: casePath(io, given),
          trustedKeys: options.trustedKey?.map(keyFingerprint),
        });
        const task = await runTask(context, client, id);
        const parsed = VerifyResult.safeParse(task.result);
        if (!parsed.success) throw new LadingError('INTERNAL', 'The verification gave no result.');
        io.out(options.json ? jsonText(parsed.data) : verdictText(io, parsed.data));
        return parsed.data.ok ? EXIT.done : EXIT.failed;
      }),
    );
}

/** A fingerprint as `lading seal` prints it; colons and capitals, as other tools write it, are taken too. */
function keyFingerprint(text: string): string {
  const parsed = Sha256.safeParse(text.replaceAll(':', '').toLowerCase());
  if (parsed.success) return parsed.data;
  throw usageError(`"${visible(text, { max: 80 })}" is no fingerprint of a key.`, 'It has 64 hexadecimal digits.');
}

function verdictText(io: Io, result: VerifyResult): string {
  const paint = painter(io.outIsTerminal, io.env);
  const what = `${count(result.exhibits, 'exhibit')} (${bytesText(result.bytes)}), ${count(result.entries, 'ledger entry', 'ledger entries')}, ${count(result.seals, 'seal')}`;
  const seal =
    result.unsealed === null
      ? 'Never sealed.'
      : result.unsealed === 0
        ? 'The seal covers all of it.'
        : `${count(result.unsealed, 'entry', 'entries')} after the last seal.`;
  const lines = [
    result.ok
      ? `${paint('green', 'Intact')}: ${what}. ${seal}`
      : `${paint('red', 'NOT INTACT')}: ${count(result.faults.length, 'fault')} in ${what}. ${seal}`,
    `Head: entry ${result.head.seq}, ${visible(result.head.hash)}`,
    ...result.faults.map((fault) => `${paint('red', fault.kind)}: ${visible(fault.path)}: ${visible(fault.detail)}`),
    ...result.interrupted.map((line) => `Interrupted, no fault: ${visible(line)}`),
  ];
  return `${lines.join('\n')}\n`;
}
