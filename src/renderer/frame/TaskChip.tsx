import { ActionIcon, Progress } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { visible } from '../../shared/visible';
import { client } from '../client';
import { formatBytes } from '../components/Bytes';
import { showError } from '../errors';
import { taskRate, useTasks } from '../tasks';
import classes from './frame.module.css';

/** What runs now: how far, how much, how fast; opens the drawer. */
export function TaskChip({ onOpen }: { onOpen: () => void }) {
  const running = useTasks().filter((task) => task.state === 'running');
  const first = running[0];
  if (!first) return null;
  const part = first.total ? Math.floor((100 * first.done) / first.total) : undefined;
  const title = visible(first.title, { max: 200 });
  const words = `${title}${part === undefined ? '' : ` ${part} %`}`;
  const sizes = first.bytes > 0 ? `${formatBytes(first.bytes)} · ${formatBytes(taskRate(first))}/s` : '';
  return (
    <div className={classes.task}>
      <button type="button" className={classes.chip} onClick={onOpen} title="Show the tasks (Alt+T)">
        <span className={classes.taskWords}>
          {words}
          {running.length > 1 && ` and ${running.length - 1} more`}
          {sizes && <span className={classes.dim}> {sizes}</span>}
        </span>
        <Progress
          className={classes.taskBar}
          size={3}
          value={part ?? 100}
          animated={part === undefined}
          aria-label={words}
        />
      </button>
      <ActionIcon
        aria-label={`Cancel: ${title}`}
        title="Cancel; what arrived is kept"
        onClick={() => {
          client.tasks
            .cancel({ id: first.id })
            .catch((error: unknown) => showError(error, 'It could not be cancelled'));
        }}
      >
        <IconX size={15} aria-hidden />
      </ActionIcon>
    </div>
  );
}
