import { z } from 'zod';
import { InsideInput, insideCollector } from '../inside-collector';

const Input = InsideInput.extend({
  days: z
    .number()
    .int()
    .min(1)
    .max(3650)
    .default(7)
    .describe('Files whose content or metadata changed in so many days.'),
});

export default insideCollector({
  id: 'container.inside.files-recent',
  title: 'Recent, hidden and setuid files as the container lists them',
  answers: 'Which files does the container itself show as changed of late, hidden, or setuid?',
  how: 'Runs `find` in the container over all but /proc and /sys, with `ls -ldin` of what it finds: files changed in the last days, with a name that begins with a dot, or setuid or setgid.',
  replaces: ['docker exec <container_id> find / -type f -name ".*"'],
  input: Input,
  stallMs: 600_000,
  commands: (told) => {
    const days = `-${Input.parse(told).days}`;
    const skip = ['(', '-path', '/proc', '-o', '-path', '/sys', ')', '-prune'];
    const which = [
      '-mtime',
      days,
      '-o',
      '-ctime',
      days,
      '-o',
      '-perm',
      '-4000',
      '-o',
      '-perm',
      '-2000',
      '-o',
      '-name',
      '.*',
    ];
    const argv = ['find', '/', ...skip, '-o', '-type', 'f', '(', ...which, ')', '-exec', 'ls', '-ldin', '{}', '+'];
    return [{ argv, nothing: 'find ended well and named no such file.' }];
  },
});
