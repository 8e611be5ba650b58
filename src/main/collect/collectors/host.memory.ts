import { z } from 'zod';
import { defineCollector } from '../collector';
import { takeHostMemory } from '../memory/host-memory';

const HostMemoryChoice = z.object({
  compress: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe('compress between the host and this machine: auto measures on the first megabytes which is faster'),
});

export default defineCollector({
  id: 'host.memory',
  version: '1.0.0',
  title: 'Memory of the whole host',
  answers:
    'What is in the RAM of the host: every process, hidden ones too, connections, the kernel and what sits in it?',
  how: 'Reads the RAM that /proc/iomem names out of /proc/kcore with dd, into a LiME image on this machine. Nothing is loaded into the kernel or written on the host. The host runs on meanwhile, so pages of different moments stand side by side.',
  replaces: ['insmod lime.ko path=<file> format=lime', 'avml <file>', 'dd if=/proc/kcore'],
  scope: 'host',
  volatility: 'memory',
  footprint: 'reads host',
  needs: ['procfs', 'root', 'kcore'],
  input: HostMemoryChoice,
  collect: (ctx, _target, input) => takeHostMemory(ctx, HostMemoryChoice.parse(input)),
});
