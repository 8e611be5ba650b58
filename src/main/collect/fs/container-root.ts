import { z } from 'zod';
import type { Need, Target } from '../../../shared/domain';
import type { CollectContext } from '../collector';

const Inspect = z.object({
  State: z.object({ Pid: z.number().int().nonnegative() }),
  Mounts: z
    .array(
      z.object({
        Type: z.string().nullish(),
        Source: z.string().nullish(),
        Destination: z.string(),
        RW: z.boolean().nullish(),
      }),
    )
    .nullish(),
});
export type Inspected = z.infer<typeof Inspect>;

/** The engine's path of a container. */
export const pathOf = (target: Target): string => `/containers/${encodeURIComponent(target.id)}`;

/** What the engine says of the container at this moment. Throws TARGET_GONE. */
export function inspect(ctx: CollectContext, target: Target): Promise<Inspected> {
  return ctx.engine.json(Inspect, `${pathOf(target)}/json`);
}

/** Whether the host can do it. */
export function can(ctx: CollectContext, ...needs: Need[]): boolean {
  return needs.every((need) => ctx.facts.capabilities.some((one) => one.need === need && one.ok));
}

/** A path as a part of a file name: 'etc-passwd'. Which path it is the exhibit's title says. */
export function asFileName(path: string): string {
  return (
    path
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 80) || 'root'
  );
}
