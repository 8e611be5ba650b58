import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';
import { HOST_TOOLS, TOOLS_SCRIPT } from '../host-files/tools';

/** `sh` is found by the host's PATH here as it is for every other command, so a changed one shows in its own hash. */
const asked = (what: string) => ['sh', '-c', TOOLS_SCRIPT, 'lading', what, ...HOST_TOOLS] as const;

export default defineCollector({
  id: 'host.tools',
  version: '1.0.0',
  title: 'Programs of the host that Lading uses',
  answers: 'Which programs of the host did this evidence come through, and are they those of the distribution?',
  how: 'Asks the shell which file each program leads to that Lading may run, hashes these files, and asks the package manager whose they are.',
  replaces: ['sha256sum $(command -v sh cat find stat)', 'type -a ps ls netstat', 'debsums -s coreutils'],
  scope: 'host',
  volatility: 'host',
  footprint: 'reads host',
  needs: ['procfs'],
  async collect(ctx) {
    await captureHostFiles(ctx, {
      source: 'host.tools',
      title: 'Programs of the host that Lading uses',
      nothing: 'The host has none of the programs that Lading knows.',
      asRoot: ctx.facts.root,
      parts: [
        { as: 'paths', run: asked('paths') },
        { as: 'sha256', run: asked('sha256') },
        { as: 'stat', run: asked('stat') },
        { as: 'owner', run: asked('owner') },
      ],
    });
  },
});
