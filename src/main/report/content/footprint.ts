import { z } from 'zod';
import { type Access, Footprint } from '../../../shared/domain';
import type { ReportInput } from '../input';
import type { Block, Row } from '../types';
import { clip, command, count, line, number, piece } from './format';
import { changesSomething, makesEvent, mountsLayers, runsInContainer } from './touches';

/** What the examination caused on the hosts, counted from the record of touches, not from what was intended. */
export function footprint(input: ReportInput, all: readonly Access[]): Block[] {
  if (all.length === 0) return [{ kind: 'paragraph', pieces: [piece('Nothing: no host was touched.')] }];
  const ssh = new Set(
    input.data.hosts.filter((host) => host.facts.transport === 'ssh').map((host) => host.facts.address),
  );
  const rows = [
    sessions(input, ssh),
    commands(all),
    sudo(all, input),
    engineCalls(all),
    engineEvents(all),
    layerMounts(all),
    changes(all),
    inside(all),
  ].filter((row): row is Row => row !== undefined);
  return [
    {
      kind: 'paragraph',
      pieces: [
        piece(
          'A live system changes by itself and by being examined. What Lading itself caused, counted from its own record of every touch:',
        ),
      ],
    },
    {
      kind: 'table',
      caption: 'Traces of the examination',
      columns: [
        { title: 'Trace', width: 26 },
        { title: 'Times', width: 10, align: 'right' },
        { title: 'Where it shows, and why', width: 64 },
      ],
      rows,
    },
    { kind: 'paragraph', pieces: [piece(`${conclusion(all)} ${declared(input)}`)] },
  ];
}

function row(trace: string, times: number, text: string): Row {
  return { cells: [[line(piece(trace, 'strong'))], [line(number(times))], [line(text)]] };
}

function sessions(input: ReportInput, ssh: Set<string>): Row | undefined {
  const times = input.ledger.filter((entry) => entry.action === 'host.connected').length;
  if (ssh.size === 0) return undefined;
  return row(
    'SSH connections',
    times,
    'sshd logs each login of itself (auth.log or the journal; wtmp, lastlog and utmp where it keeps them), with the address of the examiner’s machine. A login may start a session scope of systemd-logind.',
  );
}

function commands(all: readonly Access[]): Row | undefined {
  const run = all.filter((access) => access.kind === 'exec');
  if (run.length === 0) return undefined;
  return row(
    'Commands on the host',
    run.length,
    'Short-lived processes of the login’s user; process accounting or auditd, where they are on, record them. Access times of files read may move, as the mount options of the host say (relatime, noatime).',
  );
}

function sudo(all: readonly Access[], input: ReportInput): Row | undefined {
  const byAddress = new Map(input.data.hosts.map((host) => [host.facts.address, host.facts.uid]));
  const run = all.filter((access) => access.kind === 'exec' && access.asRoot && byAddress.get(access.host) !== 0);
  if (run.length === 0) return undefined;
  return row('Commands through sudo', run.length, 'sudo logs each to the host’s authentication log or journal.');
}

function engineCalls(all: readonly Access[]): Row | undefined {
  const calls = all.filter((access) => access.kind === 'api');
  if (calls.length === 0) return undefined;
  return row(
    'Calls to the engine',
    calls.length,
    'The engine’s own log (journal or daemon log) where its debug level is on. Reading calls leave nothing else, but for events and changes where these are listed here.',
  );
}

function engineEvents(all: readonly Access[]): Row | undefined {
  const calls = all.filter(makesEvent);
  if (calls.length === 0) return undefined;
  const first = earliest(calls);
  const taken = earliest(all.filter((access) => access.kind === 'api' && /\/events(\?|$)/.test(access.what[1] ?? '')));
  const order =
    taken === undefined
      ? 'The events themselves were not taken.'
      : taken < (first ?? '')
        ? 'The events were taken before the first of these calls.'
        : 'The events were taken after the first of these calls and hold them.';
  return row(
    'Engine events',
    calls.length,
    `The engine adds an event of its own to its list in memory, which holds the last 256, for each top, export, archive and image save. ${order}`,
  );
}

function layerMounts(all: readonly Access[]): Row | undefined {
  const calls = all.filter(mountsLayers);
  if (calls.length === 0) return undefined;
  return row(
    'Layers mounted by the engine',
    calls.length,
    'For a comparison with the image, and for an export, the engine mounts the container’s layers. That moves the times of its own folders below its data root (overlay2/<id>-init; of a stopped container also overlay2/<id> and its work folder), not those of files in the container.',
  );
}

function earliest(all: readonly Access[]): string | undefined {
  return all.reduce<string | undefined>((first, { at }) => (first === undefined || at < first ? at : first), undefined);
}

function changes(all: readonly Access[]): Row | undefined {
  const calls = all.filter(changesSomething);
  if (calls.length === 0) return undefined;
  const named = [...new Set(calls.map((call) => command(call.what, 160)))];
  const more = named.length > 8 ? ` and ${count(named.length - 8, 'more')}` : '';
  return row(
    'Calls that change something',
    calls.length,
    `These are not reading calls; each is in the ledger with its reason: ${clip(named.slice(0, 8).join('; '), 1500)}${more}.`,
  );
}

function inside(all: readonly Access[]): Row | undefined {
  const calls = all.filter(runsInContainer);
  if (calls.length === 0) return undefined;
  return row(
    'Commands inside containers',
    calls.length,
    'Processes inside the container, an engine event each, access times in the container’s file system.',
  );
}

function conclusion(all: readonly Access[]): string {
  const quiet = !all.some(changesSomething) && !all.some(runsInContainer);
  return quiet
    ? 'No call was made that creates, starts, stops, pauses or changes a container, image, volume or network, and no command was run inside a container.'
    : 'The calls named above went beyond reading.';
}

const Planned = z.object({
  plan: z.array(z.object({ collector: z.string(), footprint: Footprint, impossible: z.string().optional() })),
});

/** What the collectors that were planned say of themselves. */
function declared(input: ReportInput): string {
  const writing = new Set<string>();
  let planned = false;
  for (const entry of input.ledger) {
    if (entry.action !== 'collection.begun') continue;
    const parsed = Planned.safeParse(entry.details);
    if (!parsed.success) continue;
    planned = true;
    for (const item of parsed.data.plan) {
      if (item.impossible === undefined && item.footprint === 'writes on host') writing.add(item.collector);
    }
  }
  if (!planned) return '';
  if (writing.size === 0) return 'None of the collectors that ran is declared to write a file on a host.';
  return `Collectors that ran and are declared to write on the host: ${clip([...writing].sort().join(', '), 600)}.`;
}
