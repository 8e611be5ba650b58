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
  'image.inspect',
  'image.history',
  'host.identity',
];

/** The lists of collectors that have a name. The runner sorts a profile by volatility, whatever its order here. */
export function profiles(): Profile[] {
  return [
    {
      id: 'triage',
      title: 'Triage',
      description:
        'First look at a live host in about a minute: events, configuration, processes, sockets, logs. Writes nothing; access times may move, and times of the engine’s own layer folders.',
      collectors: [...TRIAGE],
    },
    {
      id: 'compromised container',
      title: 'Compromised container',
      description: 'Triage, the process list of the engine and the whole file system of the containers.',
      collectors: [...TRIAGE, 'container.top', 'container.export'],
    },
    {
      id: 'malware',
      title: 'Malware',
      description: 'Triage and the whole file system of the containers, to find, hash and scan what was brought in.',
      collectors: [...TRIAGE, 'container.export'],
    },
    {
      id: 'data exfiltration',
      title: 'Data exfiltration',
      description:
        'Triage, the file system of the containers and how much is stored where, to find what was gathered and sent.',
      collectors: [...TRIAGE, 'container.export', 'engine.disk-usage'],
    },
    {
      id: 'everything',
      title: 'Everything',
      description: 'Every collector there is.',
      collectors: collectors().map((collector) => collector.id),
    },
  ];
}

export function profileById(id: string): Profile | undefined {
  return profiles().find((profile) => profile.id === id);
}
