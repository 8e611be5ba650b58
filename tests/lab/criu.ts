import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { LabHost } from './index';

const run = promisify(execFile);

/** Of Debian sid, which has the CRIU (4.2) that saves inet sockets on kernels from 6.16 on; for amd64. */
const PACKAGES = ['criu', 'libcompel1', 'libnet9'];

/** Downloads them beside the packages of this machine, without installing anything; gives the folder. */
async function download(home: string): Promise<string> {
  const folder = join(home, 'criu-sid');
  const there = await readdir(folder).catch(() => []);
  if (there.length === PACKAGES.length) return folder;
  const { stdout } = await run('apt-get', ['indextargets', '--format', '$(SITE)', 'Created-By: Packages']);
  const mirror = stdout.split('\n').find((line) => /\/debian\/?$/.test(line));
  if (mirror === undefined) throw new Error('this machine has no package source of Debian’s');
  const work = `${folder}.${process.pid}`;
  const got = join(work, 'got');
  for (const one of ['lists/partial', 'cache/archives/partial', 'got'])
    await mkdir(join(work, one), { recursive: true });
  try {
    await writeFile(join(work, 'sources.list'), `deb ${mirror} sid main\n`);
    const settings = {
      'Dir::Etc::sourcelist': join(work, 'sources.list'),
      'Dir::Etc::sourceparts': '/dev/null',
      'Dir::State::lists': join(work, 'lists'),
      'Dir::Cache': join(work, 'cache'),
      'APT::Sandbox::User': 'root',
    };
    const options = ['-qq', ...Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`])];
    await run('apt-get', [...options, 'update'], { cwd: got });
    await run('apt-get', [...options, 'download', ...PACKAGES], { cwd: got });
    await rm(folder, { recursive: true, force: true });
    await rename(got, folder);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

/**
 * Gives a lab host a newer CRIU before its own on PATH (/usr/local/sbin), until it is removed with `olderCriu`. Gives its version, or
 * throws why it cannot be had.
 */
export async function newerCriu(host: LabHost): Promise<string> {
  const folder = await download(dirname(host.dir));
  const root = join(host.dir, 'root');
  for (const file of await readdir(folder)) await run('dpkg', ['-x', join(folder, file), join(root, 'opt/criu')]);
  const script = join(root, 'usr/local/sbin/criu');
  await writeFile(
    script,
    '#!/bin/sh\nLD_LIBRARY_PATH=/opt/criu/usr/lib/x86_64-linux-gnu exec /opt/criu/usr/sbin/criu "$@"\n',
  );
  await chmod(script, 0o755);
  return /Version: (\S+)/.exec(await host.output(['/usr/local/sbin/criu', '--version']))?.[1] ?? '';
}

/** Takes it away: the host has its own again. */
export async function olderCriu(host: LabHost): Promise<void> {
  await rm(join(host.dir, 'root/usr/local/sbin/criu'), { force: true });
  await rm(join(host.dir, 'root/opt/criu'), { recursive: true, force: true });
}
