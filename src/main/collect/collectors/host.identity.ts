import { defineCollector } from '../collector';
import { captureFrames } from '../frames';

export default defineCollector({
  id: 'host.identity',
  version: '1.0.0',
  title: 'Identity of the host',
  answers: 'Which machine is this, which system and kernel, since when is it up, which modules are loaded?',
  how: 'Reads a few files of /proc, /sys and /etc of the host.',
  replaces: ['uname -a', 'cat /etc/os-release', 'cat /etc/machine-id', 'lsmod', 'uptime'],
  scope: 'host',
  volatility: 'host',
  footprint: 'reads host',
  needs: ['procfs'],
  async collect(ctx) {
    await captureFrames(ctx, { source: 'host.identity', title: 'Identity of the host' }, 'identity', { asRoot: false });
  },
});
