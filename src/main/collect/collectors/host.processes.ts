import { defineCollector } from '../collector';
import { captureFrames } from '../frames';

export default defineCollector({
  id: 'host.processes',
  version: '1.0.0',
  title: 'Process table of the host',
  answers: 'What runs on the host beside and beneath the containers?',
  how: 'Reads stat, status, cmdline, cgroup and the executable link of each process in /proc of the host.',
  replaces: ['ps -ef', 'pstree -p'],
  scope: 'host',
  volatility: 'process',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    await captureFrames(ctx, { source: 'host.processes', title: 'Process table of the host' }, 'hostProcesses', {
      asRoot: true,
    });
  },
});
