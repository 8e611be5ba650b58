import { defineCollector } from '../collector';
import { captureContainerFrames } from '../frames';

export default defineCollector({
  id: 'container.processes',
  version: '1.0.0',
  title: 'Processes of the container',
  answers:
    'What runs in the container, from which file, started when and by whom, with which arguments, environment, open files, memory maps and privileges?',
  how: 'Reads /proc of the host for each process of the container, and hashes the executables; nothing in the container is run.',
  replaces: ['docker exec <container_id> ps aux', 'ps aux | grep <container_id>', 'docker exec <container_id> lsof'],
  scope: 'container',
  volatility: 'process',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root', 'running'],
  collect: (ctx, target) =>
    captureContainerFrames(
      ctx,
      target,
      { source: 'container.processes', title: 'Processes of the container' },
      'processes',
    ),
});
