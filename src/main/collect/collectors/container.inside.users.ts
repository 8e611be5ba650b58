import { insideCollector } from '../inside-collector';

export default insideCollector({
  id: 'container.inside.users',
  title: 'Users as the container lists them',
  answers: 'Which users does the container itself know, from whatever source it asks?',
  how: 'Runs `getent passwd`, or where it is not there `cat /etc/passwd`, in the container.',
  replaces: ['docker exec <container_id> getent passwd', 'docker exec <container_id> cat /etc/passwd'],
  commands: () => [{ argv: ['getent', 'passwd'] }, { argv: ['cat', '/etc/passwd'] }],
});
