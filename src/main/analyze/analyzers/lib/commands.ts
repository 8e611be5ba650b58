import { SEVERITIES, type Severity } from '../../../../shared/domain';

/** Something that a command line does which an examiner wants to know of. */
export interface CommandSign {
  id: string;
  /** Completes "the command …": 'opens a reverse shell'. */
  does: string;
  severity: Severity;
  /** ATT&CK v19. */
  techniques: readonly string[];
}

interface Pattern extends CommandSign {
  patterns: readonly RegExp[];
}

/** Repeats are bounded, so that hostile text of any form costs linear time. */
const PATTERNS: readonly Pattern[] = [
  {
    id: 'reverse-shell',
    does: 'connects a shell to a network peer',
    severity: 'critical',
    techniques: ['T1059.004', 'T1071'],
    patterns: [
      /\/dev\/(?:tcp|udp)\/[^\s/]{1,255}\/\d{1,5}/,
      /\b(?:nc|ncat|netcat|nc\.\w{1,20})\b[^|;&\n]{0,200}?\s-{1,2}\w{0,8}(?:e|exec|c|sh-exec)[\s=]{1,3}\S{0,100}(?:sh|bash|cmd)\b/,
      /\bsocat\b.{0,300}?\b(?:exec|system):/is,
      /\bmkfifo\b.{0,300}?\b(?:nc|ncat|netcat|telnet|openssl)\b/s,
      /\bpython[\d.]{0,5}\b.{0,300}?socket.{0,400}?(?:dup2|pty\.spawn|subprocess)/s,
      /\bperl\b.{0,200}?socket.{0,400}?(?:exec|open\s{0,3}\(\s{0,3}STD)/is,
      /\bphp[\d.]{0,5}\b.{0,100}?fsockopen.{0,300}?(?:exec|system|popen|proc_open)/s,
      /\bruby\b.{0,100}?socket.{0,300}?(?:exec|spawn|IO\.popen)/is,
    ],
  },
  {
    id: 'download-and-run',
    does: 'downloads something and runs it',
    severity: 'high',
    techniques: ['T1105', 'T1059.004'],
    patterns: [
      /\b(?:curl|wget|fetch)\b[^|;\n]{0,600}\|\s{0,5}(?:sudo\s{1,5})?(?:\/\S{0,60}\/)?(?:ba|da|a|z|k)?sh\b/,
      /\b(?:curl|wget|fetch)\b[^|;\n]{0,600}\|\s{0,5}(?:sudo\s{1,5})?(?:python[\d.]{0,5}|perl|php|node|ruby)\b/,
      /(?:ba|da|z)?sh\s{1,5}(?:-c\s{1,5})?["']?(?:<\(|\$\(|`)\s{0,5}(?:curl|wget)\b/,
      /\b(?:curl|wget)\b.{0,600}?(?:&&|;)\s{0,5}chmod\s{1,5}\S{0,10}(?:\+x|7[0-7]{2})/s,
    ],
  },
  {
    id: 'encoded',
    does: 'decodes hidden text and runs it',
    severity: 'high',
    techniques: ['T1140', 'T1027'],
    patterns: [
      /\bbase64\s{1,5}(?:-d|-D|--decode)\b[^;\n]{0,200}\|\s{0,5}(?:\S{0,40}\/)?(?:(?:ba|da|z)?sh|python[\d.]{0,5}|perl|php)\b/,
      /\beval\b.{0,100}?\bbase64\b/s,
      /\b(?:xxd\s{1,5}-r|openssl\s{1,5}(?:enc|base64)\b[^|;\n]{0,100}-d)\b[^;\n]{0,200}\|\s{0,5}(?:\S{0,40}\/)?(?:(?:ba|da|z)?sh|python[\d.]{0,5}|perl)\b/,
      /\bexec\s{0,3}\(.{0,100}?b64decode/s,
    ],
  },
  {
    id: 'decoded',
    does: 'decodes hidden text into a file',
    severity: 'medium',
    techniques: ['T1140'],
    patterns: [/\bbase64\s{1,5}(?:-d|-D|--decode)\b[^;|\n]{0,200}>/, /\bxxd\s{1,5}-r\b[^;|\n]{0,200}>/],
  },
  {
    id: 'hidden-file',
    does: 'writes a hidden file into a folder for temporary files',
    severity: 'medium',
    techniques: ['T1564.001'],
    patterns: [
      /(?:>|\bcp\b[^;|\n]{0,300}|\bmv\b[^;|\n]{0,300}|\s-[oO]\s{0,3})\s{0,3}\/(?:dev\/shm|tmp|var\/tmp|run)\/(?:[^\s/]{1,100}\/){0,8}\.[^\s/]/,
    ],
  },
  {
    id: 'miner',
    does: 'mines, or names a mining pool',
    severity: 'high',
    techniques: ['T1496.001'],
    patterns: [
      /\bstratum\d?\+(?:tcp|ssl|tls|udp):/i,
      /\b(?:xmrig|xmr-stak|minerd|cpuminer|ccminer|cgminer|bfgminer|nbminer|t-rex|lolminer|phoenixminer|kinsing|kdevtmpfsi)\b/i,
      /--(?:donate-level|randomx-\w{1,20}|coin[= ](?:xmr|monero))\b/i,
    ],
  },
  {
    id: 'escape',
    does: 'reaches for the host',
    severity: 'critical',
    techniques: ['T1611'],
    patterns: [
      /\bnsenter\b[^|;\n]{0,100}?(?:-t|--target)[\s=]{0,3}1\b/,
      /\brelease_agent\b/,
      /\/proc\/sys\/kernel\/(?:core_pattern|modprobe)\b/,
      /\bchroot\s{1,5}\/(?:host\w{0,20}|mnt\w{0,20}|proc\/1\/root)\b/,
      /\bmount\s{1,5}[^|;\n]{0,60}\/dev\/(?:sd|vd|xvd|nvme|dm-|mapper\/)/,
      /\binsmod\s{1,5}\S|\bmodprobe\s{1,5}\S/,
    ],
  },
  {
    id: 'engine-api',
    does: "talks to the engine's API",
    severity: 'high',
    techniques: ['T1552.007', 'T1610'],
    patterns: [
      /\b(?:docker|containerd|crio|podman)\.sock\b/,
      /\bdocker\s{1,5}(?:-H|--host)\b/,
      /https?:\/\/[^\s/]{1,255}:237[56]\b/,
    ],
  },
  {
    id: 'account',
    does: 'adds or changes an account',
    severity: 'high',
    techniques: ['T1136.001'],
    patterns: [
      />>?\s{0,5}\S{0,100}\/etc\/(?:passwd|shadow|sudoers)/,
      /\b(?:useradd|adduser)\b[^|;\n]{0,100}?\s(?:-o\b|-u\s{0,3}0\b|--uid[\s=]0\b)/,
      /\bchpasswd\b/,
    ],
  },
  {
    id: 'ssh-key',
    does: 'writes a key for SSH logins',
    severity: 'high',
    techniques: ['T1098.004'],
    patterns: [/\bauthorized_keys2?\b/],
  },
  {
    id: 'cron',
    does: 'schedules a command',
    severity: 'medium',
    techniques: ['T1053.003'],
    patterns: [/\bcrontab\s{1,5}(?!-l\b)\S/, /\/(?:etc\/cron|var\/spool\/cron)/],
  },
  {
    id: 'preload',
    does: 'loads a library into other processes',
    severity: 'high',
    techniques: ['T1574.006'],
    patterns: [/\/etc\/ld\.so\.preload\b/, /\bLD_PRELOAD=\S/],
  },
  {
    id: 'setuid',
    does: 'gives a file the rights of its owner or capabilities',
    severity: 'high',
    techniques: ['T1548.001'],
    patterns: [/\bchmod\s{1,5}(?:-\w{1,5}\s{1,5})?(?:[ugoa]{0,4}\+\w{0,3}s|0?[2467][0-7]{3})\b/, /\bsetcap\s{1,5}\S/],
  },
  {
    id: 'history',
    does: 'keeps or wipes a shell history',
    severity: 'high',
    techniques: ['T1070.003'],
    patterns: [
      /\bhistory\s{1,5}-[cw]\b/,
      /\bunset\s{1,5}HIST(?:FILE|SIZE)\b|\bHISTFILE=(?:\/dev\/null|\s|$)|\bHISTSIZE=0\b/,
      /(?:\brm\b|\bshred\b|\btruncate\b|\bln\b|>)[^|;\n]{0,200}?\.(?:\w{1,12}_)?history\b/,
    ],
  },
  {
    id: 'logs',
    does: 'deletes or empties logs',
    severity: 'high',
    techniques: ['T1070.002'],
    patterns: [
      /(?:\brm\b|\bshred\b|\btruncate\b)[^|;\n]{0,200}?\/var\/log\b/,
      /(?:^|[\s;&|])>\s{0,3}\/var\/log\/|\bcat\s{1,3}\/dev\/null\s{0,3}>\s{0,3}\/var\/log/,
      /\bjournalctl\b[^|;\n]{0,100}?--vacuum/,
    ],
  },
  {
    id: 'upload',
    does: 'sends a file out',
    severity: 'high',
    techniques: ['T1048'],
    patterns: [
      /\bcurl\b[^|;\n]{0,600}?\s(?:-T|--upload-file|-F\s{0,3}\S{0,60}=@|--data-binary[\s=]{1,3}@|-d\s{0,3}@)/,
      /\bwget\b[^|;\n]{0,600}?--(?:post-file|body-file)[\s=]/,
      /\b(?:tar|gzip|zip|cat|dd|base64)\b[^;\n]{0,300}?\|\s{0,5}(?:nc|ncat|netcat|curl|openssl\s{1,3}s_client)\b/,
      /\b(?:nc|ncat|netcat)\b[^|;\n]{0,200}?<\s{0,3}[^\s<&(]/,
    ],
  },
  {
    id: 'tunnel',
    does: 'opens a tunnel',
    severity: 'high',
    techniques: ['T1572', 'T1090'],
    patterns: [
      /\b(?:chisel|ngrok|frpc|gost|cloudflared|bore|rathole|ligolo\w{0,10}|gsocket|gs-netcat)\b\s{1,5}\S/,
      /\bssh\b[^|;\n]{0,200}?\s-\w{0,8}[RD]\s{0,3}[\w.:[\]]{1,100}/,
    ],
  },
  {
    id: 'credentials',
    does: 'reads credentials',
    severity: 'high',
    techniques: ['T1552.001'],
    patterns: [
      /\/etc\/(?:g?shadow)\b/,
      /\/proc\/(?:\d{1,10}|\*|self)\/environ\b/,
      /\.aws\/credentials\b|\.kube\/config\b|\.docker\/config\.json\b|\/id_(?:rsa|dsa|ecdsa|ed25519)\b/,
      /serviceaccount\/token\b/,
    ],
  },
  {
    id: 'metadata',
    does: "asks a cloud's metadata service",
    severity: 'high',
    techniques: ['T1552.005'],
    patterns: [/\b169\.254\.169\.254\b|\b169\.254\.170\.2\b|\bmetadata\.google\.internal\b|\bfd00:ec2::254\b/i],
  },
  {
    id: 'timestomp',
    does: "sets a file's times",
    severity: 'medium',
    techniques: ['T1070.006'],
    patterns: [/\btouch\s{1,5}(?:-\w{0,5}[tdr]|--date|--reference)\b/],
  },
  {
    id: 'immutable',
    does: 'makes a file unchangeable',
    severity: 'medium',
    techniques: ['T1222.002'],
    patterns: [/\bchattr\s{1,5}(?:-\w{1,5}\s{1,5})?\+\w{0,5}[ia]/],
  },
  {
    id: 'scanner',
    does: 'scans a network or a system for weaknesses',
    severity: 'medium',
    techniques: ['T1046'],
    patterns: [/\b(?:nmap|masscan|zmap|zgrab2?|fscan|linpeas\w{0,10}|deepce|botb|cdk|amicontained)\b(?:\.sh)?(?:\s|$)/],
  },
];

/** Every sign there is, in the table's order. */
export const COMMAND_SIGNS: readonly CommandSign[] = PATTERNS;

/** Longer text is not searched beyond this, in characters. */
const SEARCHED = 64 * 1024;

/** What a command line does that is worth a finding, in the table's order. */
export function commandSigns(text: string): CommandSign[] {
  const searched = text.slice(0, SEARCHED);
  return PATTERNS.filter(({ patterns }) => patterns.some((pattern) => pattern.test(searched)));
}

/** The gravest of several. */
export function gravest(severities: readonly Severity[], otherwise: Severity): Severity {
  return SEVERITIES.find((severity) => severities.includes(severity)) ?? otherwise;
}

const SHELLS = new Set([
  'sh',
  'bash',
  'dash',
  'ash',
  'zsh',
  'ksh',
  'ksh93',
  'mksh',
  'fish',
  'csh',
  'tcsh',
  'rbash',
  'pwsh',
]);
const INTERPRETERS = /^(?:python|perl|php|ruby|node|nodejs|lua|tclsh|expect|awk|gawk|mawk)[\d.]*(?:-fpm|-cgi)?$/;
const RELAYS = new Set(['nc', 'ncat', 'netcat', 'nc.openbsd', 'nc.traditional', 'socat', 'telnet', 'busybox']);

/** The last part of a path, without the '-' of a login shell. */
export function programName(path: string): string {
  return (path.split('/').at(-1) ?? '').replace(/^-/, '');
}

export function isShell(path: string): boolean {
  return SHELLS.has(programName(path));
}

export function isInterpreter(path: string): boolean {
  return INTERPRETERS.test(programName(path));
}

/** Programs that pass bytes between a socket and another process. */
export function isRelay(path: string): boolean {
  return RELAYS.has(programName(path));
}

/**
 * The program of a command as it was given to the engine: the first word, through busybox, env and the like. Shell
 * words are split at blanks only, since the engine's event has joined the argv with blanks.
 */
export function firstProgram(command: string): string {
  const words = command.trim().split(/\s+/, 20);
  for (const word of words) {
    const name = programName(word);
    if (/^(?:env|busybox|setsid|nohup|sudo|exec|time|nice|stdbuf|timeout|tini|dumb-init)$/.test(name)) continue;
    if (/^\w+=/.test(word) || word.startsWith('-')) continue;
    return name;
  }
  return '';
}
