import { z } from 'zod';
import { FollowInput } from '../capture/input';
import { beginSamples } from '../capture/samples';
import { defineCollector } from '../collector';

const State = z.object({ State: z.object({ Pid: z.number().int().nonnegative() }) });

export default defineCollector({
  id: 'container.connections-follow',
  version: '1.0.0',
  title: 'Connections of the container, followed',
  answers: 'Which connections appear and vanish while somebody watches, and which process holds each?',
  how: 'Reads /proc of the host again and again for as long as was chosen: the socket tables of the container’s network and the open files of its processes. What is shorter than the time between two looks may be missed.',
  replaces: ['watch docker exec <container_id> netstat -tupn', 'watch nsenter -t <container_pid> -n ss -tanp'],
  scope: 'container',
  volatility: 'network',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root', 'running'],
  input: FollowInput,
  estimate: (_target, { input }) => ({ seconds: FollowInput.parse(input ?? {}).seconds }),
  async collect(ctx, target, told) {
    const { State: state } = await ctx.engine.json(State, `/containers/${encodeURIComponent(target.id)}/json`);
    if (state.Pid === 0) return ctx.miss('missing', 'The container ended before its connections could be followed.');
    const { ended } = await beginSamples(ctx, {
      source: 'container.connections-follow',
      title: 'Connections of the container, followed',
      target: target.name,
      container: { id: target.id, pid: state.Pid },
      everySeconds: told.every,
      seconds: told.seconds,
      bytes: told.megabytes * 1_000_000,
    });
    await ended;
  },
});
