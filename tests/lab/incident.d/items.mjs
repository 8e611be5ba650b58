// The list of what is planted. Each item is one fact that an examiner should come to.
import { engineItems } from './items/engine.mjs';
import { fileItems } from './items/file.mjs';
import { hostileItems } from './items/hostile.mjs';
import { processItems } from './items/process.mjs';
import { container, expect } from './look.mjs';
import { NETWORK, VOLUME } from './stage.mjs';
import { version } from './version.mjs';

/** All items. `facts` is what stage.mjs's plant gave. */
const items = (facts) => [...processItems(facts), ...fileItems(facts), ...engineItems(facts), ...hostileItems(facts)];

/** Where the host keeps it: a container's log, or a file of its upper layer where inspect tells that (classic store). */
function hostPath(seen, item) {
  const { LogPath, GraphDriver } = container(seen, item.container);
  if (item.kind === 'log') return LogPath;
  const upper = GraphDriver?.Data?.UpperDir;
  return item.kind === 'file' && upper && !/^\/(dev|run)\//.test(item.where.path)
    ? `${upper}${item.where.path}`
    : undefined;
}

/** The machine-readable list: each item with where it is now (container id, path and PID on the host, PID in the container). */
export function truthOf(host, seen, facts) {
  const found = ([name, id]) => [
    name,
    { id, image: container(seen, name).Config.Image, running: container(seen, name).State.Running },
  ];
  return {
    format: 1,
    version: version(),
    host: { name: host.name, address: host.address },
    staged: new Date().toISOString(),
    containers: Object.fromEntries(Object.entries(facts.ids).map(found)),
    volume: VOLUME,
    network: NETWORK,
    facts,
    items: items(facts).map(({ check: _, pid, ...item }) => {
      const process = pid?.(seen);
      const path = hostPath(seen, item);
      const where = {
        ...item.where,
        ...(path && { hostPath: path }),
        ...(process && { pid: process.pid, pidInContainer: process.nspid }),
      };
      return { ...item, containerId: facts.ids[item.container], where };
    }),
  };
}

/** Looks for each item. Gives [{ id, ok, problem? }] in their order. */
export async function checkAll(seen, facts) {
  const results = [];
  for (const item of items(facts)) {
    try {
      const { ids } = facts;
      expect(
        seen.containers[item.container]?.Id === ids[item.container],
        `container ${item.container} is gone or another`,
      );
      await item.check(seen);
      results.push({ id: item.id, ok: true });
    } catch (error) {
      results.push({ id: item.id, ok: false, problem: error.message });
    }
  }
  return results;
}
