import { digestsOf } from '../../../files/digests';
import type { Reading } from '../../../files/listing';
import type { Packaged } from '../../../files/packages';
import type { Place } from '../../../formats/fs-entry';
import type { ViewFile } from '../../../formats/fs-view';
import { type Hit, listed, type Rule } from '../rule';
import { citeContent, citeFile, howChanged, type Subject, shownPath } from './subject';

export const packageRule: Rule = {
  id: 'fs.package-drift',
  version: '2',
  title: "Files differ from their package's own digests",
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1554'],
  benign:
    'Images are made smaller by changing files of packages, and some programs write into their own. The digests are those of the container’s own database: one that changes both goes unseen here.',
};

/** What is loaded or run. */
const RUN = /^\/(?:usr\/)?(?:local\/)?(?:s?bin|lib\w*|libexec)\//;
/** Written again by tools of the distribution itself. */
const REMADE =
  /\.(?:pyc|pyo|cache|mo|gz)$|^\/usr\/share\/(?:doc|man|info|locale|i18n|mime|icons)\/|\/(?:ld\.so\.cache|modules\.\w+)$/;

interface Check {
  place: Place;
  algorithm: 'md5' | 'sha1' | 'sha256';
  file: ViewFile;
  packaged: Packaged;
}

/** Compares every file that a package database has a digest of; reads each exhibit once more where there are such. */
export async function packageDrift(ctx: Reading, subject: Subject): Promise<Hit[]> {
  const { view } = subject;
  const checks: Check[] = [];
  for (const [path, packaged] of view.packages) {
    const file = view.byPath.get(path);
    if (!packaged.digest || packaged.configuration || REMADE.test(path)) continue;
    if (file?.type !== 'file' || file.state === 'deleted' || !file.content || file.size === 0) continue;
    checks.push({ place: file.content, algorithm: packaged.digest.algorithm, file, packaged });
  }
  if (checks.length === 0) return [];
  const digests = await digestsOf(ctx, checks);
  const bad = checks
    .filter((check) => {
      const digest = digests.get(check);
      return digest !== undefined && digest !== check.packaged.digest?.hex;
    })
    .sort((a, b) => (a.file.path < b.file.path ? -1 : 1));
  const grave = bad.filter(({ file }) => RUN.test(file.path));
  const other = bad.filter(({ file }) => !RUN.test(file.path));
  const alone = grave.length <= 20 ? grave : [];
  const hits: Hit[] = alone.map((check) => {
    const { file, packaged, algorithm } = check;
    return {
      // what the image already had was not done to this container
      severity: file.state === 'image' ? 'medium' : 'high',
      title: 'A program differs from the digest of its package',
      claim: `${shownPath(file.path)}, of the package ${shownPath(packaged.package)}, ${howChanged(file)}: its ${algorithm.toUpperCase()} is ${digests.get(check)}, the package database has ${packaged.digest?.hex}.`,
      cites: [citeContent(check.place), ...citeFile(subject, file), ...(packaged.cite ? [packaged.cite] : [])],
    };
  });
  for (const many of [alone.length === 0 ? grave : [], other]) {
    if (many.length === 0) continue;
    hits.push({
      severity: many === other ? 'low' : 'high',
      claim: `${many.length === 1 ? 'One file differs' : `${many.length} of ${checks.length} files differ`} from the digests of the package database: ${listed(
        many.map(({ file }) => shownPath(file.path)),
        8,
      )}.`,
      cites: many.flatMap(({ file, packaged }) => [
        ...citeFile(subject, file),
        ...(packaged.cite ? [packaged.cite] : []),
      ]),
    });
  }
  return hits;
}
