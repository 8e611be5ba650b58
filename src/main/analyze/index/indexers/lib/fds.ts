import { frameLocator, type Link } from '../../../formats/frames';
import type { linksOf } from '../../../formats/proc-frames';
import { socketInode } from '../../../formats/proc-net';
import type { RowWriter } from '../../rows';

type Links = ReturnType<typeof linksOf>;

/** Writes the open files of a process: a row a descriptor. Gives how many there were. */
export function writeFds(
  rows: RowWriter,
  of: { exhibit: string; host: string; pid: number; process?: number },
  links: Links,
): number {
  let count = 0;
  for (const [name, link] of links) {
    const fd = /^fd\/(\d{1,10})$/.exec(name)?.[1];
    if (fd === undefined || link.length === 0) continue;
    count++;
    rows.fd({
      exhibit: of.exhibit,
      locator: linkPlace(link),
      host: of.host,
      pid: of.pid,
      process: of.process,
      fd: Number(fd),
      ...targetOf(link.target),
    });
  }
  return count;
}

/** The place of a link's target. */
export function linkPlace(link: Link & { frame: { offset: number; length: number } }): string {
  return frameLocator(link.frame, { offset: link.offset, length: link.length });
}

function targetOf(target: string): { kind: string; path: string; inode?: number; deleted: number } {
  const socket = socketInode(target);
  if (socket !== undefined) return { kind: 'socket', path: target, inode: socket, deleted: 0 };
  const pipe = /^pipe:\[(\d{1,20})\]$/.exec(target)?.[1];
  if (pipe !== undefined) return { kind: 'pipe', path: target, inode: Number(pipe), deleted: 0 };
  const deleted = target.endsWith(' (deleted)');
  const path = deleted ? target.slice(0, -' (deleted)'.length) : target;
  if (path.startsWith('anon_inode:')) return { kind: 'anon', path, deleted: 0 };
  if (deleted && path.startsWith('/memfd:')) return { kind: 'memfd', path, deleted: 1 };
  const device = /^\/dev\/(?:null|zero|full|random|urandom|tty|console|ptmx|pts\/\d+)$/.test(path);
  return { kind: device ? 'device' : 'file', path, deleted: deleted ? 1 : 0 };
}
