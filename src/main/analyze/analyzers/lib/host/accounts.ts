import { visible } from '../../../../../shared/visible';
import { accountsOf } from '../../../files/accounts';
import type { Hit } from '../rule';
import { citeFrame, type HostRule, hostLines, hostPath } from './subject';

const secondRoot: HostRule = {
  id: 'host.second-root',
  version: '1',
  title: 'An account of the host beside root has all rights of root',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1136.001'],
  benign: 'BSD-like systems have a second account with UID 0 (toor); some administrators make one as a way back in.',
  collectors: ['host.users'],
  check: ({ exhibit, files }) =>
    files.files.flatMap(({ path, content, pathFrame }): Hit[] => {
      if (!content || path !== '/etc/passwd') return [];
      return accountsOf(content.body)
        .filter(({ uid, name }) => uid === 0 && name !== 'root')
        .map(({ name, shell, offset, length }) => ({
          claim: `${hostPath(path)} of the host gives the account ${visible(name, { max: 60 })} the UID 0 and the shell ${visible(shell, { max: 60 })}.`,
          cites: [citeFrame(exhibit, content, { offset, length }), citeFrame(exhibit, pathFrame)],
        }));
    }),
};

const noPassword: HostRule = {
  id: 'host.no-password',
  version: '1',
  title: 'An account of the host can log in without a password',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1098'],
  benign: 'Live systems and some appliances are built so; sshd refuses empty passwords unless it is told to take them.',
  collectors: ['host.users'],
  check: (subject) =>
    subject.files.files.flatMap((file): Hit[] => {
      if (file.path !== '/etc/shadow') return [];
      const { lines, named } = hostLines(subject, file);
      return lines.flatMap(({ text, cite }) => {
        const [name = '', password, ...rest] = text.split(':');
        if (name === '' || password !== '' || rest.length < 6) return [];
        return [
          {
            claim: `${hostPath(file.path)} of the host has no password for ${visible(name, { max: 60 })}.`,
            cites: [cite, named],
          },
        ];
      });
    }),
};

/** What sudo may be told that gives more than an administrator asks for every day. */
const SUDO_ALL =
  /^\s*(?!root\b|%?(?:sudo|wheel|admin)\b|#|Defaults|@|\w+_Alias)(\S{1,100})\s+\S{1,100}\s*=\s*(?:\([^)]{0,100}\)\s*)?NOPASSWD\s*:\s*(?:\w+\s*:\s*)*ALL\b/;

const sudo: HostRule = {
  id: 'host.sudo-all',
  version: '1',
  title: 'A user of the host may do everything without a password',
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1548.003'],
  benign: 'Images of cloud providers give their first user this right, and so do tools of automation.',
  collectors: ['host.users'],
  check: (subject) =>
    subject.files.files.flatMap((file): Hit[] => {
      if (file.as !== 'sudo') return [];
      const { lines, named } = hostLines(subject, file);
      return lines.flatMap(({ text, cite }) => {
        const who = SUDO_ALL.exec(text)?.[1];
        if (who === undefined) return [];
        // cloud-init writes this file for the first user of an image
        const usual = /cloud-init/.test(file.path);
        return [
          {
            severity: usual ? ('informational' as const) : ('medium' as const),
            claim: `${hostPath(file.path)} lets ${visible(who, { max: 60 })} run every command as another user without a password.`,
            cites: [cite, named],
          },
        ];
      });
    }),
};

interface Setting {
  pattern: RegExp;
  does: string;
  severity: 'medium' | 'high';
}

/** Settings of sshd(5) that open a way in; the usual ones are not told. */
const SETTINGS: readonly Setting[] = [
  { pattern: /^\s*PermitEmptyPasswords\s+yes\b/i, does: 'takes empty passwords', severity: 'high' },
  { pattern: /^\s*AuthorizedKeysCommand\s+(?!none\b)\S/i, does: 'asks a command for keys', severity: 'medium' },
  {
    pattern: /^\s*AuthorizedKeysFile\s+\S*\/(?:tmp|dev|var\/tmp|run)\//i,
    does: 'takes keys from a folder for temporary files',
    severity: 'high',
  },
  {
    pattern: /^\s*(?:ForceCommand)\s+\S*(?:ba|z|da)?sh\b.{0,200}(?:curl|wget|nc|\/tmp\/)/i,
    does: 'runs a command at each login',
    severity: 'high',
  },
  { pattern: /^\s*PermitUserEnvironment\s+yes\b/i, does: 'lets users set LD_PRELOAD and the like', severity: 'medium' },
];

const sshSetting: HostRule = {
  id: 'host.ssh-setting',
  version: '1',
  title: 'The SSH server of the host is set up so that others may come in',
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1556', 'T1098.004'],
  benign: 'Firms that keep keys in a directory ask a command for them; who set it up so can say why.',
  collectors: ['host.ssh'],
  check: (subject) =>
    subject.files.files.flatMap((file): Hit[] => {
      if (!/\/sshd_config(?:\.d\/[^/]+)?$/.test(file.path)) return [];
      const { lines, named } = hostLines(subject, file);
      return lines.flatMap(({ text, cite }) =>
        SETTINGS.filter(({ pattern }) => pattern.test(text)).map(({ does, severity }) => ({
          severity,
          claim: `${hostPath(file.path)} ${does}: ${visible(text.trim(), { max: 200 })}`,
          cites: [cite, named],
        })),
      );
    }),
};

/** Rules on who may log in to the host. */
export const hostAccountRules: readonly HostRule[] = [secondRoot, noPassword, sudo, sshSetting];
