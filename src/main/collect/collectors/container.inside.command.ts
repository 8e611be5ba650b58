import { z } from 'zod';
import { InsideInput, insideCollector } from '../inside-collector';

const Input = InsideInput.extend({
  argv: z
    .array(z.string().max(32_768))
    .min(1)
    .max(1000)
    .refine(([program]) => program !== '', 'the first word names the program')
    .describe('The program and its words, one each: no shell splits or expands them.'),
});

export default insideCollector({
  id: 'container.inside.command',
  title: 'A command of the examiner in the container',
  answers: 'What does this command say when it is run in the container?',
  how: 'Runs the given program with its words in the container, without a terminal and without input. dig and traceroute send packets from it.',
  replaces: [
    'docker exec -it <container_id> /bin/bash',
    'docker exec <container_id> dig <domain>',
    'docker exec <container_id> traceroute <destination>',
    'docker exec <container_id> aureport -f',
    'docker exec <container_id> tcpdump -i any -l port 53',
    'docker exec <container_id> env',
    'docker exec <container_id> mount',
    'docker exec <container_id> crontab -l',
    'docker exec <container_id> cat <file>',
  ],
  input: Input,
  stallMs: 900_000,
  commands: (told) => [{ argv: Input.parse(told).argv }],
});
