import { defineCollector } from '../collector';
import { captureFrames } from '../frames';

export default defineCollector({
  id: 'host.sockets',
  version: '1.0.0',
  title: 'Sockets of the host',
  answers: 'With whom does the host talk in each of its network namespaces, and which process holds which socket?',
  how: 'Reads /proc/<pid>/net of the host once for each network namespace, and the links of open files.',
  replaces: ['ss -tunap', 'netstat -anlp'],
  scope: 'host',
  volatility: 'network',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    await captureFrames(ctx, { source: 'host.sockets', title: 'Sockets of the host' }, 'hostSockets', { asRoot: true });
  },
});
