import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';

const SYSTEMD = ['/etc/systemd/system', '/run/systemd/system', '/usr/local/lib/systemd/system'];

export default defineCollector({
  id: 'host.cron',
  version: '1.0.0',
  title: 'What the host starts by itself',
  answers: 'What does the host start at a time or at boot: cron, at, timers, units, rc files?',
  how: 'Reads crontabs, at jobs, systemd’s timers and local units, and rc files; asks systemd which timers are due.',
  replaces: [
    'crontab -l',
    'cat /etc/crontab',
    'ls -la /etc/cron.*',
    'atq',
    'systemctl list-timers --all',
    'systemctl list-unit-files',
  ],
  scope: 'host',
  volatility: 'host',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    await captureHostFiles(ctx, {
      source: 'host.cron',
      title: 'What the host starts by itself',
      nothing: 'The host has no crontab, timer, unit or rc file.',
      parts: [
        {
          as: 'cron',
          files: [
            ...[
              '/etc/crontab',
              '/etc/anacrontab',
              '/etc/cron.allow',
              '/etc/cron.deny',
              '/etc/cron.d/*',
              '/etc/cron.d/.[!.]*',
            ],
            ...['hourly', 'daily', 'weekly', 'monthly', 'yearly'].map((period) => `/etc/cron.${period}/*`),
            ...[
              '/etc/periodic/*/*',
              '/var/spool/cron/*',
              '/var/spool/cron/crontabs/*',
              '/etc/crontabs/*',
              '/var/spool/anacron/*',
            ],
          ],
        },
        {
          as: 'at',
          files: [
            '/var/spool/cron/atjobs/*',
            '/var/spool/at/*',
            '/var/spool/cron/atjobs/.SEQ',
            '/etc/at.allow',
            '/etc/at.deny',
          ],
        },
        { as: 'units.listed', list: SYSTEMD, depth: 3 },
        {
          as: 'unit',
          files: [
            ...SYSTEMD.flatMap((folder) => ['service', 'timer', 'path', 'socket'].map((kind) => `${folder}/*.${kind}`)),
            ...SYSTEMD.map((folder) => `${folder}/*.d/*.conf`),
            ...[
              '/usr/lib/systemd/system/*.timer',
              '/lib/systemd/system/*.timer',
              '/etc/systemd/user/*',
              '/etc/systemd/system-generators/*',
            ],
          ],
        },
        {
          homes: [
            {
              as: 'user.unit',
              files: ['.config/systemd/user/*', '.config/systemd/user/*.wants/*', '.config/autostart/*'],
            },
          ],
        },
        { as: 'timers', run: ['systemctl', 'list-timers', '--all', '--no-pager', '--full'] },
        {
          as: 'rc',
          files: [
            '/etc/rc.local',
            '/etc/rc.d/rc.local',
            '/etc/inittab',
            '/etc/local.d/*',
            '/etc/update-motd.d/*',
            '/etc/udev/rules.d/*',
          ],
        },
        { as: 'rc.listed', list: ['/etc/init.d', '/etc/rc2.d', '/etc/rc3.d', '/etc/runlevels'], depth: 2 },
      ],
    });
  },
});
