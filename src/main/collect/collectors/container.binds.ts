import { z } from 'zod';
import { visible } from '../../../shared/visible';
import { defineCollector } from '../collector';
import { asFileName, inspect } from '../fs/container-root';
import { captureTar } from '../fs/tar-folder';

const Input = z
  .object({
    wholeSystem: z
      .boolean()
      .default(false)
      .describe(
        'Also take bind mounts of the host’s root, of its system folders and of the engine’s own folder: that can be all of the host’s disk.',
      ),
  })
  .default({ wholeSystem: false });

/** Mounted so, the host itself is in the container: its disk is a matter of its own. */
const SYSTEM =
  /^\/+(proc|sys|dev|run|var|usr|lib|lib64|boot|var\/lib|var\/run|var\/lib\/(docker|containerd|containers)(\/.*)?)?\/*$/;

export default defineCollector({
  id: 'container.binds',
  version: '1.0.0',
  title: 'Bind mounts of the container',
  answers: 'Which files of the host did the container see through its bind mounts, with which contents?',
  how: 'Reads each bound file or folder on the host as a tar and stays on its file system. The host’s root, its system folders and the engine’s own folder are named but not taken unless that is chosen.',
  replaces: ['tar -C <bind_source> -cf - .'],
  scope: 'container',
  volatility: 'volume',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root'],
  input: Input,
  async collect(ctx, target, said) {
    const { wholeSystem } = Input.parse(said ?? undefined);
    const { Mounts } = await inspect(ctx, target);
    const binds = (Mounts ?? []).filter((one) => one.Type === 'bind');
    if (binds.length === 0) await ctx.miss('none', 'The container has no bind mounts.');
    for (const [done, { Source, Destination }] of binds.entries()) {
      ctx.progress(done, binds.length);
      const where = `${visible(Source ?? '', { max: 200 })}, in the container ${visible(Destination, { max: 200 })}`;
      if (!Source?.startsWith('/'))
        await ctx.miss('not applicable', `The engine gives no path of the host for ${where}.`);
      else if (SYSTEM.test(Source) && !wholeSystem) {
        await ctx.miss(
          'not applicable',
          `${where}: not taken, since that is the host’s own system; choose wholeSystem to take it.`,
        );
      } else {
        await captureTar(
          ctx,
          { file: `container.binds.${asFileName(Destination)}.tar`, kind: 'tar', title: `Bind mount ${where}` },
          split(Source),
        );
      }
    }
  },
});

/** A bound file is not a folder one can go into: its folder and its name. */
function split(path: string): { base: string; sub: string } {
  const plain = path.replace(/\/+$/, '');
  const slash = plain.lastIndexOf('/');
  return { base: plain.slice(0, slash) || '/', sub: plain.slice(slash + 1) };
}
