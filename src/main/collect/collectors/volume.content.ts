import { z } from 'zod';
import { visible } from '../../../shared/visible';
import { defineCollector } from '../collector';
import { captureTar } from '../fs/tar-folder';

const Volume = z.object({ Driver: z.string().nullish(), Mountpoint: z.string().nullish() });

export default defineCollector({
  id: 'volume.content',
  version: '1.0.0',
  title: 'Content of the volume',
  answers: 'Which files are in the volume, with which contents, which no export and no image has?',
  how: 'Reads the volume’s folder on the host as a tar, with owners, modes, times and extended attributes; follows no link, mounts nothing, and where the host has GNU tar touches no access time of a file.',
  replaces: [
    'cp -r /var/lib/docker/volumes/<volume_name>/_data /evidence/',
    'docker run --rm -v <volume>:/data busybox tar cvf /backup/volume.tar /data',
    'tar -C /var/lib/docker/volumes/<volume>/_data -cf - .',
  ],
  scope: 'volume',
  volatility: 'volume',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root'],
  async collect(ctx, target) {
    const { Driver, Mountpoint } = await ctx.engine.json(Volume, `/volumes/${encodeURIComponent(target.id)}`);
    if (!Mountpoint?.startsWith('/')) {
      const driver = visible(Driver ?? 'unknown', { max: 80 });
      await ctx.miss(
        'not applicable',
        `The engine names no folder of this volume: its driver, ${driver}, mounts it on use.`,
      );
      return;
    }
    await captureTar(
      ctx,
      { file: 'volume.content.tar', kind: 'tar', title: 'Content of the volume' },
      // What the volume's driver mounted there is the volume, so its own file system is the one to stay on.
      { base: Mountpoint },
    );
  },
});
