import { z } from 'zod';
import { visible } from '../../../shared/visible';
import { defineCollector } from '../collector';
import { asFileName, can, pathOf } from '../fs/container-root';
import { topmostChanges } from '../fs/topmost';

const Changes = z.array(z.object({ Path: z.string(), Kind: z.number().int() })).nullable();

export default defineCollector({
  id: 'container.archive',
  version: '1.0.0',
  title: 'Changed files, through the engine',
  answers: 'What is in the files that the container added or changed, where there is no root on the host?',
  how: 'Asks the engine which paths changed, then for each changed file or added folder as an archive of its own. The engine writes an "archive-path" event for each. Where Lading has root, container.upper is better and this is left out.',
  replaces: ['docker diff <container_id>', 'docker cp <container_id>:<path> <path>'],
  scope: 'container',
  volatility: 'file system',
  footprint: 'writes on host',
  needs: ['engine'],
  async collect(ctx, target) {
    if (can(ctx, 'root', 'procfs')) {
      await ctx.miss(
        'not applicable',
        'There is root on this host: container.upper takes the same, and more, from its disk.',
      );
      return;
    }
    const changes = (await ctx.engine.json(Changes, `${pathOf(target)}/changes`)) ?? [];
    const paths = topmostChanges(changes);
    if (paths.length === 0) await ctx.miss('none', 'The container changed no file that is still there.');
    for (const [done, path] of paths.entries()) {
      ctx.signal.throwIfAborted();
      ctx.progress(done, paths.length);
      await ctx.fetch(
        {
          file: `container.archive.${asFileName(path)}.tar`,
          kind: 'tar',
          title: `Changed: ${visible(path, { max: 300 })}`,
        },
        `${pathOf(target)}/archive`,
        { path },
      );
    }
  },
});
