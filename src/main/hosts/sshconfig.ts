import { readdirSync, readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import SSHConfig from 'ssh-config';
import { matchPattern, matchPatternList } from './patterns';

/** What ~/.ssh/config says of one host; only what Lading follows. */
export interface SshSettings {
  hostName?: string;
  user?: string;
  port?: string;
  identityFiles: string[];
  identitiesOnly: boolean;
  /** A socket, 'SSH_AUTH_SOCK' or 'none'. */
  identityAgent?: string;
  /** As written: `user@host:port,…`, or 'none'. */
  proxyJump?: string;
  proxyCommand?: string;
  /** Undefined: ssh's own files. */
  userKnownHostsFiles?: string[];
  hostKeyAlias?: string;
  /** A Host line other than `Host *` speaks of it. */
  named: boolean;
  /** What was in the file and was not followed. */
  notes: string[];
}

interface Context {
  alias: string;
  user: string | undefined;
  home: string;
  settings: SshSettings;
  seen: Set<string>;
  depth: number;
  identitiesOnlySaid?: boolean;
}

/** Settings of `alias` by ~/.ssh/config (ssh_config(5)): first value wins, identity files add up. Runs nothing, ever. */
export function readSshSettings(alias: string, options: { home?: string; user?: string } = {}): SshSettings {
  const home = options.home ?? homedir();
  const settings: SshSettings = { identityFiles: [], identitiesOnly: false, named: false, notes: [] };
  const context: Context = { alias, user: options.user, home, settings, seen: new Set(), depth: 0 };
  applyFile(join(home, '.ssh', 'config'), context, true);
  return settings;
}

/** The Host names without wildcards in ~/.ssh/config, in their order, each once. */
export function listSshHosts(options: { home?: string } = {}): string[] {
  const home = options.home ?? homedir();
  const found = new Set<string>();
  const visit = (file: string, depth: number): void => {
    for (const line of flat(parseFile(file))) {
      if (is(line, 'host')) for (const word of words(line)) if (!/[*?!]/.test(word)) found.add(word);
      if (is(line, 'include') && depth < 16)
        for (const pattern of words(line)) for (const inner of include(pattern, home)) visit(inner, depth + 1);
    }
  };
  visit(join(home, '.ssh', 'config'), 0);
  return [...found];
}

type Line = ReturnType<typeof SSHConfig.parse>[number];
type Directive = Extract<Line, { param: string }>;

function parseFile(file: string): Directive[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return []; // ssh itself goes on without a config file that it cannot read
  }
  try {
    return directives(SSHConfig.parse(text));
  } catch {
    return [];
  }
}

const directives = (lines: readonly Line[]): Directive[] => lines.filter((line): line is Directive => 'param' in line);
const flat = (lines: Directive[]): Directive[] =>
  lines.flatMap((line) => ('config' in line ? [line, ...flat(directives(line.config))] : [line]));
const is = (line: Directive, name: string): boolean => line.param.toLowerCase() === name;
const words = (line: Directive): string[] =>
  typeof line.value === 'string'
    ? line.quoted
      ? [line.value]
      : line.value.split(/\s+/).filter((word) => word !== '')
    : line.value.map((word) => word.val);
const text = (line: Directive): string => (typeof line.value === 'string' ? line.value : words(line).join(' '));

function applyFile(file: string, context: Context, active: boolean): void {
  if (context.seen.has(file) || context.depth >= 16) return;
  context.seen.add(file);
  context.depth++;
  applyLines(parseFile(file), context, active);
  context.depth--;
  context.seen.delete(file);
}

function applyLines(lines: Directive[], context: Context, active: boolean): void {
  for (const line of lines) {
    if (is(line, 'host') && 'config' in line) {
      const patterns = words(line);
      const matches = active && matchPatternList(patterns, context.alias);
      if (matches && patterns.some((pattern) => pattern !== '*' && !pattern.startsWith('!'))) {
        context.settings.named = true;
      }
      applyLines(directives(line.config), context, matches);
    } else if (is(line, 'match') && 'config' in line) {
      applyLines(directives(line.config), context, active && matchLine(words(line), context));
    } else if (is(line, 'include')) {
      for (const pattern of words(line))
        for (const file of include(pattern, context.home)) applyFile(file, context, active);
    } else if (active) applyDirective(line, context);
  }
}

