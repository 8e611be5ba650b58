import type { ParsedLine } from './record';

type Said = Pick<ParsedLine, 'desc' | 'fields'>;

interface Rule {
  program: RegExp;
  text: RegExp;
  desc: string;
  /** Names of the groups of `text`. */
  names: readonly string[];
}

/**
 * What programs of authentication write to syslog: OpenSSH's auth.c and auth2.c, sudo's logging.c, shadow's su, useradd,
 * usermod, passwd, Linux-PAM's pam_unix, cron. Other words are plain log lines.
 */
const RULES: readonly Rule[] = [
  {
    program: /^sshd/,
    text: /^Accepted (\S{1,40}) for (.{1,100}?) from (\S{1,100}) port (\d{1,5})/,
    desc: 'Login accepted',
    names: ['method', 'user', 'address', 'port'],
  },
  {
    program: /^sshd/,
    text: /^Failed (\S{1,40}) for (?:invalid user )?(.{0,100}?) from (\S{1,100}) port (\d{1,5})/,
    desc: 'Login failed',
    names: ['method', 'user', 'address', 'port'],
  },
  {
    program: /^sshd/,
    text: /^Invalid user (.{0,100}?) from (\S{1,100})/,
    desc: 'Login failed',
    names: ['user', 'address'],
  },
  {
    program: /^sshd/,
    text: /^(?:Disconnected from|Connection closed by) (?:(?:authenticating |invalid )?user (.{0,100}?) )?(\S{1,100}) port (\d{1,5})/,
    desc: 'Connection ended',
    names: ['user', 'address', 'port'],
  },
  {
    program: /^sudo$/,
    text: /^\s{0,20}(\S{1,100}) : (?:(.{1,200}?) ; )?TTY=(\S{1,100}) ; PWD=(.{1,4096}?) ; USER=(\S{1,100}) ; (?:.{1,200}? ; )?COMMAND=(.*)$/s,
    desc: 'Command as another user',
    names: ['user', 'refused', 'terminal', 'folder', 'as', 'command'],
  },
  {
    program: /^su$/,
    text: /^(?:Successful su for (\S{1,100}) by (\S{1,100})|\(to (\S{1,100})\) (\S{1,100}) on (\S{1,100}))/,
    desc: 'User changed',
    names: ['as', 'user', 'as', 'user', 'terminal'],
  },
  {
    program: /^su$/,
    text: /^FAILED (?:su|SU) (?:for (\S{1,100}) by (\S{1,100})|\(to (\S{1,100})\) (\S{1,100}) on (\S{1,100}))/,
    desc: 'Change of user failed',
    names: ['as', 'user', 'as', 'user', 'terminal'],
  },
  {
    program: /^(?:useradd|adduser)$/,
    text: /^new user: name=([^,]{1,100}), UID=(\d{1,10}), GID=(\d{1,10})(?:, home=([^,]{0,500}))?(?:, shell=([^,]{0,500}))?/,
    desc: 'User added',
    names: ['user', 'uid', 'gid', 'home', 'shell'],
  },
  {
    program: /^(?:userdel)$/,
    text: /^delete user [`']([^']{1,100})'/,
    desc: 'User deleted',
    names: ['user'],
  },
  {
    program: /^(?:usermod|gpasswd|groupadd|useradd)$/,
    text: /^add [`']([^']{1,100})' to (?:shadow )?group [`']([^']{1,100})'/,
    desc: 'Group changed',
    names: ['user', 'group'],
  },
  {
    program: /^(?:passwd|chpasswd|usermod)$/,
    text: /(?:password changed for|change user [`'])\s?([^'\s]{1,100})/,
    desc: 'Password changed',
    names: ['user'],
  },
  {
    program: /^(?:CRON|cron|crond|anacron)$/i,
    text: /^\((\S{1,100})\) CMD \((.*)\)$/s,
    desc: 'Scheduled command',
    names: ['user', 'command'],
  },
  {
    program: /./,
    text: /^pam_unix\(([^)]{1,100})\): session opened for user ([^\s(]{1,100})/,
    desc: 'Session opened',
    names: ['service', 'user'],
  },
  {
    program: /./,
    text: /^pam_unix\(([^)]{1,100})\): session closed for user ([^\s(]{1,100})/,
    desc: 'Session closed',
    names: ['service', 'user'],
  },
  {
    program: /./,
    text: /^pam_unix\(([^)]{1,100})\): authentication failure;.{0,200}? rhost=(\S{0,100})(?:\s+user=(\S{1,100}))?/,
    desc: 'Authentication failed',
    names: ['service', 'address', 'user'],
  },
];

/** What a line of syslog says of logins, users and commands; undefined where it is about something else. */
export function authOf(program: string, text: string): Said | undefined {
  for (const rule of RULES) {
    if (!rule.program.test(program)) continue;
    const match = rule.text.exec(text);
    if (!match) continue;
    const fields: Record<string, string> = {};
    for (const [i, name] of rule.names.entries()) {
      const value = match[i + 1];
      if (value !== undefined && value !== '') fields[name] = value;
    }
    return { desc: rule.desc, fields };
  }
  return undefined;
}
