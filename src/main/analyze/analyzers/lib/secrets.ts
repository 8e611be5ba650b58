import { visible } from '../../../../shared/visible';

/** A value that looks like a secret: what called it so, and the value itself, which is never shown whole. */
export interface Secret {
  /** The name it stands under, or the kind of token it looks like. */
  name: string;
  value: string;
}

/** The first two characters and the length; of a short one only the length, since two would be most of it. */
export function masked(value: string): string {
  const letters = [...value];
  const length = `${letters.length} characters`;
  return letters.length < 6 ? `… (${length})` : `${visible(letters.slice(0, 2).join(''))}… (${length})`;
}

/** Tokens whose form alone says what they are. Each pattern is linear: no nested repeats. */
const TOKENS: readonly { kind: string; pattern: RegExp }[] = [
  { kind: 'AWS access key id', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { kind: 'GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{50,255})\b/g },
  { kind: 'GitLab token', pattern: /\bglpat-[A-Za-z0-9_-]{20,255}/g },
  { kind: 'Slack token', pattern: /\bxox[abeprs]-[A-Za-z0-9-]{10,255}/g },
  { kind: 'Google API key', pattern: /\bAIza[0-9A-Za-z_-]{35}\b/g },
  { kind: 'Stripe key', pattern: /\b[rs]k_live_[0-9A-Za-z]{16,255}\b/g },
  { kind: 'SendGrid key', pattern: /\bSG\.[\w-]{22}\.[\w-]{43}\b/g },
  { kind: 'npm token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { kind: 'Docker Hub token', pattern: /\bdckr_pat_[A-Za-z0-9_-]{20,255}/g },
  { kind: 'JSON Web Token', pattern: /\beyJ[\w-]{8,4096}\.eyJ[\w-]{8,8192}\.[\w-]{0,4096}/g },
  { kind: 'private key', pattern: /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/g },
];

/** scheme://user:PASSWORD@host. */
const URL_PASSWORD = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{0,256}:([^\s/@]{1,256})@/gi;

/** `Authorization: Bearer X`, as curl -H takes it. */
const BEARER = /\bauthorization:\s{0,5}(?:bearer|basic|token)\s{1,5}([^\s"']{4,4096})/gi;

/** Passwords that well-known programs take behind a short flag. */
const FLAGGED: readonly RegExp[] = [
  /\bsshpass\s{1,5}-p\s{0,5}([^\s"']{1,256})/g,
  /\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^|;&\n]{0,200}?\s-p([^\s"']{1,256})/g,
  /\b(?:curl|wget)\b[^|;&\n]{0,300}?\s(?:-u|--user)[\s=]{0,5}[^\s:"']{1,256}:([^\s"']{1,256})/g,
];

/** `--password=X`, `--token X`; `PASSWORD=X`, also inside a shell's command text. */
const ASSIGNED: readonly RegExp[] = [
  /(?<![\w-])--?([A-Za-z][\w.-]{0,63})(?:=|\s{1,5}(?=[^\s-]))("[^"]{1,1024}"|'[^']{1,1024}'|[^\s"']{1,1024})/g,
  /(?<![\w-])([A-Za-z_][\w.-]{0,63})=("[^"]{1,1024}"|'[^']{1,1024}'|[^\s"']{1,1024})/g,
];

const SECRET_NAME =
  /(?:^|[_.-])(?:pass|passwd|password|passphrase|pwd|secret|secrets|token|credential|credentials|apikey|authkey|(?:api|access|secret|private|encryption|signing|master|auth|account|shared)[_.-]?key)(?:$|[_.-]?\d*$|[_.-](?:value|base|base64|b64|hash|default|prod|dev|root|admin)$)/i;
const NO_SECRET_NAME = /^(?:old)?pwd$/i;
/** 'on', 'true', a path to a file that holds the secret, a reference that is filled in later. */
const NO_SECRET_VALUE =
  /^(?:|true|false|yes|no|on|off|null|none|nil|\/[^\s]*|\$\{?\w+\}?|\$\([^)]*\)|\{\{.*\}\}|\*+|<[^>]*>)$/i;

/** Splits camelCase, so that `dbPassword` is read like DB_PASSWORD. */
function spaced(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1_$2');
}

/** Whether something of that name with that value looks like a secret in the clear. */
export function isSecret(name: string, value: string): boolean {
  const short = name.slice(0, 200);
  return !NO_SECRET_NAME.test(short) && SECRET_NAME.test(spaced(short)) && !NO_SECRET_VALUE.test(value.slice(0, 400));
}

/** Longer text is not searched beyond this, in characters: a command line of the kernel is at most 2 MiB. */
const SEARCHED = 256 * 1024;

/** Secrets that free text, such as a command line, shows by their form or by the name before them. */
export function secretsInText(text: string): Secret[] {
  const searched = text.slice(0, SEARCHED);
  const found: Secret[] = [];
  for (const { kind, pattern } of TOKENS) {
    for (const match of searched.matchAll(pattern)) found.push({ name: kind, value: match[0] });
  }
  for (const match of searched.matchAll(URL_PASSWORD)) found.push({ name: 'password in a URL', value: match[1] ?? '' });
  for (const match of searched.matchAll(BEARER)) found.push({ name: 'Authorization header', value: match[1] ?? '' });
  for (const pattern of FLAGGED) {
    for (const match of searched.matchAll(pattern)) found.push({ name: 'password option', value: match[1] ?? '' });
  }
  for (const pattern of ASSIGNED) {
    for (const [, name = '', quoted = ''] of searched.matchAll(pattern)) {
      const value = quoted.replace(/^(["'])(.*)\1$/s, '$2');
      if (isSecret(name.replaceAll('-', '_'), value)) found.push({ name, value });
    }
  }
  const once = new Map(found.filter(({ value }) => value !== '').map((secret) => [secret.value, secret]));
  return [...once.values()];
}

/** A secret in `NAME` with `value`, as an environment variable or a label has it. */
export function secretsInVariable(name: string, value: string): Secret[] {
  return isSecret(name, value) ? [{ name, value }] : secretsInText(value);
}

/** Text with every secret in it masked, made harmless to look at and cut at `max` characters. */
export function shown(text: string, max = 300): string {
  // longest first, so that one secret that is part of another does not break it
  const secrets = secretsInText(text).sort((a, b) => b.value.length - a.value.length);
  let safe = text;
  for (const { value } of secrets) safe = safe.replaceAll(value, () => masked(value));
  return visible(safe, { max });
}
