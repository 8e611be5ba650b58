import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';

const RPM = '%{NAME}\\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}.%{ARCH}\\t%{INSTALLTIME}\\t%{VENDOR}\\t%{SIGPGP:pgpsig}\\n';

export default defineCollector({
  id: 'host.packages',
  version: '1.0.0',
  title: 'Packages of the host',
  answers:
    'Which software is installed on the host, from where, since when, and what was installed or removed of late?',
  how: 'Reads the databases and logs of dpkg, apk and pacman, and asks rpm as a user without rights, since as root it would write.',
  replaces: ['dpkg -l', 'rpm -qa', 'apk info -v', 'cat /var/log/dpkg.log', 'cat /var/log/apt/history.log'],
  scope: 'host',
  volatility: 'host',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    await captureHostFiles(ctx, {
      source: 'host.packages',
      title: 'Packages of the host',
      nothing: 'The host has no package manager that Lading knows (dpkg, rpm, apk, pacman).',
      parts: [
        {
          as: 'dpkg',
          files: [
            '/var/lib/dpkg/status',
            '/var/lib/dpkg/diversions',
            '/var/lib/dpkg/statoverride',
            '/var/lib/apt/extended_states',
          ],
        },
        { as: 'dpkg.info', list: ['/var/lib/dpkg/info'] },
        {
          as: 'rpm',
          run: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'rpm', '-qa', '--qf', RPM],
          guard: 'rpm',
          seconds: 120,
        },
        {
          as: 'apk',
          files: [
            '/lib/apk/db/installed',
            '/usr/lib/apk/db/installed',
            '/lib/apk/db/triggers',
            '/etc/apk/world',
            '/etc/apk/repositories',
          ],
        },
        { as: 'pacman', list: ['/var/lib/pacman/local'] },
        { as: 'snap', list: ['/var/lib/snapd/snaps', '/var/lib/flatpak/app'] },
        {
          as: 'log',
          files: [
            ...[
              '/var/log/dpkg.log*',
              '/var/log/apt/*.log*',
              '/var/log/alternatives.log*',
              '/var/log/unattended-upgrades/*',
            ],
            ...[
              '/var/log/yum.log*',
              '/var/log/dnf*.log*',
              '/var/log/zypp/history*',
              '/var/log/pacman.log*',
              '/var/log/apk.log*',
            ],
          ],
          limit: 0,
        },
        {
          as: 'source',
          files: [
            ...[
              '/etc/apt/sources.list',
              '/etc/apt/sources.list.d/*',
              '/etc/apt/preferences',
              '/etc/apt/preferences.d/*',
              '/etc/apt/apt.conf.d/*',
            ],
            ...['/etc/yum.repos.d/*', '/etc/dnf/dnf.conf', '/etc/zypp/repos.d/*', '/etc/pacman.conf'],
          ],
        },
      ],
    });
  },
});
