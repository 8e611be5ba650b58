import { defineCollector } from '../collector';
import { upperOf } from '../fs/store';
import { captureTar } from '../fs/tar-folder';

export default defineCollector({
  id: 'container.upper',
  version: '1.1.0',
  title: 'Files the container wrote',
  answers: 'What is in the files that the container wrote or changed, and which of the image’s did it delete?',
  how: 'Reads the container’s upper directory on the host’s disk, and the small one that the engine laid below it, each as a tar, with extended attributes, ACLs, devices and the marks of deleted files; follows no link, mounts nothing, and where the host has GNU tar touches no access time but that of links, which cannot be read without.',
  replaces: ['docker export <container_id>', 'tar -C /var/lib/docker/overlay2/<mount-id>/diff -cf - .'],
  scope: 'container',
  volatility: 'file system',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root'],
  async collect(ctx, target) {
    const { dir, by, init } = await upperOf(ctx, target.id);
    await captureTar(
      ctx,
      { file: 'container.upper.tar', kind: 'tar', title: `Files the container wrote (its folder found by ${by})` },
      { base: dir },
    );
    // without it /etc/hosts, /.dockerenv and the mount points would be in no layer
    if (init !== undefined) {
      await captureTar(
        ctx,
        { file: 'container.init.tar', kind: 'tar', title: 'Files the engine laid below when it made the container' },
        { base: init },
      );
    }
  },
});
