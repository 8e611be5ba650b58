import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';

export default defineCollector({
  id: 'host.logins',
  version: '1.0.0',
  title: 'Logins on the host',
  answers: 'Who logged in to the host, from where and when, who failed to, and who is there now?',
  how: 'Reads utmp, wtmp, btmp and lastlog with their older copies, raw.',
  replaces: ['last -f /var/log/wtmp', 'lastb', 'lastlog', 'who -a', 'w'],
  scope: 'host',
  volatility: 'logs',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    await captureHostFiles(ctx, {
      source: 'host.logins',
      title: 'Logins on the host',
      nothing: 'The host keeps none of the files in which logins are recorded.',
      parts: [
        { as: 'utmp', files: ['/run/utmp', '/run/systemd/sessions/*', '/run/systemd/users/*'] },
        { as: 'wtmp', files: ['/var/log/wtmp*', '/var/lib/wtmpdb/*'], limit: 0 },
        { as: 'btmp', files: ['/var/log/btmp*'], limit: 0 },
        // lastlog is sparse: its size is that of the highest user id
        { as: 'lastlog', files: ['/var/log/lastlog', '/var/lib/lastlog/*', '/var/log/faillog', '/var/log/tallylog'] },
        { as: 'faillock', files: ['/run/faillock/*'] },
      ],
    });
  },
});
