import { defineCollector } from '../collector';
import { captureFrames } from '../frames';

export default defineCollector({
  id: 'host.clock',
  version: '1.0.0',
  title: 'Clock of the host',
  answers: 'What does the clock of the host say, and what keeps it right?',
  how: 'Reads date, uptime and boot time of the host, and asks chronyd where there is one.',
  replaces: ['date -u', 'timedatectl', 'chronyc tracking'],
  scope: 'host',
  volatility: 'clock',
  footprint: 'reads host',
  needs: ['procfs'],
  async collect(ctx) {
    await captureFrames(ctx, { source: 'host.clock', title: 'Clock of the host' }, 'clock', { asRoot: false });
  },
});