/** Evaluates a Match line. Criteria that would run something or that Lading cannot know never match. */
function matchLine(criteria: string[], context: Context): boolean {
  const { settings } = context;
  for (let at = 0; at < criteria.length; at++) {
    const word = (criteria[at] ?? '').toLowerCase();
    const negated = word.startsWith('!');
    const name = negated ? word.slice(1) : word;
    if (name === 'all') {
      if (negated) return false;
      continue;
    }
    const argument = criteria[++at] ?? '';
    const subject = matchSubject(name, context);
    if (subject === undefined) {
      settings.notes.push(
        name === 'exec'
          ? `A "Match exec" block of the SSH configuration was skipped: Lading runs no command to find out whether it applies.`
          : `A "Match ${name}" block of the SSH configuration was skipped.`,
      );
      return false;
    }
    if (matchPatternList(argument.split(','), subject) === negated) return false;
  }
  return criteria.length > 0;
}

function matchSubject(name: string, { alias, user, settings }: Context): string | undefined {
  if (name === 'host') return settings.hostName ?? alias;
  if (name === 'originalhost') return alias;
  if (name === 'user') return user ?? settings.user ?? userInfo().username;
  if (name === 'localuser') return userInfo().username;
  return undefined;
}

function applyDirective(line: Directive, context: Context): void {
  const { settings, home } = context;
  const value = text(line);
  const path = (raw: string): string => expand(raw, context, home);
  switch (line.param.toLowerCase()) {
    case 'hostname':
      settings.hostName ??= value.replaceAll('%h', context.alias).replaceAll('%%', '%');
      break;
    case 'user':
      settings.user ??= value;
      break;
    case 'port':
      settings.port ??= value;
      break;
    case 'identityfile':
      if (value.toLowerCase() !== 'none') settings.identityFiles.push(path(value));
      break;
    case 'identitiesonly':
      if (!context.identitiesOnlySaid) settings.identitiesOnly = value.toLowerCase() === 'yes';
      context.identitiesOnlySaid = true;
      break;
    case 'identityagent':
      settings.identityAgent ??= value === 'none' || value === 'SSH_AUTH_SOCK' ? value : path(value);
      break;
    // Of ProxyJump and ProxyCommand the one that stands first counts.
    case 'proxyjump':
      if (settings.proxyCommand === undefined) settings.proxyJump ??= value;
      break;
    case 'proxycommand':
      if (settings.proxyJump === undefined && value.toLowerCase() !== 'none') settings.proxyCommand ??= value;
      break;
    case 'userknownhostsfile':
      settings.userKnownHostsFiles ??= words(line)
        .filter((word) => word.toLowerCase() !== 'none')
        .map(path);
      break;
    case 'hostkeyalias':
      settings.hostKeyAlias ??= value;
      break;
  }
}

/** `~` and the tokens of ssh_config(5) that can be known before connecting; environment variables are not followed. */
function expand(raw: string, { alias, settings, user }: Context, home: string): string {
  const tokens: Record<string, string> = {
    '%%': '%',
    '%d': home,
    '%h': settings.hostName ?? alias,
    '%n': alias,
    '%r': user ?? settings.user ?? userInfo().username,
    '%u': userInfo().username,
  };
  const path = raw.replace(/%[%dhnru]/g, (token) => tokens[token] ?? token);
  return path === '~' || path.startsWith('~/') || path.startsWith('~\\') ? join(home, path.slice(1)) : path;
}

/** Files of an Include: relative to ~/.ssh, wildcards in the last part only. */
function include(pattern: string, home: string): string[] {
  const tilde = pattern.startsWith('~/') ? join(home, pattern.slice(2)) : pattern;
  const path = isAbsolute(tilde) ? tilde : join(home, '.ssh', tilde);
  if (!/[*?]/.test(path)) return [path];
  try {
    const folder = dirname(path);
    const files = readdirSync(folder).filter((name) => matchPattern(basename(path), name) && !name.startsWith('.'));
    return files.sort().map((name) => join(folder, name));
  } catch {
    return [];
  }
}
