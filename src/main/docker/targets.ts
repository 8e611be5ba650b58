import { z } from 'zod';
import type { Target } from '../../shared/domain';
import type { Engine } from './engine';
import type { HostSession } from './session';

const list = <T extends z.ZodType>(item: T) => z.array(item).nullish();

const Containers = list(
  z.object({
    Id: z.string(),
    Names: list(z.string()),
    Image: z.string().nullish(),
    ImageID: z.string().nullish(),
    State: z.string().nullish(),
    Created: z.number().nullish().catch(undefined),
  }),
);
const Images = list(
  z.object({
    Id: z.string(),
    RepoTags: list(z.string()),
    RepoDigests: list(z.string()),
    Size: z.number().nullish(),
    Created: z.number().nullish().catch(undefined),
  }),
);
const Volumes = z.object({
  Volumes: list(z.object({ Name: z.string(), Driver: z.string().nullish(), CreatedAt: z.string().nullish() })),
});
const Networks = list(
  z.object({
    Id: z.string(),
    Name: z.string(),
    Driver: z.string().nullish(),
    Scope: z.string().nullish(),
    Created: z.string().nullish(),
  }),
);

/**
 * What there is on a host: the host itself first, then containers (stopped ones too), images, volumes, networks. Names are
 * as the host gave them, to the last escape sequence. Throws ENGINE_ERROR, CONNECTION_LOST.
 */
export async function listTargets(session: HostSession): Promise<Target[]> {
  const { facts, engine } = session;
  const host: Target = { kind: 'host', id: facts.id, name: facts.hostname, detail: facts.os, aliases: [facts.address] };
  if (!engine) return [host];
  const [containers, images, volumes, networks] = await Promise.all([
    listContainers(engine),
    listImages(engine),
    listVolumes(engine),
    listNetworks(engine),
  ]);
  return [host, ...containers, ...images, ...volumes, ...networks];
}

async function listContainers(engine: Engine): Promise<Target[]> {
  const containers = (await engine.json(Containers, '/containers/json', { all: 1 })) ?? [];
  return containers.map((one) => {
    // The engine writes names with a slash before them; those with more are links from other containers.
    const names = (one.Names ?? []).map((name) => name.replace(/^\//, ''));
    const own = names.find((name) => !name.includes('/')) ?? names[0] ?? one.Id;
    return {
      kind: 'container',
      id: one.Id,
      name: own,
      state: one.State ?? undefined,
      detail: one.Image ?? undefined,
      created: fromSeconds(one.Created),
      aliases: unique([...names.filter((name) => name !== own), one.ImageID]),
    };
  });
}

async function listImages(engine: Engine): Promise<Target[]> {
  // Without `digests`: Docker gives them anyhow, Podman 5 answers it with status 200 and no body.
  const images = (await engine.json(Images, '/images/json')) ?? [];
  return images.map((one) => {
    const names = unique([...(one.RepoTags ?? []), ...(one.RepoDigests ?? [])]).filter(
      (name) => !name.startsWith('<none>'),
    );
    return {
      kind: 'image',
      id: one.Id,
      name: names[0] ?? one.Id,
      detail: one.Size === undefined || one.Size === null ? undefined : `${one.Size} bytes`,
      created: fromSeconds(one.Created),
      bytes: one.Size !== undefined && one.Size !== null && one.Size >= 0 ? one.Size : undefined,
      aliases: names.slice(1),
    };
  });
}

async function listVolumes(engine: Engine): Promise<Target[]> {
  const { Volumes: volumes } = await engine.json(Volumes, '/volumes');
  return (volumes ?? []).map((one) => ({
    kind: 'volume',
    id: one.Name,
    name: one.Name,
    detail: one.Driver ?? undefined,
    created: one.CreatedAt ?? undefined,
    aliases: [],
  }));
}

async function listNetworks(engine: Engine): Promise<Target[]> {
  const networks = (await engine.json(Networks, '/networks')) ?? [];
  return networks.map((one) => ({
    kind: 'network',
    id: one.Id,
    name: one.Name,
    detail: [one.Driver, one.Scope].filter((word) => word).join(', ') || undefined,
    created: one.Created ?? undefined,
    aliases: [],
  }));
}

function unique(names: readonly (string | null | undefined)[]): string[] {
  return [...new Set(names.filter((name): name is string => typeof name === 'string' && name !== ''))];
}

function fromSeconds(seconds: number | null | undefined): string | undefined {
  if (seconds === null || seconds === undefined) return undefined;
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
