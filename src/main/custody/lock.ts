import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { LadingError } from '../../shared/errors';
import { writeNew } from './files';

export const LOCK_FILE = '.lock';

const Holder = z.object({
  pid: z.number(),
  workstation: z.string(),
  user: z.string(),
  since: z.string(),
  /** When the process started, by its kernel; tells a reused pid from the holder. Linux only. */
  born: z.string().optional(),
  token: z.string(),
});
type Holder = z.infer<typeof Holder>;

/**
 * Takes the case's lock, so that two processes never write one case at once. A lock whose process is gone (a crash, a
 * power cut) is taken over; one held from another workstation is not, since nobody here can tell whether it lives.
 * @returns a function that gives the lock back. Throws CASE_LOCKED, which says who holds it.
 */
export async function lockCase(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, LOCK_FILE);
  const mine: Holder = {
    pid: process.pid,
    workstation: hostname(),
    user: safeUser(),
    since: new Date().toISOString(),
    born: bornAt(process.pid),
    token: randomUUID(),
  };
  for (let attempt = 0; ; attempt++) {
    try {
      await writeNew(path, `${JSON.stringify(mine)}\n`);
      return () => unlock(path, mine.token);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = await read(path);
    if (attempt >= 5 || (holder && alive(holder))) {
      throw new LadingError('CASE_LOCKED', `The case ${dir} is being written by ${holderText(holder)}.`, {
        advice:
          holder?.workstation === hostname()
            ? 'Close it there first, or open it for reading.'
            : `Close it there first. If that machine is gone, remove the file ${path} and note why.`,
        details: { holder: holder ? { ...holder, token: undefined } : undefined },
      });
    }
    // Set the dead lock aside under a name of our own first: of two that find it dead, one renames, one gets ENOENT.
    await rename(path, `${path}.${mine.token}`).catch(() => undefined);
    await rm(`${path}.${mine.token}`, { force: true });
  }
}

async function unlock(path: string, token: string): Promise<void> {
  const holder = await read(path);
  if (holder?.token === token) await rm(path, { force: true });
}

async function read(path: string): Promise<Holder | undefined> {
  try {
    return Holder.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined; // torn by a crash in the moment of locking, or gone
  }
}

function alive(holder: Holder): boolean {
  if (holder.workstation !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return holder.born === undefined || holder.born === bornAt(holder.pid);
}

function bornAt(pid: number): string | undefined {
  try {
    // proc(5): field 22 is the start time; the command name before it may hold spaces and parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return undefined;
  }
}

function safeUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

function holderText(holder: Holder | undefined): string {
  if (!holder) return 'another process';
  return `${holder.user} on ${holder.workstation} (process ${holder.pid}) since ${holder.since}`;
}
