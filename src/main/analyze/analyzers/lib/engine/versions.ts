import { z } from 'zod';
import { visible } from '../../../../../shared/visible';
import { gravest } from '../commands';
import type { Doc } from '../doc';
import type { Hit, Rule } from '../rule';

export type DocRule = Rule & { check: (doc: Doc) => Hit[] };

/** A version's numbers, with the number of its release candidate, which comes before the release. */
export interface Version {
  numbers: [number, number, number];
  candidate: number | undefined;
}

/** '1.1.15+ds1-2+b4', 'v1.7.24', '1.4.0-rc.2+dev', '26.1.5+dfsg1'; undefined where it begins with no version. */
export function parseVersion(given: string): Version | undefined {
  const match = /^v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?(?:[-~](?:rc|beta|alpha)\.?(\d{1,6}))?/.exec(given.trim());
  if (!match) return undefined;
  const [, major, minor, patch = '0', candidate] = match;
  return {
    numbers: [Number(major), Number(minor), Number(patch)],
    candidate: candidate === undefined ? undefined : Number(candidate),
  };
}

/** Below 0 where a comes before b. */
export function compareVersions(a: Version, b: Version): number {
  for (const i of [0, 1, 2] as const) {
    if (a.numbers[i] !== b.numbers[i]) return a.numbers[i] - b.numbers[i];
  }
  return (a.candidate ?? Number.POSITIVE_INFINITY) === (b.candidate ?? Number.POSITIVE_INFINITY)
    ? 0
    : (a.candidate ?? Number.POSITIVE_INFINITY) - (b.candidate ?? Number.POSITIVE_INFINITY);
}

interface Weakness {
  cves: string;
  what: string;
  component: RegExp;
  /** The first sound version of each maintained line, ascending. A version below all of them is affected. */
  fixed: readonly string[];
  severity: 'high' | 'medium';
}

/** Escapes from a container to its host, from the projects' own advisories. */
export const WEAKNESSES: readonly Weakness[] = [
  {
    cves: 'CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881',
    what: 'mounts can be turned against the host while a container starts',
    component: /\brunc\b/i,
    fixed: ['1.2.8', '1.3.3', '1.4.0-rc.3'],
    severity: 'medium',
  },
  {
    cves: 'CVE-2024-21626',
    what: 'a file descriptor leaks into the container, through which it reaches the host',
    component: /\brunc\b/i,
    fixed: ['1.1.12', '1.2.0-rc.1'],
    severity: 'high',
  },
  {
    cves: 'CVE-2019-5736',
    what: "a container can overwrite the host's runc",
    component: /\brunc\b/i,
    fixed: ['1.0.0-rc.7'],
    severity: 'high',
  },
  {
    cves: 'CVE-2020-15257',
    what: "a container in the host's network namespace reaches containerd's shim",
    component: /\bcontainerd\b/i,
    fixed: ['1.3.9', '1.4.3'],
    severity: 'medium',
  },
];

/** Whether a version lies before the fix of its line (same major and minor), or before every fixed line. */
export function isAffected(version: Version, fixed: readonly string[]): boolean {
  const fixes = fixed.flatMap((each) => parseVersion(each) ?? []);
  const line = fixes.find(({ numbers }) => numbers[0] === version.numbers[0] && numbers[1] === version.numbers[1]);
  if (line) return compareVersions(version, line) < 0;
  const [lowest] = fixes;
  return lowest !== undefined && compareVersions(version, lowest) < 0;
}

const Component = z.object({ Name: z.string(), Version: z.string() });

export const oldRuntime: DocRule = {
  id: 'engine.old-version',
  version: '1',
  title: 'A part of the engine is of a version with a known escape',
  severity: 'medium',
  confidence: 'possible',
  techniques: ['T1611'],
  benign:
    'Distributions put the fix into an older version and keep its number: compare with the package and its changelog.',
  check: (doc) =>
    doc.list(Component, 'Components').flatMap(({ value, key }) => {
      const version = parseVersion(value.Version);
      if (!version) return [];
      const open = WEAKNESSES.filter(
        ({ component, fixed }) => component.test(value.Name) && isAffected(version, fixed),
      );
      if (open.length === 0) return [];
      const words = open.map(({ cves, what, fixed }) => `${cves} (${what}; fixed in ${fixed.join(', ')})`);
      return [
        {
          claim: `The engine names ${visible(value.Name, { max: 60 })} ${visible(value.Version, { max: 60 })}, which by its number has ${words.join('; ')}.`,
          severity: gravest(
            open.map(({ severity }) => severity),
            'medium',
          ),
          cites: [doc.cite('Components', key, 'Version')],
        },
      ];
    }),
};
