import { visible } from '../../../shared/visible';
import { defineCollector } from '../collector';
import { containerFolders } from '../host-files';
import { captureFile, listFolder } from '../host-files/folder';

/** Logs in a container's folder, of the drivers json-file and local, of Docker's cache for remote drivers, of Podman. */
const LOGS: readonly { called: RegExp; kind: 'log' | 'binary'; what: string }[] = [
  { called: /^[^/]*-json\.log(\.\d+)?$/s, kind: 'log', what: 'Log of the driver json-file' },
  { called: /^[^/]*-json\.log\.\d+\.gz$/s, kind: 'binary', what: 'Older log of the driver json-file, compressed' },
  { called: /^local-logs\/[^/]+$/s, kind: 'binary', what: 'Log of the driver local' },
  { called: /^container-cached\.log[^/]*$/s, kind: 'binary', what: 'Log kept beside a remote driver' },
  { called: /^ctr\.log[^/]*$/s, kind: 'log', what: 'Log of the driver k8s-file' },
];

export default defineCollector({
  id: 'container.log-files',
  version: '1.0.0',
  title: 'Log files of the container',
  answers: 'What is in the container’s log files as they lie on the disk, older ones that were rotated away included?',
  how: 'Lists the container’s folder of the engine and reads each log file in it, raw and whole; links are named, not followed.',
  replaces: [
    'docker logs <container_id> > container_logs.txt',
    'cp /var/lib/docker/containers/<container_id>/<container_id>-json.log* <path>',
  ],
  scope: 'container',
  volatility: 'logs',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root'],
  async collect(ctx, target) {
    const folders = containerFolders(ctx, target.id);
    const listed = await listFolder(
      ctx,
      { file: 'container.log-files.frames', kind: 'frames', title: 'List of the container’s folder' },
      {
        source: 'container.log-files',
        folders,
        depth: 2,
        nothing: 'The engine’s root has no folder of this container.',
      },
    );
    const found = listed.flatMap((entry) => {
      const path = entry.path.replace(/^\.\//, '');
      const log = LOGS.find((one) => one.called.test(path));
      return log ? [{ ...entry, ...log, path }] : [];
    });
    let taken = 0;
    for (const [done, { path, type, target: leads, kind, what }] of found.entries()) {
      ctx.progress(done, found.length);
      const name = visible(path, { max: 200 });
      if (type === 'f') {
        taken += 1;
        await captureFile(
          ctx,
          { file: path.split('/').at(-1) ?? path, kind, title: `${what}: ${name}` },
          folders,
          path,
        );
      } else if (type === 'l') {
        const where = visible(leads ?? '', { max: 200 });
        await ctx.miss(
          'not applicable',
          `${name} is a link to ${where}: it was not followed out of the container’s folder.`,
        );
      } else if (type !== 'd') await ctx.miss('not applicable', `${name} is no file but of type ${type}.`);
    }
    if (listed.length > 0 && taken === 0) {
      await ctx.miss(
        'none',
        'No log file lies in the container’s folder: its log driver keeps none there, or it was deleted.',
      );
    }
  },
});
