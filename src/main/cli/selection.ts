import { type Command, Option } from 'commander';
import type { Selection } from '../../shared/contract/collect';
import { FOOTPRINTS, type Footprint, type Plan } from '../../shared/domain';
import { planTotals, totalsText } from '../../shared/totals';
import { visible } from '../../shared/visible';
import { type HostOptions, hostSpec, several, withHostOptions } from './connect';
import { usageError } from './errors';
import { bytesText, count, table, targetText } from './format';
import type { Io } from './io';

/** What to collect where: the options that `plan` and `collect` share. */
export interface SelectionOptions extends HostOptions {
  host?: string[];
  profile?: string;
  collector?: string[];
  target?: string[];
  input?: string[];
  without?: string[];
}

export function withSelectionOptions(command: Command): Command {
  return withHostOptions(
    command
      .addOption(
        new Option('--host <host>', 'host to take evidence from; may be repeated')
          .argParser(several)
          .makeOptionMandatory(),
      )
      .addOption(new Option('--profile <profile>', 'named list of collectors (default: triage)').conflicts('collector'))
      .addOption(new Option('--collector <id>', 'this collector only; may be repeated').argParser(several))
      .addOption(
        new Option('--without <id>', 'a collector of the profile to leave out; may be repeated').argParser(several),
      )
      .addOption(
        new Option('--target <target>', 'name or unique start of an id; may be repeated (default: all)').argParser(
          several,
        ),
      )
      .addOption(
        new Option('--input <id=json>', 'what a collector needs to be told, as JSON; may be repeated').argParser(
          several,
        ),
      ),
  );
}

/** The options as the contract takes them. */
export function selectionOf(io: Io, options: SelectionOptions): Selection {
  const addresses = [...new Set(options.host ?? [])];
  if (addresses.length === 0) throw usageError('No host was named.', 'Name one or more with --host.');
  return {
    hosts: addresses.map((address) => hostSpec(io, address, options)),
    profile: options.profile,
    collectors: options.collector,
    targets: options.target,
    without: options.without,
    inputs: options.input && Object.fromEntries(options.input.map(inputOf)),
  };
}

/** `container.files={"paths":["/etc/passwd"]}` as a collector's id and what it is told. */
function inputOf(text: string): [string, unknown] {
  const at = text.indexOf('=');
  const id = text.slice(0, at).trim();
  try {
    if (at > 0) return [id, JSON.parse(text.slice(at + 1))];
  } catch {
    // said below
  }
  throw usageError(
    `--input ${visible(text, { max: 100 })} is not of the form id=json.`,
    `For example: --input 'container.files={"paths":["/etc/passwd"]}'`,
  );
}

/** Whether a footprint goes beyond reading, and so needs a deliberate yes. */
export function needsConsent(footprint: Footprint): boolean {
  return FOOTPRINTS.indexOf(footprint) > FOOTPRINTS.indexOf('reads host');
}

/** A plan for a person: what will run in its order, then what will not and why. */
export function planText(plan: Plan): string {
  const runs = plan.items.filter((item) => item.impossible === undefined);
  const not = plan.items.filter((item) => item.impossible !== undefined);
  const oneHost = new Set(plan.items.map((item) => item.host)).size < 2;
  const head = [...(oneHost ? [] : ['HOST']), 'ORDER', 'COLLECTOR', 'TARGET', 'FOOTPRINT', 'ABOUT'].map((name) => ({
    head: name,
  }));
  const rows = runs.map((item) => [
    ...(oneHost ? [] : [visible(item.host, { max: 40 })]),
    item.volatility,
    item.collector,
    targetText(item.target),
    item.footprint,
    item.estimatedBytes === undefined ? '' : bytesText(item.estimatedBytes),
  ]);
  const parts = [table(head, rows), `${count(runs.length, 'item')}, deepest footprint: ${plan.footprint}\n`];
  parts.push(`Will give ${totalsText(planTotals(plan), bytesText)}\n`);
  if (not.length > 0) {
    const lines = not.map((item) => [item.collector, targetText(item.target), visible(item.impossible ?? '')]);
    parts.push(`\nWill not run:\n${table([{ head: 'COLLECTOR' }, { head: 'TARGET' }, { head: 'WHY' }], lines)}`);
  }
  return parts.join('');
}
