import { z } from 'zod';
import type { JudgedFinding } from '../../src/shared/domain';
import { visible } from '../../src/shared/visible';
import type { Planted } from '../lab';

/**
 * What no rule can know to be something: a text in memory that looks like any other, which a search finds (tested below); and that
 * an image has layers, which are exhibits (tested below). Every other planted thing must be found.
 */
export const NOT_BY_RULES = ['memory-only-string', 'image-layers'];

/**
 * What no data root holds, so that an import of it has no finding on it: processes and what they hold in memory, connections,
 * what went over the wire, files in memory, the engine's own memory of events, and which container among the running ones had ended.
 */
export const NOT_ON_DISK = {
  kinds: new Set(['process', 'memory', 'network']),
  ids: new Set(['tmpfs-file', 'shm-file', 'exec-event', 'exec-running', 'hostile-process', 'stopped-container']),
};

/** The rules on what reads otherwise than it is. */
const ODD = new Set([
  'config.hiding-text',
  'config.long-name',
  'fs.hiding-name',
  'fs.hard-name',
  'logs.control-sequences',
  'process.hiding-text',
]);

/** What the bytes at the cited places must hold, all of it, to show an item that harms whoever shows it. */
const Hostile = z.object({ namesHex: z.array(z.string()).optional(), argvHex: z.string().optional() });
export function hostileMarks({ id, where }: Planted): Buffer[] {
  const { namesHex, argvHex } = Hostile.parse(where);
  if (namesHex) return namesHex.map((hex) => Buffer.from(hex, 'hex'));
  if (argvHex) return [Buffer.from(argvHex, 'hex')];
  if (id === 'hostile-log') return [Buffer.from('\x1b[2J\x1b[31mRED'), Buffer.from('invoice_\u202e')];
  if (id === 'hostile-labels') return ['\x1b[2J', '\u202e'].map((text) => Buffer.from(text));
  if (id === 'hostile-environment') return ['ODD_ESCAPES=\x1b', 'ODD_BIDI='].map((text) => Buffer.from(text));
  return [Buffer.from(where.path?.split('/').slice(-2).join('/') ?? where.string ?? '')];
}

/** Whether a place is a field of docker inspect's answer; on the disk hostconfig.json is a file by itself. */
export function pointsTo(locator: string, pointer: string): boolean {
  return locator.startsWith(`json:${pointer}`) || locator.startsWith(`json:${pointer.replace('/HostConfig', '')}`);
}

/** Whether a finding names a planted thing: the same target, a technique that names it rightly, and the thing itself. */
export function tells(finding: JudgedFinding, item: Planted): boolean {
  const { path = '', string = '', pid, pointer, remote = '' } = item.where;
  const elsewhere = finding.target.kind === 'image' || finding.target.kind === 'volume';
  if (finding.target.id !== item.containerId && !elsewhere) return false;
  if (item.kind === 'hostile') return ODD.has(finding.rule);
  if (item.techniques.length > 0 && !item.techniques.some((each) => finding.techniques.includes(each))) return false;
  const words = string.replace(/^exec_create: /, '');
  return (
    (path !== '' && finding.claim.includes(path.replace(/ \(deleted\)$/, ''))) ||
    // a volume is evidence by itself: it does not know where it is mounted
    (finding.target.kind === 'volume' && path !== '' && finding.claim.includes(`/${path.split('/').at(-1)}`)) ||
    (words !== '' && finding.claim.includes(visible(words))) ||
    (/^\/.*:\//.test(words) && words.split(':').every((each) => finding.claim.includes(` ${each}`))) ||
    (pid !== undefined && new RegExp(`\\b[Pp]rocess ${pid}\\b`).test(finding.claim)) ||
    (remote !== '' && finding.claim.includes(remote)) ||
    (pointer !== undefined &&
      !pointer.endsWith('/Binds') &&
      finding.cites.some(({ locator }) => pointsTo(locator, pointer)))
  );
}

function longest(text: string | undefined): string | undefined {
  return text?.split(/\p{Cc}+/u).sort((a, b) => b.length - a.length)[0];
}

/** The last part of a path, an address, or a few letters: what the bytes at a place must hold to support a claim on it. */
export function marks({ kind, where }: Planted): string[] {
  const { path, string, pid, remote } = where;
  const words = [
    path
      ?.split('/')
      .at(-1)
      ?.replace(/ \(deleted\)$/, ''),
    // between control characters, which every form of a log writes otherwise
    longest(string?.replace(/^exec_create: /, '')),
    remote?.split(':')[0],
    // a name in a DNS message has lengths where its dots are
    ...(kind === 'network' && string !== undefined ? [string.split('.').sort((a, b) => b.length - a.length)[0]] : []),
  ];
  const hex = /^(\d+)\.(\d+)\.(\d+)\.(\d+)/.exec(remote ?? '');
  if (hex)
    words.push(
      hex
        .slice(1)
        .reverse()
        .map((part) => Number(part).toString(16).padStart(2, '0'))
        .join('')
        .toUpperCase(),
    );
  if (pid !== undefined) words.push(String(pid));
  return words.filter((word): word is string => word !== undefined && word !== '');
}
