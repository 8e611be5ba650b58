import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';
import { TimeWindow, windowSince, windowWords } from '../host-files/window';

export default defineCollector({
  id: 'host.audit',
  version: '1.0.0',
  title: 'Audit log of the host',
  answers:
    'Which system calls, commands and accesses to files did the kernel’s audit record, and what was it told to watch?',
  how: 'Reads audit.log with older copies and the rules, and asks auditctl for the rules in force.',
  replaces: ['ausearch -i', 'aureport -f', 'auditctl -l', 'cat /var/log/audit/audit.log'],
  scope: 'host',
  volatility: 'logs',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  input: TimeWindow,
  async collect(ctx, _target, window) {
    await captureHostFiles(ctx, {
      source: 'host.audit',
      title: 'Audit log of the host',
      nothing: 'The host keeps no audit log and has no audit rules.',
      parts: [
        { as: 'log', files: ['/var/log/audit/audit.log*'], limit: 0, since: windowSince(window) },
        {
          as: 'journal',
          run: [
            ...(['journalctl', '-q', '--no-pager', '--output=export'] as const),
            ...windowWords(window),
            '_TRANSPORT=audit',
          ],
          guard: 'journal',
          seconds: 0,
        },
        {
          as: 'rules',
          files: ['/etc/audit/*.conf', '/etc/audit/*.rules', '/etc/audit/rules.d/*', '/etc/audit/plugins.d/*'],
        },
        { as: 'rules.loaded', run: ['auditctl', '-l'] },
        { as: 'status', run: ['auditctl', '-s'] },
      ],
    });
  },
});
