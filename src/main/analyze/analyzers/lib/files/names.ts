import { visible } from '../../../../../shared/visible';
import { baseOf, folderOf } from '../../../formats/fs-path';
import type { ViewFile } from '../../../formats/fs-view';
import { type Oddity, odditiesOf } from '../odd-text';
import { type Hit, listed } from '../rule';
import { citeFile, type FileRule, type Subject } from './subject';

/** Longer paths are cut by screens, and refused by Windows beyond 260 characters. */
const PATH_LONG = 1024;
const NAMED = 12;

interface Odd {
  file: ViewFile;
  signs: Oddity[];
}

const shown = ({ file: { path } }: Odd) => visible(path, { max: 160 });

function told(subject: Subject, found: readonly Odd[], what: string): Hit[] {
  if (found.length === 0) return [];
  const says = [...new Set(found.flatMap(({ signs }) => signs.map((sign) => sign.says)))];
  const folders = [...new Set(found.map(({ file }) => visible(folderOf(file.path), { max: 100 })))];
  return [
    {
      claim: `${found.length === 1 ? 'A name' : `${found.length} names`} ${what}, in ${listed(folders, 4)}, with ${listed(says)}: ${listed(found.map(shown), NAMED)}.`,
      techniques: [...new Set(found.flatMap(({ signs }) => signs.flatMap(({ technique }) => technique ?? [])))].sort(),
      cites: found.flatMap(({ file }) => citeFile(subject, file)),
    },
  ];
}

/** The names whose oddities are all of one kind. What lies below an odd folder is not odd for that. */
function oddNames(subject: Subject, hides: boolean): Odd[] {
  return subject.changed.flatMap((file) => {
    const all = odditiesOf(baseOf(file.path));
    const signs = all.filter((sign) => sign.hides === hides);
    // a name that hides something is told as that
    return signs.length === 0 || (!hides && all.length > signs.length) ? [] : [{ file, signs }];
  });
}

const hiding: FileRule = {
  id: 'fs.hiding-name',
  version: '1',
  title: 'The name of a file reads otherwise than it is',
  severity: 'low',
  confidence: 'certain',
  techniques: [],
  benign:
    'Files from systems with another character set, and names that were typed with a slip. Tools that show names as they are show something else than is there.',
  check: (subject) => told(subject, oddNames(subject, true), 'that may hide something from who reads it'),
};

const hard: FileRule = {
  id: 'fs.hard-name',
  version: '1',
  title: 'The name of a file is hard to handle',
  severity: 'informational',
  confidence: 'certain',
  techniques: [],
  benign: 'Some programs name their files so. Scripts and tools of an examination may stumble over them.',
  check(subject) {
    const long = subject.changed
      .filter(({ path, type }) => type !== 'directory' && Buffer.byteLength(path) > PATH_LONG)
      .map(
        (file): Odd => ({
          file,
          signs: [{ says: `a path of more than ${PATH_LONG} bytes`, hides: false }],
        }),
      );
    const names = oddNames(subject, false).filter(({ file }) => !long.some((one) => one.file === file));
    // folders of a long path are told by what lies at its end
    const alone = names.filter(
      ({ file }) => file.type !== 'directory' || !long.some((one) => one.file.path.startsWith(`${file.path}/`)),
    );
    return [
      ...told(subject, alone, 'that tools may stumble over'),
      ...told(subject, long, 'that tools may stumble over'),
    ];
  },
};

/** Rules on names. */
export const nameRules: readonly FileRule[] = [hiding, hard];
