import { defineCollector } from '../collector';
import { captureHostFiles, containerFolders } from '../host-files';

export default defineCollector({
  id: 'container.engine-files',
  version: '1.0.0',
  title: 'Files the engine keeps of the container',
  answers: 'What does the engine’s own disk say of the container: configuration, mounts, name resolution, checkpoints?',
  how: 'Reads config.v2.json, hostconfig.json, hostname, hosts and resolv.conf in the container’s folder of the engine, and lists the folder.',
  replaces: [
    'cat /var/lib/docker/containers/<container_id>/config.v2.json',
    'cat /var/lib/docker/containers/<container_id>/hostconfig.json',
  ],
  scope: 'container',
  volatility: 'engine state',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root'],
  async collect(ctx, target) {
    await captureHostFiles(ctx, {
      source: 'container.engine-files',
      title: 'Files the engine keeps of the container',
      nothing: 'The engine’s root has no folder of this container that can be read.',
      parts: [
        {
          within: containerFolders(ctx, target.id),
          parts: [
            { as: 'folder', list: ['.'], depth: 4 },
            {
              as: 'config',
              files: ['config.v2.json', 'hostconfig.json', 'config.json', 'hostname', 'hosts', 'resolv.conf', '*.hash'],
            },
            { as: 'checkpoint', files: ['checkpoints/*/config.json', 'checkpoints/*/descriptors.json'] },
          ],
        },
      ],
    });
  },
});
