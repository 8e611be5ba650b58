import { insideCollector } from '../inside-collector';

/** Fixed text: nothing of the container or the examiner becomes part of it. */
const SCRIPT = `for f in /root/.*history /home/*/.*history /root/.local/share/*/*history /home/*/.local/share/*/*history; do
if [ -f "$f" ]; then printf '==> %s <==\\n' "$f"; cat "$f"; fi; done`;

export default insideCollector({
  id: 'container.inside.history',
  title: 'Shell histories as the container shows them',
  answers: 'Which commands do the histories of shells in the container hold?',
  how: 'Runs `sh` in the container, which prints the history files of root and of users in /home.',
  replaces: ['docker exec <container_id> history'],
  commands: () => [{ argv: ['sh', '-c', SCRIPT], nothing: 'No history file in /root or /home, or only empty ones.' }],
});
