import { z } from 'zod';
import { defineCollector } from '../collector';
import { takeWithAvml } from '../memory/avml';

const Input = z.object({
  program: z.string().min(1).max(4096).describe('Where the static binary of AVML lies on this machine.'),
  source: z
    .enum(['', '/proc/kcore', '/dev/crash', '/dev/mem'])
    .default('')
    .describe('What AVML reads; none: what it finds.'),
});

export default defineCollector({
  id: 'host.memory-avml',
  version: '1.0.0',
  title: 'Memory of the whole host, with AVML',
  answers: 'What is in the RAM of the host, where the examiner’s procedure asks for AVML?',
  how: 'Sends the AVML that the examiner names, hashed, into a folder lading-avml-… of the host’s memory (/dev/shm), runs it as root there, and takes its image through a named pipe: nothing is written to a disk of the host. The folder is removed. It takes a little of the RAM that is read; host.memory brings nothing.',
  replaces: ['avml <file>'],
  scope: 'host',
  volatility: 'memory',
  footprint: 'writes on host',
  needs: ['procfs', 'root'],
  input: Input,
  collect: (ctx, _target, said) => takeWithAvml(ctx, Input.parse(said)),
});
