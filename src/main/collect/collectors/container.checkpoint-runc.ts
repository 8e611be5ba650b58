import { z } from 'zod';
import { defineCollector } from '../collector';
import { takeRuncCheckpoint } from '../memory/checkpoint-runc';

const Input = z.object({
  folder: z
    .string()
    .max(300)
    .default('')
    .describe(
      'Where on the host the images lie until they are in the case: an absolute path, as /dev/shm for memory. None: the engine’s own folder.',
    ),
  keep: z.boolean().default(false).describe('Leave the images on the host.'),
});

export default defineCollector({
  id: 'container.checkpoint-runc',
  version: '1.0.0',
  title: 'Checkpoint of the container by runc',
  answers:
    'What was the container at one moment, with its established TCP connections, which the engine refuses to save?',
  how: 'On request only: runc has CRIU save the container and leaves it running. The processes stand still meanwhile, which is measured; CRIU runs code in them and holds its TCP connections back for that long. The images, as large as the memory, lie on the host in a folder lading-checkpoint-… below the one named, and are removed once they are taken. The engine is not told. process.memory stops and writes nothing.',
  replaces: [
    'runc --root /run/docker/runtime-runc/moby checkpoint --leave-running --tcp-established --image-path <path> <container_id>',
  ],
  scope: 'container',
  volatility: 'memory',
  footprint: 'writes on host',
  needs: ['engine', 'procfs', 'root', 'running'],
  input: Input,
  stallMs: 900_000,
  collect: (ctx, target, said) => takeRuncCheckpoint(ctx, target, Input.parse(said)),
});
