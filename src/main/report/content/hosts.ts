import type { CaseHost, HostFacts } from '../../../shared/domain';
import type { ReportInput } from '../input';
import type { Block, Line } from '../types';
import { clip, count, line, offset, piece, small, time } from './format';
import { type ClockAt, clockReadings } from './touches';

/** Section "Hosts": what each machine said of itself, how it was reached and how its clock stood. */
export function hosts(input: ReportInput): Block[] {
  const clocks = clockReadings(input.ledger);
  if (input.data.hosts.length === 0) {
    const imported = input.records.length > 0;
    return [
      {
        kind: 'paragraph',
        pieces: [piece(imported ? 'No host was connected: the evidence was imported.' : 'No host was connected.')],
      },
    ];
  }
  return input.data.hosts.flatMap((host) => [
    { kind: 'heading' as const, text: clip(host.facts.hostname || host.spec.address, 100), outline: true },
    { kind: 'facts' as const, caption: `Facts of host ${clip(host.facts.hostname, 60)}`, rows: rows(host, clocks) },
  ]);
}

function rows(host: CaseHost, clocks: ClockAt[]): [string, Line[]][] {
  const { facts, spec } = host;
  const all: [string, Line[] | undefined][] = [
    ['Address', [line(piece(clip(facts.address), 'mono'))]],
    ['Reached by', [line(transport(facts, spec.jump))]],
    ['Toolbox', facts.toolbox && toolbox(facts.toolbox)],
    ['Host key', facts.hostKey && [hostKey(facts.hostKey)]],
    ['Identity', identity(facts)],
    ['System', [line(clip(`${facts.os}, Linux kernel ${facts.kernel}, ${facts.arch}`, 300))]],
    ['Login', [line(login(facts))]],
    ['Connected', [line(time(host.connected))]],
    [
      'Clock',
      clockLines(
        facts,
        clocks.filter((one) => [facts.address, spec.address, facts.id].includes(one.host)),
      ),
    ],
    ['Engine', engine(facts)],
    ['Could not be done', impossible(facts)],
  ];
  return all.filter((row): row is [string, Line[]] => row[1] !== undefined && row[1].length > 0);
}

function transport(facts: HostFacts, jump: string | undefined): string {
  if (facts.transport === 'local') return "Directly: it is the examiner's machine.";
  if (facts.transport === 'engine only')
    return 'Through the engine’s socket only; no command could be run on the host.';
  return `SSH${jump ? `, by way of ${clip(jump)}` : ''}. ${facts.toolbox ? 'But for a toolbox in its memory nothing' : 'Nothing'} was installed on the host and no port was opened.`;
}

/** What ran there instead of the host's own programs, and where. */
function toolbox({ file, path, sha256, bytes, programs }: NonNullable<HostFacts['toolbox']>): Line[] {
  return [
    line(
      `Commands were run by a program of the examiner’s with ${programs} programs in it, kept in the memory of the host`,
    ),
    line(piece('at '), piece(clip(path, 80), 'mono'), piece(`, ${bytes} bytes, from ${clip(file, 100)}. SHA-256:`)),
    line(piece(sha256, 'mono')),
  ];
}

function hostKey(key: { algorithm: string; fingerprint: string }): Line {
  return line(piece(`${clip(key.algorithm, 60)}  `), piece(clip(key.fingerprint), 'mono'));
}

function identity(facts: HostFacts): Line[] {
  const lines: Line[] = [];
  if (facts.machineId) lines.push(line('machine-id ', piece(clip(facts.machineId), 'mono')));
  if (facts.bootId) lines.push(line('boot_id ', piece(clip(facts.bootId), 'mono')));
  return lines;
}

function login(facts: HostFacts): string {
  const who = `${clip(facts.user, 80)}${facts.uid === undefined ? '' : ` (uid ${facts.uid})`}`;
  return facts.root ? `${who}; commands could run as root` : `${who}; no command could run as root`;
}

function clockLines(facts: HostFacts, clocks: ClockAt[]): Line[] {
  const lines = clocks.map(({ entry, clock }) =>
    line(
      `${offset(clock.offsetMs)} against the examiner's machine, ± ${(clock.uncertaintyMs / 1000).toFixed(3)} s`,
      piece(`  at ${time(clock.localTime)} (entry ${entry.seq}, ${clip(entry.action, 40)})`, 'muted'),
    ),
  );
  const known =
    lines.length > 12
      ? [...lines.slice(0, 4), small(`… ${lines.length - 8} more in the ledger …`), ...lines.slice(-4)]
      : lines;
  if (known.length === 0 && facts.clock) {
    known.push(line(`${offset(facts.clock.offsetMs)}, ± ${(facts.clock.uncertaintyMs / 1000).toFixed(3)} s`));
  }
  if (known.length === 0) known.push(line('Not measured: the host ran no command.'));
  known.push(
    small(
      piece(
        `Host time = examiner's time + offset. Zone of the host: ${clip(facts.timeZone ?? 'not known', 60)}.`,
        'muted',
      ),
    ),
  );
  return known;
}

function engine(facts: HostFacts): Line[] {
  const { engine: found } = facts;
  if (!found) return [line(`None: ${clip(facts.engineError ?? 'no engine answered', 400)}`)];
  const modes = [
    found.rootless && 'rootless',
    found.usernsRemap && 'user namespaces remapped',
    found.experimental && 'experimental features on',
  ].filter((mode) => mode !== false);
  return [
    line(
      clip(
        `${found.product} ${found.version}, API ${found.apiVersion}${modes.length > 0 ? `; ${modes.join(', ')}` : ''}`,
        200,
      ),
    ),
    line('Engine id ', piece(clip(found.id), 'mono')),
    line(
      clip(
        `Storage driver ${found.storageDriver}; logging driver ${found.loggingDriver}; cgroup version ${found.cgroupVersion}`,
        300,
      ),
    ),
    line(
      'Data root ',
      piece(clip(found.rootDir), 'mono'),
      '; socket ',
      piece(clip(found.socket), 'mono'),
      clip(`, ${found.via}`),
    ),
    line(
      `${count(found.containers, 'container')} (${count(found.running, 'running', 'running')}), ${count(found.images, 'image')} at the time of connecting`,
    ),
  ];
}

function impossible(facts: HostFacts): Line[] {
  return facts.capabilities
    .filter((capability) => !capability.ok)
    .map((capability) => line(piece(capability.need, 'strong'), `: ${clip(capability.reason, 400)}`));
}
