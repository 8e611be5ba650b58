import { randomBytes } from 'node:crypto';
import type { ExhibitRecord } from '../../../shared/domain';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import type { CollectContext } from '../collector';
import { HOST_FILES } from './script';
import { type Part, wordsOf } from './spec';

export type { Part } from './spec';

/** These files and these commands, as one exhibit of kind 'frames'. */
export interface HostFiles {
  /** The collector's id. */
  source: string;
  title: string;
  parts: readonly Part[];
  /** What it means, in one sentence, that the host has none of it. */
  nothing: string;
  /** As the user of the connection where false; root when absent. */
  asRoot?: boolean;
}

/** The command that takes parts, with the boundary of its frames on standard input. */
export function hostFilesCommand(
  source: string,
  parts: readonly Part[],
): { argv: string[]; stdin: string; boundary: string } {
  const boundary = randomBytes(16).toString('hex');
  return { argv: ['sh', '-c', HOST_FILES, 'lading', source, ...wordsOf(parts)], stdin: `${boundary}\n`, boundary };
}

/** Takes them in one round trip, as root unless it says otherwise. Where the host has nothing of it: a miss that says so. */
export function captureHostFiles(ctx: CollectContext, spec: HostFiles): Promise<ExhibitRecord | undefined> {
  const { argv, stdin } = hostFilesCommand(spec.source, spec.parts);
  return ctx.capture({ file: `${spec.source}.frames`, kind: 'frames', title: spec.title }, argv, {
    asRoot: spec.asRoot ?? true,
    stdin,
    nothing: { outcome: 'missing', reason: spec.nothing },
  });
}

/** Where the engine keeps its files: as it says itself, else where it does by default. */
export function engineRoot(ctx: CollectContext): string {
  return ctx.facts.engine?.rootDir || '/var/lib/docker';
}

/** A container's full id, which becomes part of a path. Throws BAD_INPUT for anything else. */
export function containerId(id: string): string {
  if (/^[0-9a-f]{64}$/.test(id)) return id;
  throw new LadingError('BAD_INPUT', `The engine names a container by what is no id: ${visible(id, { max: 80 })}`);
}

/** The folders in which Docker, and Podman, keep a container's files; the first that is there counts. */
export function containerFolders(ctx: CollectContext, id: string): (readonly [string, string])[] {
  const root = engineRoot(ctx);
  return [
    [`${root}/containers`, containerId(id)],
    [`${root}/overlay-containers`, `${containerId(id)}/userdata`],
  ];
}
