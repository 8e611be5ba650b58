import { visible } from '../../../shared/visible';
import { parseMountinfo } from '../../analyze/formats/proc-mountinfo';
import { defineCollector } from '../collector';
import { asFileName, inspect } from '../fs/container-root';
import { readHostFile } from '../fs/host-file';
import { captureTar } from '../fs/tar-folder';

export default defineCollector({
  id: 'container.tmpfs',
  version: '1.1.0',
  title: 'Files in memory: tmpfs and /dev/shm',
  answers:
    'Which files does the container keep on its tmpfs mounts and in /dev/shm, in no layer and no export and gone when it stops?',
  how: 'Reads each tmpfs that the first process sees through its root in the host’s /proc, as a tar, /dev and /dev/shm among them; stays on the tmpfs and follows no link out of the container.',
  replaces: ['docker exec <container_id> tar -cf - /dev/shm', 'docker cp <container_id>:/dev/shm <path>'],
  scope: 'container',
  volatility: 'memory',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root', 'running'],
  async collect(ctx, target) {
    const { State, Mounts } = await inspect(ctx, target);
    const pid = State.Pid;
    const mounts = pid > 0 ? await readHostFile(ctx, `/proc/${pid}/mountinfo`, 16 << 20) : undefined;
    if (!mounts) {
      await ctx.miss('missing', 'The container ended before its mounts could be looked at.');
      return;
    }
    const found = parseMountinfo(mounts).mounts.filter((one) => one.type === 'tmpfs' || one.type === 'ramfs');
    const bound = (Mounts ?? []).filter((one) => one.Type === 'bind').map((one) => one.Destination);
    const below = (path: string) => bound.some((dest) => path === dest || path.startsWith(`${dest}/`));
    const part = (one: (typeof found)[number]) => one.root !== '/';
    // The runtime hides files of the kernel behind empty tmpfs that nobody can write to, and behind /dev/null; under user
    // namespaces it binds each device from the host; and the tmpfs above cgroups holds mount points and links alone.
    const masks = (one: (typeof found)[number]) =>
      (/^\/(proc|sys)\//.test(one.mountPoint) && (part(one) || one.options.includes('ro'))) ||
      (one.mountPoint.startsWith('/dev/') && part(one)) ||
      one.mountPoint === '/sys/fs/cgroup';
    // Whatever is mounted on what, the last one is seen.
    const seen = new Map(
      found.filter((one) => !masks(one) && !below(one.mountPoint)).map((one) => [one.mountPoint, one]),
    );
    const others = found.filter((one) => below(one.mountPoint));
    if (others.length > 0) {
      const some = others.slice(0, 3).map((one) => visible(one.mountPoint, { max: 80 }));
      await ctx.miss(
        'not applicable',
        `${others.length} tmpfs of the host are seen through bind mounts (${some.join(', ')}): not taken, since they are not the container’s own.`,
      );
    }
    if (seen.size === 0) await ctx.miss('none', 'The container has no tmpfs.');
    let done = 0;
    for (const one of seen.values()) {
      const { mountPoint } = one;
      ctx.progress(done++, seen.size);
      await captureTar(
        ctx,
        {
          file: `container.tmpfs.${asFileName(mountPoint)}.tar`,
          kind: 'tar',
          title: `Files in memory: ${visible(mountPoint, { max: 200 })}`,
        },
        // The folder itself and what is in it: '/.' makes the mount point the folder that is gone into. A part of a tmpfs that is
        // mounted may be a single file (Podman's resolv.conf).
        { base: `/proc/${pid}/root`, sub: part(one) ? mountPoint : `${mountPoint}/.` },
      );
    }
  },
});
