import { defineCollector } from '../collector';
import { captureHostFiles, engineRoot } from '../host-files';

const UNITS = ['/etc/systemd/system', '/run/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'].flatMap(
  (folder) =>
    ['docker', 'containerd', 'podman', 'crio'].flatMap((unit) => [
      `${folder}/${unit}*.service`,
      `${folder}/${unit}*.socket`,
      `${folder}/${unit}*.d/*`,
    ]),
);

export default defineCollector({
  id: 'engine.files',
  version: '1.0.0',
  title: 'Configuration of the engine',
  answers: 'How are the engine and containerd set up and started, and who may use them?',
  how: 'Reads configuration files, units, sockets’ owners, settings of rootless engines of every user and the engine’s own lists of images, networks and volumes.',
  replaces: [
    'cat /etc/docker/daemon.json',
    'systemctl cat docker containerd',
    'cat /etc/containerd/config.toml',
    'cat /etc/subuid /etc/subgid',
    'ls -l /var/run/docker.sock',
    'getent group docker',
  ],
  scope: 'host',
  volatility: 'host',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    const root = engineRoot(ctx);
    await captureHostFiles(ctx, {
      source: 'engine.files',
      title: 'Configuration of the engine',
      nothing: 'None of the files of Docker, containerd or Podman is on this host.',
      parts: [
        {
          as: 'docker',
          files: [
            '/etc/docker/*.json',
            '/etc/default/docker',
            '/etc/sysconfig/docker*',
            '/etc/conf.d/docker',
            '/etc/init.d/docker',
          ],
          follow: true,
        },
        { as: 'docker.certs', list: ['/etc/docker', '/etc/containerd', '/etc/containers'], depth: 4 },
        { as: 'snap', files: ['/var/snap/docker/current/config/daemon.json'], follow: true },
        { as: 'unit', files: UNITS, follow: true },
        {
          as: 'containerd',
          files: ['/etc/containerd/*.toml', '/etc/containerd/*/*.toml', '/etc/cni/net.d/*'],
          follow: true,
        },
        {
          as: 'containers',
          files: [
            '/etc/containers/*.conf',
            '/etc/containers/*.conf.d/*',
            '/etc/containers/policy.json',
            '/etc/crictl.yaml',
          ],
          follow: true,
        },
        { as: 'ids', files: ['/etc/subuid', '/etc/subgid', '/etc/group'], follow: true },
        {
          as: 'socket',
          files: [
            'docker.sock',
            'containerd/containerd.sock',
            'docker/containerd/containerd.sock',
            'podman/podman.sock',
          ].map((name) => `/run/${name}`),
        },
        {
          as: 'socket',
          files: [
            '/var/run/docker.sock',
            '/run/docker.pid',
            '/run/user/*/docker.sock',
            '/run/user/*/podman/podman.sock',
          ],
        },
        {
          homes: [
            {
              as: 'user',
              files: [
                '.docker/daemon.json',
                '.config/docker/daemon.json',
                '.config/containers/*.conf',
                '.config/systemd/user/docker*.service',
              ],
            },
          ],
        },
        {
          within: [[root, '']],
          parts: [
            { as: 'root', list: ['.'], depth: 2 },
            {
              as: 'root',
              files: [
                'engine-id',
                'image/*/repositories.json',
                'network/files/local-kv.db',
                'volumes/metadata.db',
                'swarm/docker-state.json',
                'swarm/state.json',
                'runtimes/*',
                'plugins/*/config.json',
              ],
            },
            { as: 'images', list: ['image'], depth: 6 },
            { as: 'containers', list: ['containers'], depth: 2 },
          ],
        },
      ],
    });
  },
});
