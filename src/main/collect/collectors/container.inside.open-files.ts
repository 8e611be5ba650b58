import { insideCollector } from '../inside-collector';

export default insideCollector({
  id: 'container.inside.open-files',
  title: 'Open files as the container lists them',
  answers: "What does the container's own lsof say of open files?",
  how: 'Runs `lsof -nP` in the container, which asks no name server.',
  replaces: ['docker exec <container_id> lsof'],
  // lsof(8): 1 also where a file could not be told of; what it lists is whole.
  commands: () => [{ argv: ['lsof', '-nP'], whole: [1] }],
});
