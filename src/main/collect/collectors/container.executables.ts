import { defineCollector } from '../collector';
import { captureContainerFrames } from '../frames';

export default defineCollector({
  id: 'container.executables',
  version: '1.0.0',
  title: 'Executables that are only in memory',
  answers: 'What are the bytes of running programs whose file was deleted, never existed, or lies on a tmpfs?',
  how: 'Reads through /proc/<pid>/exe of the host the executables that are deleted, in a memfd or on a tmpfs.',
  replaces: ['cp /proc/<pid>/exe <path>'],
  scope: 'container',
  volatility: 'memory',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root', 'running'],
  collect: (ctx, target) =>
    captureContainerFrames(
      ctx,
      target,
      { source: 'container.executables', title: 'Executables that are only in memory' },
      'executables',
    ),
});
