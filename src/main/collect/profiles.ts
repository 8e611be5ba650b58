import type { Profile } from '../../shared/domain';
import { collectors } from './registry';

/** What every investigation begins with: only what leaves nothing behind but access times. */
const TRIAGE = [
  'host.clock',
  'engine.events',
  'engine.version',
  'engine.info',
  'engine.containers',
  'engine.images',
  'engine.networks',
  'engine.volumes',
  'container.inspect',
  'container.execs',
  'network.inspect',
  'volume.inspect',
  'container.executables',
  'container.processes',
  'container.stats',
  'host.processes',
  'container.sockets',
  'host.sockets',
  'container.logs',
  'container.changes',
  'container.upper-listing',
  'image.layer-listing',
  'image.inspect',
  'image.history',
  'host.identity',
  'host.tools',
];

/** The whole file system: its layers once and what the container wrote, or the engine's export where the host's disk cannot be read. */
const FILES = ['container.upper', 'image.layers', 'container.export'];

/** What is in no layer and no upper directory, and goes when the container stops. */
const GONE = ['container.open-deleted', 'container.tmpfs', 'process.memory'];

/** What the engine and the container wrote beside the file system. */
const WRITTEN = ['container.log-files', 'container.engine-files'];

/** Runs a program in the container: never part of a profile that does not say so in its name. */
function isInside(id: string): boolean {
  return id.startsWith('container.inside.');
}

/** Goes on until it is stopped, needs to be told what, or makes something new on the host: chosen by name only. */
const BY_NAME = [
  'container.commit',
  'container.files',
  'container.log-follow',
  'container.connections-follow',
  'container.shell',
  'host.shell',
  'network.capture',
  'host.capture',
  'process.memory-paused',
  'container.checkpoint',
  'container.checkpoint-runc',
  'host.memory',
  'host.memory-avml',
];

function ids(wanted: (id: string) => boolean): string[] {
  return collectors()
    .map(({ id }) => id)
    .filter(wanted);
}

/** The lists of collectors that have a name. The runner sorts a profile by volatility, whatever its order here. */
export function profiles(): Profile[] {
  return [
    {
      id: 'triage',
      title: 'Triage',
      description:
        'First look at a live host in about a minute: events, configuration, processes, sockets, logs. Writes nothing; access times may move.',
      collectors: [...TRIAGE],
    },
    {
      id: 'compromised container',
      title: 'Compromised container',
      description:
        'Triage, the process list of the engine, the memory of the processes and what was deleted, log files, 30 seconds of the containers’ packets, and their whole file system.',
      collectors: [...TRIAGE, ...FILES, ...GONE, ...WRITTEN, 'container.top', 'container.runtime', 'container.capture'],
    },
    {
      id: 'malware',
      title: 'Malware',
      description:
        'Triage, the memory of the processes and what was deleted, the whole file system of the containers and their volumes, to find, hash and scan what was brought in.',
      collectors: [...TRIAGE, ...FILES, ...GONE, 'volume.content'],
    },
    {
      id: 'data exfiltration',
      title: 'Data exfiltration',
      description:
        'Triage, the memory of the processes, the file system of the containers with their volumes and mounts, log files, 30 seconds of their packets, the host’s network, and how much is stored where, to find what was gathered and sent.',
      collectors: [
        ...TRIAGE,
        ...FILES,
        ...GONE,
        ...WRITTEN,
        'volume.content',
        'container.capture',
        'container.netns',
        'host.firewall',
        'host.network',
        'engine.disk-usage',
      ],
    },
    {
      id: 'everything',
      title: 'Everything',
      description:
        'Every kind of evidence, each in the better way where there are two; without what runs programs in the containers, stops them or checkpoints them, takes the RAM of the whole host, follows a log, makes an image of a container, or has to be told which files.',
      collectors: ids((id) => !isInside(id) && !BY_NAME.includes(id)),
    },
    {
      id: 'inside the container',
      title: 'Inside the container',
      description:
        'What the container itself says when its own ps, netstat, lsof, find and package tools are run, compared with what the host sees. It changes the evidence: take triage before. The virus scan is chosen by itself.',
      collectors: [
        'host.clock',
        'container.inspect',
        ...ids((id) => isInside(id) && id !== 'container.inside.command' && id !== 'container.inside.scan'),
      ],
    },
  ];
}

export function profileById(id: string): Profile | undefined {
  return profiles().find((profile) => profile.id === id);
}
