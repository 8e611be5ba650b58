import { z } from 'zod';
import type { Recognised } from './kinds';

/** A JSON document beyond this is stored, but not looked into. */
export const JSON_LIMIT = 64 << 20;

/** What `docker inspect` and GET /containers/{id}/json say of a container, as far as it names it. */
const Container = z.object({
  Id: z.string().min(1),
  Name: z.string().default(''),
  Config: z.record(z.string(), z.unknown()),
  HostConfig: z.record(z.string(), z.unknown()),
});

/** Recognises a JSON document. */
export function byJson(text: string): Recognised {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return { kind: 'binary', why: 'it begins as JSON does, but is none, and it is nothing else that Lading knows' };
  }
  const items: unknown[] = Array.isArray(value) ? value : [value];
  const containers = items.flatMap((item) => Container.safeParse(item).data ?? []);
  const [first] = containers;
  if (!first) return { kind: 'json', why: 'it is JSON, but no answer of docker inspect on a container' };
  const only = items.length === 1 ? { id: first.Id, name: first.Name.replace(/^\//, '') } : undefined;
  return {
    kind: 'docker-inspect',
    why: `docker inspect's answer: ${containers.length} of its ${items.length} items are containers`,
    target: only,
  };
}
