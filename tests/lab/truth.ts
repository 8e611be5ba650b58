import { z } from 'zod';

/** Where a planted thing is to be found. Paths are the container's own; `hostPath` and `pid` are the host's. */
export const Where = z.looseObject({
  path: z.string().optional(),
  /** The same file on the host: in the upper layer, a volume, the engine's folder. */
  hostPath: z.string().optional(),
  pid: z.number().int().positive().optional(),
  pidInContainer: z.number().int().positive().optional(),
  /** A text that its evidence holds. */
  string: z.string().optional(),
  /** RFC 6901, in `docker inspect`'s answer. */
  pointer: z.string().optional(),
  /** 'address:port' or 'container:port' of the other end. */
  remote: z.string().optional(),
});

export const PlantedKind = z.enum([
  'process',
  'memory',
  'network',
  'file',
  'volume',
  'config',
  'event',
  'log',
  'image',
  'hostile',
]);

/** One fact that an examiner should come to. */
export const Planted = z.object({
  id: z.string(),
  kind: PlantedKind,
  container: z.string(),
  containerId: z.string().regex(/^[0-9a-f]{64}$/),
  /** ATT&CK techniques, any of which names it rightly; empty: no technique, but evidence. */
  techniques: z.array(z.string().regex(/^T\d{4}(\.\d{3})?$/)),
  what: z.string(),
  where: Where,
});
export type Planted = z.infer<typeof Planted>;

/** truth.json: what `incident stage` planted on a host. */
export const Truth = z.object({
  format: z.literal(1),
  version: z.string(),
  host: z.object({ name: z.string(), address: z.string() }),
  staged: z.string(),
  containers: z.record(z.string(), z.object({ id: z.string(), image: z.string(), running: z.boolean() })),
  volume: z.string(),
  network: z.string(),
  facts: z.looseObject({ sink: z.object({ name: z.string(), address: z.string() }), secret: z.string() }),
  items: z.array(Planted),
});
export type Truth = z.infer<typeof Truth>;

export interface Checked {
  id: string;
  ok: boolean;
  problem?: string;
}

/** Reads what `incident check` prints: 'there   id' or 'MISSING id: problem', one a line. */
export function parseChecked(text: string): Checked[] {
  return [...text.matchAll(/^(there {2}|MISSING) ([\w-]+)(?:: (.*))?$/gm)].flatMap(([, mark, id, problem]) =>
    id ? [{ id, ok: mark !== 'MISSING', ...(problem && { problem }) }] : [],
  );
}
