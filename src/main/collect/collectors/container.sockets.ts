import { defineCollector } from '../collector';
import { captureContainerFrames } from '../frames';

export default defineCollector({
  id: 'container.sockets',
  version: '1.0.0',
  title: 'Sockets of the container',
  answers: 'With whom does the container talk, on what does it listen, and which process holds which socket?',
  how: 'Reads /proc/<pid>/net of the host once for each network namespace of the container, and the open files of its processes.',
  replaces: ['docker exec <container_id> netstat -anlp', 'docker exec <container_id> netstat -tupn'],
  scope: 'container',
  volatility: 'network',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root', 'running'],
  collect: (ctx, target) =>
    captureContainerFrames(ctx, target, { source: 'container.sockets', title: 'Sockets of the container' }, 'sockets'),
});
