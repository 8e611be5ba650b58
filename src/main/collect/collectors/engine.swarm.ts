import { z } from 'zod';
import { visible } from '../../../shared/visible';
import { defineCollector } from '../collector';

const Info = z.object({
  Swarm: z.object({ LocalNodeState: z.string().nullish(), ControlAvailable: z.boolean().nullish() }).nullish(),
});

const OBJECTS = [
  ['/swarm', 'swarm', 'Swarm'],
  ['/nodes', 'nodes', 'Nodes of the swarm'],
  ['/services', 'services', 'Services of the swarm'],
  ['/tasks', 'tasks', 'Tasks of the swarm'],
  ['/secrets', 'secrets', 'Secrets of the swarm, without their values'],
  ['/configs', 'configs', 'Configurations of the swarm'],
] as const;

export default defineCollector({
  id: 'engine.swarm',
  version: '1.0.0',
  title: 'Swarm',
  answers: 'Is the engine part of a swarm, which other machines are, and what do they run?',
  how: 'Asks the engine whether a swarm is active and, where it manages one, for its objects.',
  replaces: ['docker node ls', 'docker service ls', 'docker secret ls', 'docker config ls', 'docker swarm ca'],
  scope: 'host',
  volatility: 'engine state',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx) {
    const { Swarm: swarm } = await ctx.engine.json(Info, '/info');
    const state = swarm?.LocalNodeState ?? 'inactive';
    if (state !== 'active') {
      await ctx.miss('none', `The engine is in no swarm (its state is ${visible(state || 'unknown', { max: 40 })}).`);
      return;
    }
    if (swarm?.ControlAvailable !== true) {
      await ctx.miss('denied', 'The engine is a worker in a swarm: only a manager tells what is in it.');
      return;
    }
    for (const [path, name, title] of OBJECTS) {
      await ctx.fetch({ file: `engine.${name}.json`, kind: 'json', title }, path);
    }
  },
});
