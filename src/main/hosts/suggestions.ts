import type { HostSuggestion } from '../../shared/domain';
import type { Places } from './address';
import { listDockerContexts } from './dockercontext';
import { localSockets } from './localsockets';
import { listSshHosts, readSshSettings } from './sshconfig';

/**
 * Places to connect to that this machine already knows: its own engine, the Hosts of ~/.ssh/config, Docker's contexts.
 * Only files of the examiner are read; no host is touched.
 */
export async function hostSuggestions(places: Places = {}): Promise<HostSuggestion[]> {
  const engine = localSockets(places).sockets.find((one) => one.there);
  const local: HostSuggestion[] = engine
    ? [{ address: 'local', source: 'local engine', detail: `The engine on ${engine.path} (${engine.because})` }]
    : [];
  const ssh = listSshHosts({ home: places.home }).map((alias): HostSuggestion => {
    const settings = readSshSettings(alias, { home: places.home });
    const user = settings.user ? `${settings.user}@` : '';
    const port = settings.port && settings.port !== '22' ? `:${settings.port}` : '';
    const jump = settings.proxyJump && settings.proxyJump !== 'none' ? ` through ${settings.proxyJump}` : '';
    return { address: alias, source: 'ssh config', detail: `${user}${settings.hostName ?? alias}${port}${jump}` };
  });
  const taken = new Set(ssh.map((one) => one.address));
  const contexts = listDockerContexts(places)
    .filter((context) => /^(unix|npipe|ssh):\/\//.test(context.host))
    .map((context): HostSuggestion => {
      // A name that is also in ~/.ssh/config would mean that one: the context's own address says which is meant.
      const address = taken.has(context.name) || /\s/.test(context.name) ? context.host : context.name;
      return { address, source: 'docker context', detail: context.host };
    });
  return [...local, ...ssh, ...contexts];
}
