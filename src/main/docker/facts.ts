import { z } from 'zod';
import type { EngineFacts } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import type { Host } from '../hosts/host';
import type { Engine } from './engine';
import { engineClient, negotiateApi } from './engine-client';

/** Of GET /version (Engine API SystemVersion). */
const Version = z.object({
  Platform: z.object({ Name: z.string().optional() }).nullish(),
  Components: z.array(z.object({ Name: z.string().optional() })).nullish(),
  Version: z.string(),
  ApiVersion: z.string().regex(/^\d{1,3}\.\d{1,3}$/),
  MinAPIVersion: z
    .string()
    .regex(/^\d{1,3}\.\d{1,3}$/)
    .optional()
    .catch(undefined),
});

/** Of GET /info (Engine API SystemInfo). Podman leaves much of it out. */
const Info = z.object({
  ID: z.string().catch(''),
  Name: z.string().catch(''),
  OperatingSystem: z.string().catch(''),
  OSType: z.string().catch(''),
  KernelVersion: z.string().catch(''),
  Architecture: z.string().catch(''),
  SystemTime: z.string().optional().catch(undefined),
  Driver: z.string().catch(''),
  LoggingDriver: z.string().catch(''),
  CgroupVersion: z.string().catch(''),
  DockerRootDir: z.string().catch(''),
  ExperimentalBuild: z.boolean().catch(false),
  SecurityOptions: z.array(z.string()).nullish().catch(undefined),
  Containers: z.number().catch(0),
  ContainersRunning: z.number().catch(0),
  Images: z.number().catch(0),
});
export type EngineInfo = z.infer<typeof Info>;

/** An engine, what it says of its machine, and the local times around its answer. */
export interface ProbedEngine {
  engine: Engine;
  info: EngineInfo;
  askedMs: number;
  answeredMs: number;
}

/**
 * Speaks with the engine on a socket. Throws ENGINE_ABSENT, ENGINE_DENIED, ENGINE_ERROR, CONNECTION_LOST.
 * `now` gives this machine's time in milliseconds.
 */
export async function probeEngine(host: Host, socket: string, now: () => number): Promise<ProbedEngine> {
  const client = engineClient(host, socket);
  try {
    const version = await client.json(Version, '/version');
    const api = negotiateApi(version.ApiVersion, version.MinAPIVersion);
    client.setApi(api);
    const askedMs = now();
    const info = await client.json(Info, '/info');
    const answeredMs = now();
    const options = info.SecurityOptions ?? [];
    const has = (name: string) => options.some((one) => one.split(',').includes(`name=${name}`));
    const facts: EngineFacts = {
      product: productOf(version),
      version: version.Version,
      apiVersion: api,
      id: info.ID,
      name: info.Name,
      storageDriver: info.Driver,
      loggingDriver: info.LoggingDriver,
      cgroupVersion: info.CgroupVersion,
      rootDir: info.DockerRootDir,
      experimental: info.ExperimentalBuild,
      rootless: has('rootless'),
      usernsRemap: has('userns'),
      containers: info.Containers,
      running: info.ContainersRunning,
      images: info.Images,
      socket,
      via: client.via,
    };
    return { engine: client.complete(facts), info, askedMs, answeredMs };
  } catch (error) {
    client.close();
    if (error instanceof LadingError && error.code === 'TARGET_GONE') {
      throw new LadingError('ENGINE_ERROR', `What answers on ${socket} of ${host.address} is not an engine.`, {
        cause: error,
      });
    }
    throw error;
  }
}

function productOf(version: z.infer<typeof Version>): string {
  const names = (version.Components ?? []).map((one) => one.Name ?? '');
  if (names.some((name) => name.startsWith('Podman'))) return 'Podman';
  return version.Platform?.Name || 'Docker Engine';
}
