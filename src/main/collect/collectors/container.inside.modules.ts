import { insideCollector } from '../inside-collector';

export default insideCollector({
  id: 'container.inside.modules',
  title: 'Kernel modules as the container lists them',
  answers: 'Which kernel modules does the container see?',
  how: 'Runs `lsmod` in the container.',
  replaces: ['docker exec <container_id> lsmod'],
  commands: () => [{ argv: ['lsmod'], nothing: 'lsmod ended well and lists no module.' }],
});
