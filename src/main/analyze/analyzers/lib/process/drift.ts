import type { Citation } from '../../../../../shared/domain';
import { visible } from '../../../../../shared/visible';
import type { ChangeKind } from '../changes/changed';
import { citeFrame, citeLink } from './model';
import type { ProcessRule } from './rule';

/** What the engine says of one path. */
export interface FileChange {
  kind: ChangeKind;
  cite: Citation;
}

export const driftedExecutable: ProcessRule = {
  id: 'process.executable-drift',
  version: '1',
  title: 'A program runs that is not as in the image',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1105'],
  benign: 'Start scripts install or upgrade programs. An image should bring what it runs.',
  check: (process, { changes }) => {
    const change = process.exe && changes.get(process.exe.path);
    if (!process.exe || !change || change.kind === 'deleted') return [];
    return [
      {
        claim: `${process.label} runs ${visible(process.exe.path, { max: 300 })}, which was ${change.kind} since the container was made from its image.`,
        techniques: change.kind === 'changed' ? ['T1554'] : ['T1105'],
        cites: [...citeLink(process, 'exe'), change.cite],
      },
    ];
  },
};

export const driftedLibrary: ProcessRule = {
  id: 'process.library-drift',
  version: '1',
  title: 'A process has loaded a library that is not as in the image',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1574.006', 'T1055'],
  benign: 'Packages that were installed or upgraded in the container bring libraries.',
  check: (process, { changes }) => {
    const frame = process.frames.get('maps');
    if (!frame) return [];
    const seen = new Set<string>();
    return process.maps.flatMap((map) => {
      const change = changes.get(map.path);
      if (!map.executable || !change || change.kind === 'deleted') return [];
      if (map.path === process.exe?.path || seen.has(map.path)) return [];
      seen.add(map.path);
      return [
        {
          claim: `${process.label} has ${visible(map.path, { max: 300 })} mapped as code, which was ${change.kind} since the container was made from its image.`,
          cites: [citeFrame(process, frame, map), change.cite],
        },
      ];
    });
  },
};

/** Every rule of this file. */
export const driftRules: readonly ProcessRule[] = [driftedExecutable, driftedLibrary];
