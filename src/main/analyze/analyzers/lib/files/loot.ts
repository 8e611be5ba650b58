import type { Hit } from '../rule';
import { citeContent, citeFile, type FileRule, howChanged, shownPath } from './subject';
import { linesOf, texts } from './text';

/** Where password hashes lie by rights, with the copies that shadow's own tools make. */
const BY_RIGHTS =
  /^\/etc\/(?:shadow|gshadow|passwd)[-+]?$|^\/etc\/(?:shadow|gshadow)\.(?:bak|lock|org)$|\/(?:\.htpasswd|htpasswd)$/;
/** name:$id$salt$hash, as crypt(5) writes it; alone or with the fields of shadow(5). */
const HASHED = /^[\w.-]{1,64}:\$(?:\d[a-z]?|2[abxy]|y|gy|7|md5|sha1|argon2\w{0,2})\$[^:\s]{4,400}(?::|$)/;

const passwordHashes: FileRule = {
  id: 'fs.password-hashes',
  version: '1',
  title: 'A file holds password hashes where none belong',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1003.008'],
  benign: 'Programs with users of their own keep such files; who made this one, and from what, is to be found out.',
  async check(subject) {
    const hits: Hit[] = [];
    const wanted = subject.changed.filter(
      ({ path, state, size }) =>
        state !== 'metadata' && size < 1 << 20 && !BY_RIGHTS.test(path) && !subject.view.packages.has(path),
    );
    for await (const { file, bytes } of texts(subject, wanted)) {
      const lines = linesOf(bytes).filter(({ text }) => HASHED.test(text));
      if (lines.length === 0) continue;
      hits.push({
        claim: `${shownPath(file.path)}, which ${howChanged(file)}, has ${lines.length === 1 ? 'a line' : `${lines.length} lines`} of the form of an account with its password hash.`,
        cites: [...lines.map((line) => citeContent(file.content, line)), ...citeFile(subject, file)],
      });
    }
    return hits;
  },
};

/** Formats in which data is packed, by their first bytes. */
const PACKED: readonly [name: string, magic: RegExp][] = [
  ['gzip', /^\x1f\x8b\x08/],
  ['zip', /^PK\x03\x04/],
  ['7z', /^7z\xbc\xaf\x27\x1c/],
  ['xz', /^\xfd7zXZ\0/],
  ['zstd', /^\x28\xb5\x2f\xfd/],
  ['bzip2', /^BZh[1-9]/],
  ['rar', /^Rar!\x1a\x07/],
  ['GPG', /^-----BEGIN PGP MESSAGE-----/],
];
const TEMPORARY = /^\/(?:tmp|var\/tmp|dev\/shm|dev|run)\//;
/** A limit on how many files are opened for their first bytes. */
const OPENED_MAX = 5000;

const stagedArchive: FileRule = {
  id: 'fs.staged-archive',
  version: '1',
  title: 'A packed file lies hidden or among temporary files',
  severity: 'medium',
  confidence: 'possible',
  techniques: ['T1074.001', 'T1560'],
  benign: 'Programs keep caches and downloads so; what is in it says more.',
  async check(subject) {
    const hits: Hit[] = [];
    let opened = 0;
    for (const file of subject.changed) {
      const hidden = /\/\.[^/]+$/.test(file.path);
      const temporary = subject.view.plan.kind === 'container' && TEMPORARY.test(file.path);
      if (file.type !== 'file' || !file.content || file.size < 32 || !(hidden || temporary)) continue;
      if (++opened > OPENED_MAX) {
        subject.unreadable(file, `this and further files were not looked at for being packed: ${OPENED_MAX} were.`);
        break;
      }
      const head = (await subject.content(file, 32))?.toString('latin1') ?? '';
      const name =
        PACKED.find(([, magic]) => magic.test(head))?.[0] ??
        (head.length === 0 ? undefined : tarred(await subject.content(file, 512)));
      if (name === undefined) continue;
      hits.push({
        claim: `${shownPath(file.path)}, which ${howChanged(file)}, is ${name} data of ${file.size} bytes${hidden ? ' under a hidden name' : ''}${file.sha256 ? ` (SHA-256 ${file.sha256})` : ''}.`,
        cites: [citeContent(file.content, { offset: 0, length: Math.min(file.size, 32) }), ...citeFile(subject, file)],
      });
    }
    return hits;
  },
};

function tarred(head: Buffer | undefined): string | undefined {
  return head?.toString('latin1', 257, 262) === 'ustar' ? 'tar' : undefined;
}

/** Rules on data that was gathered. */
export const lootRules: readonly FileRule[] = [passwordHashes, stagedArchive];
