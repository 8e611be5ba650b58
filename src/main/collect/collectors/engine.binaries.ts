import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';

const BINARIES = [
  ...['dockerd', 'docker', 'docker-proxy', 'docker-init', 'dockerd-rootless.sh', 'rootlesskit'],
  ...[
    'containerd',
    'containerd-shim-runc-v2',
    'containerd-shim',
    'ctr',
    'nerdctl',
    'runc',
    'crun',
    'runsc',
    'kata-runtime',
  ],
  ...['podman', 'conmon', 'crio', 'crictl', 'kubelet', 'buildkitd', 'docker-compose', 'docker-buildx', 'criu'],
];

export default defineCollector({
  id: 'engine.binaries',
  version: '1.0.0',
  title: 'Binaries of the engine',
  answers:
    'Are the engine, its runtime and its tools those of the distribution, and do the running ones match those on the disk?',
  how: 'Hashes the binaries on the disk and, through /proc/<pid>/exe, those that run, and asks the package manager whose they are.',
  replaces: [
    'sha256sum $(which dockerd containerd runc docker)',
    'dpkg -S $(which dockerd)',
    'rpm -qf $(which dockerd)',
  ],
  scope: 'host',
  volatility: 'host',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    await captureHostFiles(ctx, {
      source: 'engine.binaries',
      title: 'Binaries of the engine',
      nothing: 'No binary of Docker, containerd, runc or Podman lies where programs lie on this host.',
      parts: [
        { as: 'binary', binaries: BINARIES },
        {
          as: 'plugin',
          list: ['/usr/libexec/docker', '/usr/lib/docker', '/usr/local/lib/docker', '/opt/cni/bin'],
          depth: 2,
        },
      ],
    });
  },
});
