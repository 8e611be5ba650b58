import { z } from 'zod';
import type { ImportKind } from '../../../shared/contract/import';
import { type Member, type ScanEnd, scanTar } from '../tar/scan';
import { rootFile } from './data-root';
import type { Recognised } from './kinds';
import { byNames, firstRoot, type Names, noNames, takeName } from './names';

/** What looking through an archive told, before anything is taken out of it. */
export interface Survey extends ScanEnd {
  names: Names;
  recognised: Recognised;
  /** Place of the data root whose members count. */
  root?: string;
  /** Names of containers by their id, as their config.v2.json says. */
  containers: Map<string, string>;
  /** Names of images by their id (64 hex), as repositories.json says. */
  images: Map<string, string>;
  /** Configurations of images that docker save's manifest names: ids (64 hex) by their member's name. */
  configs: Map<string, string>;
}

/** Small members that say what an archive is are read up to this. */
const SMALL = 4 << 20;
/** So many containers and images are known by name. */
const KEPT = 50_000;

const OnDisk = z.object({ Name: z.string() });
const Repositories = z.object({ Repositories: z.record(z.string(), z.record(z.string(), z.string())) });
const SaveManifest = z.array(z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullish() }));
/** Podman's checkpoint: libpod ContainerConfig. Kubernetes (CRI-O, containerd): metadata.ContainerConfig. */
const CheckpointConfig = z.object({ id: z.string(), name: z.string().default('') });

/** Looks through an archive once: what it is, and the names of what is in it. Throws only what the stream throws. */
export async function surveyTar(source: AsyncIterable<Buffer>, options: { maxEntries?: number } = {}): Promise<Survey> {
  const names = noNames();
  const containers = new Map<string, string>();
  const images = new Map<string, string>();
  const configs = new Map<string, string>();
  const targets: Partial<Record<ImportKind, Recognised['target']>> = {};
  // An archive may give the engine's id before anything in it says that a data root is there.
  const engineIds = new Map<string, string>();
  const scan = scanTar(source, options);
  for (;;) {
    const next = await scan.next();
    if (next.done) {
      const recognised = byNames(names);
      const engine = engineIds.get(firstRoot(names.dataRoots) ?? '');
      if (engine !== undefined) targets['data-root'] = { id: engine, name: engine.slice(0, 40) };
      return {
        ...next.value,
        names,
        root: firstRoot(names.dataRoots),
        containers,
        configs,
        images,
        recognised: { ...recognised, target: targets[recognised.kind] },
      };
    }
    const member = next.value;
    const path = takeName(names, member.name);
    if (path === undefined || member.type !== 'file' || member.sparse || member.size > SMALL) continue;
    if (path === 'manifest.json') {
      for (const { Config, RepoTags } of (await json(member, SaveManifest)) ?? []) {
        const id = /([0-9a-f]{64})(?:\.json)?$/.exec(Config)?.[1];
        if (!id || configs.size >= KEPT) continue;
        const name = RepoTags?.[0] ?? id.slice(0, 12);
        configs.set(Config, id);
        images.set(id, name);
        targets['docker-save'] ??= { id: `sha256:${id}`, name };
      }
    } else if (path === 'config.dump') {
      const said = await json(member, CheckpointConfig);
      if (said) targets.checkpoint = { id: said.id, name: said.name || said.id.slice(0, 12) };
    } else {
      const root = firstRoot(names.dataRoots);
      const file = root !== undefined && path.startsWith(root) ? rootFile(path.slice(root.length)) : undefined;
      if (file?.what === 'config' && containers.size < KEPT) {
        const said = await json(member, OnDisk);
        if (said) containers.set(file.container, said.Name.replace(/^\//, ''));
      } else if (file?.what === 'repositories') {
        for (const tags of Object.values((await json(member, Repositories))?.Repositories ?? {})) {
          for (const [tag, id] of Object.entries(tags)) {
            const hex = id.replace(/^sha256:/, '');
            if (images.size < KEPT && !images.has(hex)) images.set(hex, tag);
          }
        }
      } else if (/(?:^|\/)engine-id$/.test(path) && member.size <= 200 && engineIds.size < 1000) {
        const id = (await bytesOf(member)).toString('utf8').trim();
        if (/^[\w:-]{1,100}$/.test(id)) engineIds.set(path.slice(0, -'engine-id'.length), id);
      }
    }
  }
}

/** A member's body; meant for small ones. */
export async function bytesOf(member: Member): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const piece of member.body()) parts.push(piece);
  return Buffer.concat(parts);
}

/** What a member says, or undefined where it is not of that form: then it tells us nothing, and is kept all the same. */
async function json<T>(member: Member, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.safeParse(JSON.parse((await bytesOf(member)).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
