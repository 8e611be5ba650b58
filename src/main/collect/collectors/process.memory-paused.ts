import { z } from 'zod';
import { defineCollector } from '../collector';
import { whilePaused } from '../memory/pause';
import { takeProcesses } from '../memory/processes';
import { MemoryChoice } from '../memory/regions';

const PausedChoice = MemoryChoice.extend({
  longest: z
    .number()
    .int()
    .min(1)
    .max(3600)
    .default(120)
    .describe('let the container go on after so many seconds, read or not'),
});

export default defineCollector({
  id: 'process.memory-paused',
  version: '1.0.0',
  title: 'Memory of the processes, standing still',
  answers: 'What do the container’s processes have in memory, all at one moment?',
  how: 'Freezes the container’s control group, reads its memory as process.memory does, and lets it go on. It goes on in any case: told to, after the longest time, when the link breaks or is silent for ten seconds. Connections of its clients may time out meanwhile.',
  replaces: ['docker pause <container_id>', 'docker unpause <container_id>'],
  scope: 'container',
  volatility: 'memory',
  footprint: 'pauses container',
  needs: ['engine', 'procfs', 'root', 'running'],
  input: PausedChoice,
  stallMs: 300_000,
  async collect(ctx, target, input) {
    const choice = PausedChoice.parse(input);
    await whilePaused(ctx, target, choice.longest, () =>
      takeProcesses(ctx, target, choice, { source: 'process.memory-paused', note: ', standing still' }),
    );
  },
});
