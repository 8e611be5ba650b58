import { hostSuggestions } from '../hosts/suggestions';
import type { Services } from '../services';
import type { Implementer } from './kit';

export function hostsApi(os: Implementer, s: Services) {
  const caseOf = async (path: string | undefined) => (path === undefined ? undefined : s.shelf.open(path));
  return {
    suggestions: os.hosts.suggestions.handler(() => hostSuggestions()),
    connect: os.hosts.connect.handler(async ({ input, signal }) => {
      const { secrets, trust } = input;
      const session = await s.connections.connect(await caseOf(input.case), input.host, { secrets, trust, signal });
      return session.facts;
    }),
    targets: os.hosts.targets.handler(async ({ input }) => s.connections.targets(await caseOf(input.case), input.host)),
    disconnect: os.hosts.disconnect.handler(async ({ input }) =>
      s.connections.disconnect(await caseOf(input.case), input.host),
    ),
    connected: os.hosts.connected.handler(() => s.connections.connected()),
  };
}
