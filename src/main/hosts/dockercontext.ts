import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** One context of docker's store: ~/.docker/contexts/meta/<SHA-256 of the name>/meta.json (docker/cli cli/context/store). */
export interface DockerContext {
  name: string;
  /** 'unix:///…', 'npipe://…', 'ssh://…', 'tcp://…'. */
  host: string;
  skipTlsVerify: boolean;
  /** Where its TLS files are: ca.pem, cert.pem, key.pem. */
  tlsFolder: string;
}

interface Places {
  home?: string;
  env?: NodeJS.ProcessEnv;
}

const Meta = z.object({
  Name: z.string().min(1),
  Endpoints: z.object({
    docker: z.object({ Host: z.string().min(1), SkipTLSVerify: z.boolean().optional() }),
  }),
});

const dockerFolder = ({ home, env = process.env }: Places): string =>
  env.DOCKER_CONFIG ?? join(home ?? homedir(), '.docker');

/** Every context that can be read; a damaged one is left out. Runs nothing. */
export function listDockerContexts(places: Places = {}): DockerContext[] {
  const root = join(dockerFolder(places), 'contexts');
  let folders: string[];
  try {
    folders = readdirSync(join(root, 'meta')).sort();
  } catch {
    return [];
  }
  return folders.flatMap((folder) => {
    try {
      const meta = Meta.parse(JSON.parse(readFileSync(join(root, 'meta', folder, 'meta.json'), 'utf8')));
      const id = createHash('sha256').update(meta.Name).digest('hex');
      const { Host: host, SkipTLSVerify: skip } = meta.Endpoints.docker;
      return [{ name: meta.Name, host, skipTlsVerify: skip ?? false, tlsFolder: join(root, 'tls', id, 'docker') }];
    } catch {
      return [];
    }
  });
}

/** The context `docker` itself would use: DOCKER_CONTEXT, then currentContext of config.json; undefined for 'default'. */
export function currentDockerContext(places: Places = {}): DockerContext | undefined {
  let name = (places.env ?? process.env).DOCKER_CONTEXT;
  if (!name) {
    try {
      const config = z
        .object({ currentContext: z.string().optional() })
        .parse(JSON.parse(readFileSync(join(dockerFolder(places), 'config.json'), 'utf8')));
      name = config.currentContext;
    } catch {
      return undefined;
    }
  }
  return listDockerContexts(places).find((context) => context.name === name);
}
