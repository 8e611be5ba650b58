import { z } from 'zod';
import { defineIndexer } from '../indexer';
import { microsOf } from '../query';
import { hostOf } from './lib/frames';
import { jsonOf } from './lib/json';

const text = z.string().optional().catch(undefined);
const Network = z.object({ IPAddress: text, GlobalIPv6Address: text });
/** What is taken of GET /containers/{id}/json; a field of another type counts as absent. */
const Inspect = z.object({
  Id: z.string(),
  Name: z.string().catch(''),
  Created: text,
  Image: text,
  State: z
    .object({ Status: text, Pid: z.number().optional().catch(undefined), StartedAt: text, FinishedAt: text })
    .optional()
    .catch(undefined),
  Config: z
    .object({ Image: text, User: text, Cmd: z.array(z.string()).nullish().catch(undefined) })
    .optional()
    .catch(undefined),
  HostConfig: z
    .object({ Privileged: z.boolean().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  GraphDriver: z
    .object({ Name: text, Data: z.object({ UpperDir: text }).nullish().catch(undefined) })
    .optional()
    .catch(undefined),
  NetworkSettings: z
    .object({ Networks: z.record(z.string(), Network).nullish().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** Configuration of containers, a row for each time it was taken. */
export default defineIndexer({
  id: 'containers',
  version: '1',
  title: 'Containers',
  accepts: ({ collector, kind }) => collector.id === 'container.inspect' && kind === 'json',
  async index(ctx, exhibits) {
    for (const exhibit of exhibits) {
      await ctx.pause();
      const one = await jsonOf(ctx, exhibit, Inspect, 'configuration of a container');
      if (!one) continue;
      const name = one.Name.replace(/^\//, '');
      const addresses = Object.values(one.NetworkSettings?.Networks ?? {})
        .flatMap(({ IPAddress, GlobalIPv6Address }) => [IPAddress, GlobalIPv6Address])
        .filter((address) => address);
      const row = ctx.rows.container({
        exhibit: exhibit.id,
        locator: 'json:/Id',
        key: one.Id,
        host: hostOf(exhibit),
        name,
        image: one.Config?.Image,
        image_id: one.Image,
        state: one.State?.Status,
        pid: one.State?.Pid || undefined,
        created: microsOf(one.Created),
        started: microsOf(one.State?.StartedAt),
        finished: microsOf(one.State?.FinishedAt),
        user: one.Config?.User || undefined,
        privileged: one.HostConfig?.Privileged === undefined ? undefined : one.HostConfig.Privileged ? 1 : 0,
        addresses: addresses.join(' ') || undefined,
        driver: one.GraphDriver?.Name,
        upper: one.GraphDriver?.Data?.UpperDir,
      });
      ctx.rows.text({
        exhibit: exhibit.id,
        locator: 'json:/Id',
        kind: 'container',
        ref: row,
        body: [name, one.Id, one.Config?.Image, one.Image, one.Config?.Cmd?.join(' '), ...addresses]
          .filter(Boolean)
          .join('\n'),
      });
    }
  },
});
