import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';

export default defineCollector({
  id: 'host.time-sync',
  version: '1.0.0',
  title: 'Time keeping of the host',
  answers:
    'Who keeps the clock of the host right, how far off was it, in which zone are its logs, and was its clock set by hand?',
  how: 'Reads the settings and states of time services, and asks chronyc, ntpq or timedatectl where their service runs already.',
  replaces: [
    'timedatectl show-timesync',
    'chronyc -n tracking',
    'chronyc -n sources',
    'ntpq -pn',
    'cat /etc/timezone',
    'hwclock --show',
  ],
  scope: 'host',
  volatility: 'clock',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    await captureHostFiles(ctx, {
      source: 'host.time-sync',
      title: 'Time keeping of the host',
      nothing: 'The host has no service that keeps its clock, and no setting of a zone.',
      parts: [
        { as: 'chrony', run: ['chronyc', '-n', 'tracking'], seconds: 10 },
        { as: 'chrony.sources', run: ['chronyc', '-n', 'sources', '-v'], seconds: 10 },
        { as: 'ntp', run: ['ntpq', '-pn'], seconds: 10 },
        {
          as: 'timesyncd',
          run: ['timedatectl', 'show-timesync', '--all', '--no-pager'],
          guard: 'timesyncd',
          seconds: 10,
        },
        { as: 'zone', files: ['/etc/localtime', '/etc/timezone', '/etc/adjtime', '/etc/TZ'], follow: true },
        {
          as: 'rtc',
          files: [
            '/proc/driver/rtc',
            '/sys/class/rtc/rtc0/since_epoch',
            '/sys/devices/system/clocksource/clocksource0/current_clocksource',
          ],
        },
        {
          as: 'settings',
          files: [
            ...[
              '/etc/chrony.conf',
              '/etc/chrony/chrony.conf',
              '/etc/chrony/*.d/*',
              '/etc/ntp.conf',
              '/etc/ntpsec/ntp.conf',
              '/etc/openntpd/ntpd.conf',
            ],
            ...['/etc/systemd/timesyncd.conf', '/etc/systemd/timesyncd.conf.d/*'],
          ],
          follow: true,
        },
        {
          as: 'state',
          files: [
            '/var/lib/systemd/timesync/clock',
            '/run/systemd/timesync/synchronized',
            '/var/lib/chrony/*',
            '/var/lib/ntp/*drift*',
            '/var/lib/ntpsec/*drift*',
          ],
        },
        { as: 'log', files: ['/var/log/chrony/*.log*', '/var/log/ntpstats/*'], limit: 0 },
      ],
    });
  },
});
