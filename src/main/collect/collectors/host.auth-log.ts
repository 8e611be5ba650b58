import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';
import { TimeWindow, windowSince, windowWords } from '../host-files/window';

export default defineCollector({
  id: 'host.auth-log',
  version: '1.0.0',
  title: 'Authentication log of the host',
  answers: 'Who authenticated, became another user or failed to, by ssh, sudo, su or at the console?',
  how: 'Reads auth.log or secure with older copies, and the journal’s entries of the facilities auth and authpriv.',
  replaces: ['cat /var/log/auth.log', 'cat /var/log/secure', 'journalctl SYSLOG_FACILITY=10'],
  scope: 'host',
  volatility: 'logs',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  input: TimeWindow,
  async collect(ctx, _target, window) {
    await captureHostFiles(ctx, {
      source: 'host.auth-log',
      title: 'Authentication log of the host',
      nothing: 'The host has neither auth.log nor secure, and its journal holds no entry of authentication.',
      parts: [
        {
          as: 'log',
          files: [
            '/var/log/auth.log*',
            '/var/log/secure*',
            '/var/log/sudo.log*',
            '/var/log/sulog*',
            '/var/log/sshd.log*',
          ],
          limit: 0,
          since: windowSince(window),
        },
        {
          as: 'journal',
          run: [
            ...(['journalctl', '-q', '--no-pager', '--output=export'] as const),
            ...windowWords(window),
            'SYSLOG_FACILITY=4',
            'SYSLOG_FACILITY=10',
          ],
          guard: 'journal',
          seconds: 0,
        },
      ],
    });
  },
});
