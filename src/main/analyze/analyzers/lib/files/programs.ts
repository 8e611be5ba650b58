import type { ViewFile } from '../../../formats/fs-view';
import { type Hit, listed } from '../rule';
import { citeContent, citeFile, described, type FileRule, howChanged, type Subject, shownPath } from './subject';

const ELF = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
/** Where nobody installs programs. */
const ODD_PLACE = /^\/(?:tmp|var\/tmp|dev|run|var\/run|proc|sys|etc|boot)\/|\/\.[^/]+(?:\/|$)/;
const BIN = /^\/(?:usr\/)?(?:local\/)?s?bin\/[^/]+$/;
/** Beyond so many the rest is counted, not read: a container that was made into a machine of its own. */
const READ_MAX = 5000;

/** Programs among the changed files: those whose first four bytes are ELF's. */
async function elfFiles(subject: Subject): Promise<ViewFile[]> {
  const candidates = subject.changed.filter(
    (file) =>
      file.type === 'file' &&
      file.content !== undefined &&
      file.size >= 52 &&
      file.state !== 'metadata' &&
      !subject.view.packages.has(file.path) &&
      (file.state === 'unknown' ? ODD_PLACE.test(file.path) : (file.mode & 0o111) !== 0 || ODD_PLACE.test(file.path)),
  );
  const found: ViewFile[] = [];
  for (const file of candidates.slice(0, READ_MAX)) {
    if ((await subject.content(file, 4))?.equals(ELF)) found.push(file);
  }
  const left = candidates[READ_MAX];
  if (left) subject.unreadable(left, `with it ${candidates.length - READ_MAX} files were not looked at for programs.`);
  return found;
}

const drift: FileRule = {
  id: 'fs.executable-drift',
  version: '1',
  title: 'A compiled program is in the container that is not in its image',
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1105'],
  benign: 'Programs that update or compile themselves do it; an image should bring what it runs.',
  async check(subject) {
    const elf = await elfFiles(subject);
    const odd = elf.filter(({ path }) => ODD_PLACE.test(path));
    const usual = elf.filter(({ path }) => !ODD_PLACE.test(path));
    const hits: Hit[] = odd.map((file) => ({
      title: 'A compiled program lies where no program is installed',
      severity: 'high',
      confidence: file.state === 'unknown' ? 'likely' : 'certain',
      techniques: ['T1105', 'T1036.005'],
      claim: `${shownPath(file.path)} (${described(file)}) is an ELF program; it ${howChanged(file)}.`,
      cites: [
        ...citeFile(subject, file),
        ...(file.content ? [citeContent(file.content, { offset: 0, length: 4 })] : []),
      ],
    }));
    // many at once come from a package manager or a build: one finding
    const single = usual.length <= 10 && !subject.packagesRun ? usual : [];
    for (const file of single) {
      hits.push({
        severity: BIN.test(file.path) ? 'high' : 'medium',
        claim: `${shownPath(file.path)} (${described(file)}) is an ELF program; it ${howChanged(file)}. No package owns it.`,
        cites: [
          ...citeFile(subject, file),
          ...(file.content ? [citeContent(file.content, { offset: 0, length: 4 })] : []),
        ],
      });
    }
    if (single.length === 0 && usual.length > 0) {
      hits.push({
        severity: subject.packagesRun ? 'low' : 'medium',
        claim: `${usual.length} ELF programs are in the container that are not in its image and that no package owns: ${listed(
          usual.map(({ path }) => shownPath(path)),
          8,
        )}.`,
        cites: usual.flatMap((file) => citeFile(subject, file)),
      });
    }
    return hits;
  },
};

/** A day: clocks of machines that build images differ by less. */
const DAY = 86_400;
const SENSITIVE =
  /^\/(?:etc|root|tmp|var\/tmp|dev|run|home|srv|var\/www)\/|^\/(?:usr\/)?(?:local\/)?(?:s?bin|lib\w*)\//;
/** Copied with their times by those who make them. */
const BULK =
  /\/(?:node_modules|site-packages|dist-packages|__pycache__|vendor|\.git|\.cache|\.npm|share\/(?:doc|man|locale|zoneinfo))\//;

const timestomp: FileRule = {
  id: 'fs.timestomp',
  version: '1',
  title: 'Files that came later bear an earlier time',
  severity: 'low',
  confidence: 'possible',
  techniques: ['T1070.006'],
  benign:
    'Archives, cp -p and package managers keep the times of what they unpack; then there are many files of one kind.',
  check(subject) {
    const { created } = subject;
    if (created === undefined || subject.packagesRun) return [];
    const found = subject.changed.filter(
      (file) =>
        file.type === 'file' &&
        (file.state === 'added' || (file.state === 'modified' && file.mtime !== file.was?.mtime)) &&
        file.mtime !== undefined &&
        file.mtime > 0 &&
        file.mtime < created - DAY &&
        (file.ctime === undefined || file.ctime >= created - 1) &&
        !subject.view.packages.has(file.path) &&
        ((file.mode & 0o111) !== 0 || SENSITIVE.test(file.path)) &&
        !BULK.test(file.path),
    );
    if (found.length === 0 || found.length > 50) return [];
    return found.map((file) => {
      const known = file.ctime !== undefined;
      const whole = known && Number.isInteger(file.mtime);
      const time = (seconds: number) => new Date(seconds * 1000).toISOString();
      return {
        severity: known ? 'medium' : 'low',
        confidence: known && whole ? 'likely' : 'possible',
        claim: `${shownPath(file.path)} ${howChanged(file)} (the container was made ${time(created)}), but its last write is given as ${time(file.mtime ?? 0)}${whole ? ', a whole second' : ''}${known ? `; its inode was changed last ${time(file.ctime ?? 0)}, which no ordinary program can set` : ''}.`,
        cites: [
          ...citeFile(subject, file),
          ...(subject.view.plan.inspect ? [{ exhibit: subject.view.plan.inspect.id, locator: 'json:/Created' }] : []),
        ],
      };
    });
  },
};

/** Rules on programs that came into a container. */
export const programRules: readonly FileRule[] = [drift, timestomp];
