import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';

export default defineCollector({
  id: 'host.users',
  version: '1.0.0',
  title: 'Users of the host',
  answers: 'Which users and groups does the host have, who may become root, and how do they authenticate?',
  how: 'Reads passwd, group, shadow (whole, with password hashes, since they are evidence), sudoers and PAM’s settings.',
  replaces: ['cat /etc/passwd', 'cat /etc/group', 'cat /etc/shadow', 'cat /etc/sudoers', 'getent passwd'],
  scope: 'host',
  volatility: 'host',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    await captureHostFiles(ctx, {
      source: 'host.users',
      title: 'Users of the host',
      nothing: 'The host has none of the files in which users are kept.',
      parts: [
        {
          as: 'account',
          files: ['passwd', 'group', 'shadow', 'gshadow', 'subuid', 'subgid'].flatMap((name) => [
            `/etc/${name}`,
            `/etc/${name}-`,
          ]),
          follow: true,
        },
        {
          as: 'sudo',
          files: ['/etc/sudoers', '/etc/sudoers.d/*', '/etc/doas.conf', '/etc/doas.d/*', '/etc/polkit-1/rules.d/*'],
        },
        { as: 'pam', files: ['/etc/pam.d/*', '/etc/pam.conf', '/etc/security/*.conf', '/etc/security/*.d/*'] },
        {
          as: 'login',
          files: ['/etc/login.defs', '/etc/securetty', '/etc/shells', '/etc/nsswitch.conf', '/etc/sssd/sssd.conf'],
        },
        { as: 'homes.listed', list: ['/home', '/root'] },
        { as: 'skel', list: ['/etc/skel'] },
      ],
    });
  },
});
