import { z } from 'zod';
import { defineCollector } from '../collector';
import { takeCheckpoint } from '../memory/checkpoint';

const Input = z.object({
  remove: z.boolean().default(false).describe('Remove the checkpoint from the host once it is in the case.'),
});

export default defineCollector({
  id: 'container.checkpoint',
  version: '1.0.0',
  title: 'Checkpoint of the container',
  answers: 'What was the container at one moment: process tree, memory, open files, sockets, as CRIU saves them?',
  how: 'On request only: the engine has CRIU save the container into a folder of the engine’s and leaves it running. The processes stand still meanwhile, which is measured; CRIU runs code in them; disk space on the host and engine events. The folder is taken, and removed only if that was chosen. process.memory stops and writes nothing.',
  replaces: ['docker checkpoint create --leave-running <container_id> <name>'],
  scope: 'container',
  volatility: 'memory',
  footprint: 'writes on host',
  needs: ['engine', 'procfs', 'root', 'running', 'criu'],
  input: Input,
  stallMs: 900_000,
  collect: (ctx, target, said) => takeCheckpoint(ctx, target, Input.parse(said)),
});
