import { z } from 'zod';
import { InsideInput, insideCollector } from '../inside-collector';

const Input = InsideInput.extend({
  seconds: InsideInput.shape.seconds
    .unwrap()
    .default(7200)
    .describe('After so many seconds the scan is cut off; what came until then is kept.'),
  path: z.string().startsWith('/').max(4096).default('/').describe('Folder in the container to scan.'),
});

export default insideCollector({
  id: 'container.inside.scan',
  title: 'Virus scan by the container',
  answers: "What does the container's own ClamAV find in its files?",
  how: 'Runs `clamscan -r` in the container, where it is installed, over all but /proc and /sys; it reads every file.',
  replaces: ['docker exec <container_id> clamscan -r /'],
  input: Input,
  stallMs: 3_600_000,
  commands: (told) => {
    const skip = ['--exclude-dir=^/proc', '--exclude-dir=^/sys'];
    // clamscan(1): 1 where something was found.
    return [{ argv: ['clamscan', '-r', ...skip, '--', Input.parse(told).path], whole: [1] }];
  },
});
