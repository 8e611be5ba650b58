import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LadingError } from '../../shared/errors';
import { matchPatternList } from './patterns';

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  file: string;
  /** From 1. */
  line: number;
  marker?: 'revoked' | 'cert-authority';
  /** Comma-separated patterns, or one hashed name `|1|salt|hash`. */
  hosts: string;
  /** 'ssh-ed25519': the type of the key, not of the signature. */
  type: string;
  /** The key as SSH sends it. */
  key: Buffer;
}

export type KeyVerdict =
  | { verdict: 'known'; by: KnownHost }
  | { verdict: 'unknown'; authority?: KnownHost }
  | { verdict: 'changed'; was: KnownHost }
  | { verdict: 'revoked'; by: KnownHost };

/** `SHA256:…` as ssh-keygen -l prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type that stands first inside a key blob (RFC 4253 6.6); '' when the blob is none. */
export function keyType(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length <= 64 && key.length >= 4 + length ? key.toString('latin1', 4, 4 + length) : '';
}

/** Parses known_hosts. A line that is not understood is left out: it can let nothing in. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  const found: KnownHost[] = [];
  text.split(/\r?\n/).forEach((raw, index) => {
    const words = raw.trim().split(/[ \t]+/);
    const first = words[0] ?? '';
    if (first === '' || first.startsWith('#')) return;
    let marker: KnownHost['marker'];
    if (first.startsWith('@')) {
      if (first !== '@revoked' && first !== '@cert-authority') return;
      marker = first === '@revoked' ? 'revoked' : 'cert-authority';
      words.shift();
    }
    const [hosts, type, base64] = words;
    if (!hosts || !type || !base64 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return;
    const key = Buffer.from(base64, 'base64');
    if (keyType(key) !== type) return;
    found.push({ file, line: index + 1, ...(marker && { marker }), hosts, type, key });
  });
  return found;
}

/** The name a host has in known_hosts: `host`, or `[host]:port` where the port is not 22. */
export function knownName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

function names(entry: KnownHost, name: string): boolean {
  if (!entry.hosts.startsWith('|')) return matchPatternList(entry.hosts.split(','), name);
  const [, version, salt, hash] = entry.hosts.split('|');
  if (version !== '1' || !salt || !hash) return false;
  const ours = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  const theirs = Buffer.from(hash, 'base64');
  return ours.length === theirs.length && timingSafeEqual(ours, theirs);
}

/**
 * Whether `key` is the key of `name`. A host whose known keys are all others is 'changed', also when the new one is of
 * another type: the connection asks for the known types first, so a host that still has them shows one of them.
 */
export function checkKey(entries: readonly KnownHost[], name: string, key: Buffer): KeyVerdict {
  const mine = entries.filter((entry) => names(entry, name));
  const revoked = mine.find((entry) => entry.marker === 'revoked' && entry.key.equals(key));
  if (revoked) return { verdict: 'revoked', by: revoked };
  const plain = mine.filter((entry) => !entry.marker);
  const same = plain.find((entry) => entry.key.equals(key));
  if (same) return { verdict: 'known', by: same };
  const was = plain.find((entry) => entry.type === keyType(key)) ?? plain[0];
  if (was) return { verdict: 'changed', was };
  const authority = mine.find((entry) => entry.marker === 'cert-authority');
  return { verdict: 'unknown', ...(authority && { authority }) };
}

/** Types of the keys known for `name`, to be asked for first. */
export function knownTypes(entries: readonly KnownHost[], name: string): string[] {
  return [...new Set(entries.filter((entry) => !entry.marker && names(entry, name)).map((entry) => entry.type))];
}

/** Reads several files; one that is not there is empty. Throws FILE_UNREADABLE: a key in it might be the other one. */
export async function readKnownHosts(files: readonly string[]): Promise<KnownHost[]> {
  const lists = files.map(async (file) => {
    try {
      return parseKnownHosts(await readFile(file, 'utf8'), file);
    } catch (error) {
      if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
      throw new LadingError('FILE_UNREADABLE', `The file of known host keys ${file} cannot be read.`, {
        advice: 'Make it readable, or name another one with --known-hosts.',
        cause: error,
      });
    }
  });
  return (await Promise.all(lists)).flat();
}

/** Adds a key that the examiner compared to Lading's own file; the examiner's ~/.ssh/known_hosts is never written. */
export async function rememberKey(file: string, name: string, key: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const before = await readFile(file, 'utf8').catch(() => '');
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  await appendFile(file, `${gap}${name} ${keyType(key)} ${key.toString('base64')}\n`, { mode: 0o600 });
}
