import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';

export default defineCollector({
  id: 'host.contexts',
  version: '1.0.0',
  title: 'Docker settings of the host’s users',
  answers: 'With which engines and registries do the users of this host work, and with which passwords and keys?',
  how: 'Reads the Docker and Podman settings of every user: contexts with their certificates, registry passwords, plugins. Secrets are whole in the exhibit.',
  replaces: ['docker context ls', 'docker context inspect <context>', 'cat ~/.docker/config.json'],
  scope: 'host',
  volatility: 'host',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    await captureHostFiles(ctx, {
      source: 'host.contexts',
      title: 'Docker settings of the host’s users',
      nothing: 'No user of this host has settings of Docker or Podman.',
      parts: [
        {
          homes: [
            {
              as: 'user',
              files: [
                '.docker/config.json',
                '.docker/.token_seed',
                '.docker/contexts/meta/*/meta.json',
                '.docker/contexts/tls/*/*.pem',
                '.docker/contexts/tls/*/*/*.pem',
                '.docker/*.pem',
                '.docker/buildx/current',
                '.docker/buildx/instances/*',
                '.dockercfg',
                '.config/containers/auth.json',
                '.config/containers/podman-connections.json',
              ],
            },
            { as: 'user.plugins', list: ['.docker/cli-plugins', '.docker/trust'], depth: 3 },
          ],
        },
        {
          as: 'run',
          files: ['/run/containers/*/auth.json', '/run/user/*/containers/auth.json'],
        },
      ],
    });
  },
});
