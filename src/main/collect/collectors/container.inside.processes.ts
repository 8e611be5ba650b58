import { insideCollector } from '../inside-collector';

export default insideCollector({
  id: 'container.inside.processes',
  title: 'Processes as the container lists them',
  answers: "What does the container's own ps say runs in it, and does it hide something that the host sees?",
  how: 'Runs `ps aux` in the container; with root on the host its processes are read from outside just before and after.',
  replaces: [
    'docker exec <container_id> ps aux',
    'docker exec <container_id> ps -ef',
    'docker exec <container_id> ps aux --sort -%cpu',
  ],
  commands: () => [{ argv: ['ps', 'aux'] }],
  looks: { script: 'members', title: "Processes from the host's side" },
});
