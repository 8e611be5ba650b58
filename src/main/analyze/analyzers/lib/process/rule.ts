import type { ContainerConfig } from '../config/container';
import type { Hit, Rule } from '../rule';
import type { FileChange } from './drift';
import type { Process, ProcessSet } from './model';
import type { Sockets } from './sockets';

/** What a rule on a process may look at. */
export interface Scene extends ProcessSet {
  /** Empty where no sockets were collected. */
  sockets: Sockets;
  /** The container's configuration, where it was collected. */
  config?: ContainerConfig;
  /** What the engine says of changed files, by path; empty where it was not collected. */
  changes: ReadonlyMap<string, FileChange>;
  /** Namespaces of the host's first process by name ('mnt' → 'mnt:[4026531841]') with their citation, where collected. */
  hostNamespaces: ReadonlyMap<string, { target: string; cite: Hit['cites'][number] }>;
}

/** A rule that looks at one process at a time. */
export type ProcessRule = Rule & { check: (process: Process, scene: Scene) => Hit[] };
