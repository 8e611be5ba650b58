import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';
import { TimeWindow, windowSince, windowWords } from '../host-files/window';

const UNITS = ['docker', 'docker.socket', 'containerd', 'podman', 'podman.socket', 'crio', 'snap.docker.dockerd'];

export default defineCollector({
  id: 'engine.journal',
  version: '1.0.0',
  title: 'Log of the engine',
  answers: 'What did the engine and containerd log: starts, errors, containers that died, calls that failed?',
  how: 'Asks journalctl for the units’ entries with all their fields, and reads the engine’s log files where there are any.',
  replaces: ['journalctl -u docker -u containerd', 'cat /var/log/docker.log'],
  scope: 'host',
  volatility: 'logs',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  input: TimeWindow,
  async collect(ctx, _target, window) {
    await captureHostFiles(ctx, {
      source: 'engine.journal',
      title: 'Log of the engine',
      nothing: 'The journal of the host holds nothing of the engine, and none of its log files is there.',
      parts: [
        {
          as: 'journal',
          run: [
            ...(['journalctl', '-q', '--no-pager', '--output=export'] as const),
            ...windowWords(window),
            ...UNITS.flatMap((unit) => ['-u', unit]),
          ],
          guard: 'journal',
          seconds: 0,
        },
        {
          as: 'log',
          files: [
            'docker.log*',
            'dockerd.log*',
            'containerd.log*',
            'docker/*.log*',
            'upstart/docker.log*',
            'podman.log*',
          ].map((name) => `/var/log/${name}`),
          limit: 0,
          follow: true,
          since: windowSince(window),
        },
      ],
    });
  },
});
