import { visible } from '../../../../../shared/visible';
import { programName } from '../commands';
import { listed } from '../rule';
import { isHidden, isTemporary } from './executable';
import { citeFrame, citeFrames, descriptors } from './model';
import type { ProcessRule } from './rule';

const show = (path: string) => visible(path, { max: 300 });

export const preloadVariable: ProcessRule = {
  id: 'process.preload-env',
  version: '1',
  title: 'A library is forced into a process by its environment',
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1574.006'],
  benign: 'Memory allocators (jemalloc, tcmalloc) and tracers are loaded so.',
  check: (process) => {
    const frame = process.frames.get('environ');
    if (!frame) return [];
    return process.environ.flatMap((word) => {
      const match = /^(LD_PRELOAD|LD_AUDIT)=(\S.*)$/s.exec(word.text);
      if (!match?.[1] || !match[2]) return [];
      const odd = match[2].split(/[\s:]+/).some((path) => isTemporary(path) || isHidden(path));
      return [
        {
          claim: `${process.label} was started with ${match[1]}=${visible(match[2], { max: 300 })}.`,
          severity: odd ? 'high' : 'medium',
          cites: [citeFrame(process, frame, word)],
        },
      ];
    });
  },
};

export const strangeLibrary: ProcessRule = {
  id: 'process.library-strange',
  version: '1',
  title: 'A process has code mapped from a deleted, hidden or temporary file',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1055', 'T1574.006'],
  benign: 'An upgrade deletes libraries that are in use; runtimes with native extensions unpack them into /tmp.',
  check: (process) => {
    const frame = process.frames.get('maps');
    if (!frame) return [];
    const seen = new Set<string>();
    return process.maps.flatMap((map) => {
      const memfd = map.path.startsWith('/memfd:');
      const shm = map.path.startsWith('/SYSV') || map.path === '/dev/zero';
      if (!map.executable || !map.path.startsWith('/') || map.path === process.exe?.path || shm) return [];
      if (!map.deleted && !memfd && !isTemporary(map.path) && !isHidden(map.path)) return [];
      if (seen.has(map.path)) return [];
      seen.add(map.path);
      const deleted = map.deleted && !memfd ? ', which is deleted' : '';
      return [
        {
          claim: `${process.label} has ${show(map.path)} mapped as code${deleted}.`,
          techniques: memfd ? ['T1620', 'T1055'] : ['T1055', 'T1574.006'],
          cites: [citeFrame(process, frame, map)],
        },
      ];
    });
  },
};

/** Runtimes that write code as they run; patterns of PCRE are compiled so in many other programs. */
const COMPILES =
  /^(?:node|nodejs|java|dotnet|mono|luajit|ruby|php|php-fpm|qemu-|pypy|chrome|chromium|firefox|deno|bun|erl|beam)/;

export const writableCode: ProcessRule = {
  id: 'process.rwx',
  version: '1',
  title: 'A process has memory that is written and run',
  severity: 'medium',
  confidence: 'possible',
  techniques: ['T1055'],
  benign: 'Compilers at run time make such memory: Java, JavaScript, PCRE, old programs with a stack that can be run.',
  check: (process) => {
    const frame = process.frames.get('maps');
    const found = process.maps.filter((map) => map.writable && map.executable && !map.path.startsWith('/'));
    if (!frame || found.length === 0) return [];
    const places = listed(
      found.map((map) => `${map.start}-${map.end}${map.path ? ` ${show(map.path)}` : ''}`),
      4,
    );
    return [
      {
        claim: `${process.label} has ${found.length === 1 ? 'an area' : `${found.length} areas`} without a file that can be written and run: ${places}.`,
        severity: COMPILES.test(programName(process.exe?.path ?? '')) ? 'informational' : 'medium',
        cites: found.map((map) => citeFrame(process, frame, map)),
      },
    ];
  },
};

export const traced: ProcessRule = {
  id: 'process.traced',
  version: '1',
  title: 'A process is being traced',
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1055.008'],
  benign: 'A debugger or strace at work. Some programs trace themselves so that nobody else can.',
  check: (process, { byPid }) => {
    const tracer = process.status?.tracerPid ?? 0;
    if (tracer === 0) return [];
    const by = byPid.get(tracer);
    return [
      {
        claim: `${process.label} is traced: TracerPid is ${tracer}${by ? ` (${by.label.replace(/,$/, '')})` : ', a process outside of the container'}.`,
        cites: citeFrames(process, 'status'),
      },
    ];
  },
};

export const openDeleted: ProcessRule = {
  id: 'process.open-deleted',
  version: '1',
  title: 'A process has deleted files open',
  severity: 'low',
  confidence: 'certain',
  techniques: ['T1070.004'],
  benign:
    'Temporary files are deleted at once by many programs, and rotated logs stay open. They can be read through /proc.',
  check: (process) => {
    const found = descriptors(process).filter(
      ({ target }) => target.startsWith('/') && target.endsWith(' (deleted)') && !/^\/(?:SYSV|dev\/zero)/.test(target),
    );
    if (found.length === 0) return [];
    const memfd = found.some(({ target }) => target.startsWith('/memfd:'));
    const names = listed(
      found.map(({ fd, target }) => `${show(target.replace(/ \(deleted\)$/, ''))} (descriptor ${fd})`),
      8,
    );
    return [
      {
        claim: `${process.label} has open what is in no folder: ${names}.`,
        techniques: memfd ? ['T1070.004', 'T1620'] : ['T1070.004'],
        cites: found.map(({ cite }) => cite),
      },
    ];
  },
};

/** Every rule of this file. */
export const memoryRules: readonly ProcessRule[] = [preloadVariable, strangeLibrary, writableCode, traced, openDeleted];
