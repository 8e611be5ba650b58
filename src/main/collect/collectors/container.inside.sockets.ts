import { insideCollector } from '../inside-collector';

export default insideCollector({
  id: 'container.inside.sockets',
  title: 'Sockets as the container lists them',
  answers: "What does the container's own netstat say of connections, and does it hide one that the host sees?",
  how: 'Runs `netstat -anlp`, or where it cannot be had `netstat -an` or `ss -anp`, in the container; with root on the host its sockets are read from outside just before and after.',
  replaces: [
    'docker exec <container_id> netstat -anlp',
    'docker exec <container_id> netstat -tupn',
    'docker exec <container_id> netstat -anp | grep ESTABLISHED',
    'docker exec <container_id> ss -tunap',
  ],
  // busybox may be built without -p; then it says so and shows nothing.
  commands: () => [{ argv: ['netstat', '-anlp'] }, { argv: ['netstat', '-an'] }, { argv: ['ss', '-anp'] }],
  looks: { script: 'sockets', title: "Sockets from the host's side" },
});
