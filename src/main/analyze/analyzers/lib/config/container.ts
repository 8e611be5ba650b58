import { z } from 'zod';
import type { Doc } from '../doc';
import type { Hit, Rule } from '../rule';

/** A container's configuration as `GET /containers/{id}/json` gives it, with what most rules ask for. */
export interface ContainerConfig {
  doc: Doc;
  privileged: boolean;
}

export type ConfigRule = Rule & { check: (config: ContainerConfig) => Hit[] };

export const text = z.string();
export const flag = z.boolean();

export function containerConfig(doc: Doc): ContainerConfig {
  return { doc, privileged: doc.get(flag, 'HostConfig', 'Privileged') === true };
}
