import { insideCollector } from '../inside-collector';

export default insideCollector({
  id: 'container.inside.packages-check',
  title: 'Changed package files as the container checks them',
  answers: "Which files of packages differ, by the container's own package tools, from what was installed?",
  how: 'Runs `debsums -c`, or where it is not there `dpkg --verify` or `rpm -Va`, in the container.',
  replaces: ['docker exec <container_id> debsums -c'],
  stallMs: 900_000,
  commands: () => [
    // debsums(1): 2 where files differ.
    { argv: ['debsums', '-c'], whole: [2], nothing: 'debsums ended well: no file of a package differs.' },
    { argv: ['dpkg', '--verify'], whole: [1], nothing: 'dpkg ended well: no file of a package differs.' },
    { argv: ['rpm', '-Va'], whole: [1], nothing: 'rpm ended well: no file of a package differs.' },
  ],
});
