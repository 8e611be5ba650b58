import { randomBytes } from 'node:crypto';
import { defineCollector } from '../collector';
import { FOLDER_LISTING } from '../fs/script';
import { upperOf } from '../fs/store';

export default defineCollector({
  id: 'container.upper-listing',
  version: '1.1.0',
  title: 'Listing of what the container wrote',
  answers: 'Which files did the container write, change or delete, with their owners, modes and all their times?',
  how: 'Lists the container’s upper directory on the host’s disk, and the small one that the engine laid below it, before any content is read: every entry with its times to the nanosecond, birth included, device numbers, and the extended attributes of folders and empty files. Nothing is mounted; access times of folders may move.',
  replaces: ['docker diff <container_id>', 'ls -la /var/lib/docker/overlay2/<mount-id>/diff'],
  scope: 'container',
  volatility: 'file listing',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root'],
  async collect(ctx, target) {
    const { dir, by, init } = await upperOf(ctx, target.id);
    await ctx.capture(
      {
        file: 'container.upper-listing.frames',
        kind: 'frames',
        title: 'Listing of what the container wrote',
      },
      ['sh', '-c', FOLDER_LISTING, 'lading', 'container.upper-listing', dir, by, ...(init === undefined ? [] : [init])],
      { asRoot: true, stdin: `${randomBytes(16).toString('hex')}\n` },
    );
  },
});
