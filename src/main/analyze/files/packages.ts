import type { Citation } from '../../../shared/domain';

/** What a package database says of a file. */
export interface Packaged {
  /** Name and version. */
  package: string;
  /** Of its content, where the database has one. */
  digest?: { algorithm: 'md5' | 'sha1' | 'sha256'; hex: string };
  /** A configuration file, which administrators are meant to change. */
  configuration?: boolean;
  /** The database's file that says so. */
  cite?: Citation;
}

const HEX_MD5 = /^[0-9a-f]{32}$/;

/** Names and versions of installed packages, and the configuration files they declare, of /var/lib/dpkg/status (deb822(5)). */
export function dpkgStatus(text: string): { versions: Map<string, string>; configuration: Set<string> } {
  const versions = new Map<string, string>();
  const configuration = new Set<string>();
  for (const paragraph of text.split(/\n\n+/)) {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(paragraph)?.[1]?.trim();
    const name = field('Package');
    const version = field('Version');
    if (!name || !version || !/^Status: .* installed$/m.test(paragraph)) continue;
    versions.set(name, version);
    const files = /^Conffiles:\n((?: .*\n?)+)/m.exec(paragraph)?.[1] ?? '';
    for (const line of files.split('\n')) {
      const path = line.trim().split(' ')[0];
      if (path) configuration.add(path);
    }
  }
  return { versions, configuration };
}

/** One `/var/lib/dpkg/info/NAME.md5sums`: digest, two blanks, path without its first slash. */
export function dpkgSums(text: string): [path: string, md5: string][] {
  return text.split('\n').flatMap((line): [string, string][] => {
    const [sum = '', path] = [line.slice(0, 32), line.slice(34)];
    return HEX_MD5.test(sum) && path ? [[`/${path.replace(/^\.?\//, '')}`, sum]] : [];
  });
}

/** Names of all files of one `/var/lib/dpkg/info/NAME.list`, folders among them. */
export function dpkgList(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith('/') && line !== '/.');
}

/** Files that a package moved aside for its own (dpkg-divert(1)), by their first names: three lines each. */
export function dpkgDiversions(text: string): Map<string, { to: string; by: string }> {
  const diversions = new Map<string, { to: string; by: string }>();
  const lines = text.split('\n');
  for (let at = 0; at + 2 < lines.length; at += 3) {
    const [from = '', to = '', by = ''] = lines.slice(at, at + 3);
    if (from.startsWith('/') && to.startsWith('/')) diversions.set(from, { to, by });
  }
  return diversions;
}

/** The name of a package of `NAME.md5sums` or `NAME:ARCH.md5sums`. */
export function dpkgName(file: string): string {
  return file.replace(/\.(?:md5sums|list)$/, '').replace(/:[a-z0-9-]+$/, '');
}

/** Alpine's `/lib/apk/db/installed` (apk-tools, "Installed database"): F folder, R file, Z its digest, Q1 SHA-1 in base64. */
export function apkInstalled(text: string): Map<string, Packaged> {
  const files = new Map<string, Packaged>();
  let name = '';
  let version = '';
  let folder = '';
  let path: string | undefined;
  for (const line of text.split('\n')) {
    const value = line.slice(2);
    if (line === '') path = undefined;
    else if (line.startsWith('P:')) name = value;
    else if (line.startsWith('V:')) version = value;
    else if (line.startsWith('F:')) folder = value;
    else if (line.startsWith('R:')) {
      path = `/${folder === '' ? '' : `${folder}/`}${value}`;
      files.set(path, { package: `${name} ${version}`, configuration: path.startsWith('/etc/') });
    } else if (line.startsWith('Z:Q1') && path !== undefined) {
      const hex = Buffer.from(value.slice(2), 'base64').toString('hex');
      const held = files.get(path);
      if (held && hex.length === 40) held.digest = { algorithm: 'sha1', hex };
    }
  }
  return files;
}
