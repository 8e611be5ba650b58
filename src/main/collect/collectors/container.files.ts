import { z } from 'zod';
import { visible } from '../../../shared/visible';
import { type CollectContext, defineCollector } from '../collector';
import { asFileName, can, inspect, pathOf } from '../fs/container-root';
import { captureTar } from '../fs/tar-folder';

const Input = z.object({
  paths: z
    .array(z.string().min(1).max(4096).startsWith('/'))
    .min(1)
    .max(1000)
    .describe('Files and folders by their paths in the container: /etc/passwd, /var/log.'),
  mounts: z.boolean().default(true).describe('Also take what is mounted below a folder: volumes, bind mounts, tmpfs.'),
});

export default defineCollector({
  id: 'container.files',
  version: '1.0.0',
  title: 'Files and folders by path',
  answers: 'What is in these files and folders of the container?',
  how: 'Of a running container, with root: reads the path through the first process’s root in the host’s /proc as a tar, without following links out of it. Otherwise asks the engine for it as an archive; the engine writes an "archive-path" event then, and mounts a stopped container’s file system.',
  replaces: ['docker cp <container_id>:/path/to/file <path>', 'docker exec <container_id> cat <file>'],
  scope: 'container',
  volatility: 'file system',
  footprint: 'engine event',
  needs: ['engine'],
  input: Input,
  async collect(ctx, target, said) {
    const { paths, mounts } = Input.parse(said);
    const pid = can(ctx, 'root', 'procfs') ? (await inspect(ctx, target)).State.Pid : 0;
    for (const [done, path] of [...new Set(paths)].entries()) {
      ctx.progress(done, paths.length);
      const meta = {
        file: `container.files.${asFileName(path)}.tar`,
        kind: 'tar' as const,
        title: `From the container: ${visible(path, { max: 300 })}`,
      };
      if (pid > 0) await captureTar(ctx, meta, { base: `/proc/${pid}/root`, sub: path, oneFileSystem: !mounts });
      else await fetchArchive(ctx, meta, pathOf(target), path);
    }
  },
});

/** GET /containers/{id}/archive: names in it begin with the last part of the path, so the title says the whole. */
function fetchArchive(
  ctx: CollectContext,
  meta: Parameters<CollectContext['fetch']>[0],
  container: string,
  path: string,
) {
  return ctx.fetch(meta, `${container}/archive`, { path });
}
