import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';

export default defineCollector({
  id: 'host.ssh',
  version: '1.0.0',
  title: 'SSH of the host',
  answers: 'Whose keys open this host, from where does it let users in, and to which hosts did its users connect?',
  how: 'Reads sshd’s settings and public keys, and in each home authorized_keys, known_hosts and config; private keys are listed, not read.',
  replaces: ['cat /etc/ssh/sshd_config', 'cat ~/.ssh/authorized_keys', 'cat ~/.ssh/known_hosts', 'ls -la ~/.ssh'],
  scope: 'host',
  volatility: 'host',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    await captureHostFiles(ctx, {
      source: 'host.ssh',
      title: 'SSH of the host',
      nothing: 'The host has no settings of SSH, and none of its users has.',
      parts: [
        {
          as: 'system',
          files: [
            ...[
              '/etc/ssh/sshd_config',
              '/etc/ssh/sshd_config.d/*',
              '/etc/ssh/ssh_config',
              '/etc/ssh/ssh_config.d/*',
              '/etc/ssh/*.pub',
            ],
            ...[
              '/etc/ssh/ssh_known_hosts',
              '/etc/ssh/authorized_keys*',
              '/etc/ssh/authorized_keys/*',
              '/etc/dropbear/authorized_keys',
            ],
            ...['/etc/hosts.equiv'],
          ],
          follow: true,
        },
        { as: 'system.listed', list: ['/etc/ssh'], depth: 2 },
        {
          homes: [
            { as: 'user.listed', list: ['.ssh'], depth: 2 },
            {
              as: 'user',
              files: ['authorized_keys*', 'known_hosts*', 'config', 'config.d/*', 'environment', 'rc', '*.pub'].map(
                (name) => `.ssh/${name}`,
              ),
            },
            { as: 'user', files: ['.rhosts', '.shosts'] },
          ],
        },
      ],
    });
  },
});
