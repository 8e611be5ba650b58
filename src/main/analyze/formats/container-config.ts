import { z } from 'zod';

/**
 * A container's configuration in its other forms, brought to that of GET /containers/{id}/json: as the engine keeps it on
 * its disk (moby container/container.go: config.v2.json is the container, hostconfig.json its HostConfig), and as items
 * of docker inspect's answer. Pure; every field can be traced to the file and the keys it came from.
 */

type Key = string | number;

export interface EngineFiles {
  /** The value in the API's form. */
  value: unknown;
  /** Where a field of that value stands. */
  placed(keys: readonly Key[]): { file: 'config' | 'hostconfig'; keys: readonly Key[] };
}

const Any = z.record(z.string(), z.unknown());
const MountPoints = z.record(z.string(), z.unknown());

/** Puts config.v2.json and hostconfig.json together. `hostconfig` is undefined where that file is not there. */
export function fromEngineFiles(config: unknown, hostconfig: unknown): EngineFiles {
  const { ID, Name, Config, AppArmorProfile, MountPoints: points } = Any.safeParse(config).data ?? {};
  const mounts = Object.entries(MountPoints.safeParse(points).data ?? {});
  return {
    value: {
      Id: ID,
      Name,
      AppArmorProfile,
      Config,
      // The API gives a list, the file an object by the place in the container; both in the order of the file.
      Mounts: mounts.map(([, point]) => point),
      HostConfig: hostconfig,
    },
    placed(keys) {
      const [first, second, ...rest] = keys;
      if (first === 'HostConfig' && hostconfig !== undefined) return { file: 'hostconfig', keys: keys.slice(1) };
      if (first === 'Id') return { file: 'config', keys: ['ID'] };
      if (first !== 'Mounts') return { file: 'config', keys };
      const point = typeof second === 'number' ? mounts[second]?.[0] : undefined;
      return { file: 'config', keys: point === undefined ? ['MountPoints'] : ['MountPoints', point, ...rest] };
    },
  };
}

const Inspected = z.object({ Id: z.string().min(1), Name: z.string().default(''), HostConfig: Any, Config: Any });

/** A container in docker inspect's answer. */
export interface InspectedContainer {
  /** Keys from the document's root to it; none where the document is the container. */
  keys: readonly Key[];
  value: unknown;
  id: string;
  name: string;
}

/** The containers of docker inspect's answer: a list of anything, or one container. */
export function inspectedContainers(document: unknown): InspectedContainer[] {
  const items: [readonly Key[], unknown][] = Array.isArray(document)
    ? document.map((item: unknown, i) => [[i], item])
    : [[[], document]];
  return items.flatMap(([keys, value]) => {
    const said = Inspected.safeParse(value).data;
    return said ? [{ keys, value, id: said.Id, name: said.Name.replace(/^\//, '') || said.Id.slice(0, 12) }] : [];
  });
}
