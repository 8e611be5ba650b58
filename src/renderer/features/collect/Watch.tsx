import { Badge, Button, Group, Progress, SegmentedControl, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { z } from 'zod';
import type { Task, TaskItem } from '../../../shared/domain';
import { client } from '../../client';
import { formatBytes, formatCount } from '../../components/Bytes';
import { ErrorAlert } from '../../components/ErrorAlert';
import { Panel } from '../../components/Panel';
import { ITEM_STATES, TaskItems } from '../../components/TaskItems';
import { Time } from '../../components/Time';
import { VisibleText } from '../../components/VisibleText';
import { showError } from '../../errors';
import { exhibitsRoute, navigate } from '../../navigate';
import { taskRate } from '../../tasks';
import { useNow } from '../../useNow';
import classes from './collect.module.css';
import { HostProgress } from './HostProgress';

const Result = z.object({ collection: z.string(), exhibits: z.number(), partial: z.number(), misses: z.number() });

const TROUBLE: TaskItem['state'][] = ['partial', 'failed', 'skipped', 'cancelled'];

/** A collection as it runs, and what it gave when it ended. */
export function Watch({ task, onAnother }: { task: Task; onAnother: () => void }) {
  const now = useNow(1000);
  const [show, setShow] = useState<'all' | 'trouble'>('all');
  const running = task.state === 'running';
  const result = Result.safeParse(task.result);
  const counts = useMemo(() => {
    const all = new Map<TaskItem['state'], number>();
    for (const { state } of task.items) all.set(state, (all.get(state) ?? 0) + 1);
    return all;
  }, [task.items]);
  const trouble = useMemo(() => task.items.filter(({ state }) => TROUBLE.includes(state)), [task.items]);
  const part = task.total ? (100 * task.done) / task.total : undefined;
  const seconds = Math.max(0, ((task.ended ? Date.parse(task.ended) : now) - Date.parse(task.begun)) / 1000);

  return (
    <Panel
      title={<VisibleText text={task.title} />}
      aside={
        running ? (
          <Button
            variant="default"
            onClick={() => {
              client.tasks
                .cancel({ id: task.id })
                .catch((error: unknown) => showError(error, 'It could not be cancelled'));
            }}
          >
            Cancel
          </Button>
        ) : (
          <Group gap="xs">
            <Button variant="default" onClick={onAnother}>
              Plan another
            </Button>
            <Button
              onClick={() =>
                navigate(exhibitsRoute({ collection: result.success ? result.data.collection : undefined }))
              }
            >
              Look at the exhibits
            </Button>
          </Group>
        )
      }
    >
      <div className={classes.body}>
        <Group gap="lg">
          <Text size="sm" component="div">
            {running ? 'Begun' : 'Ran from'} <Time at={task.begun} />
            {task.ended && (
              <>
                {' '}
                to <Time at={task.ended} />
              </>
            )}
          </Text>
          <Text size="sm" className={classes.numbers}>
            {seconds.toFixed(seconds < 20 ? 1 : 0)} s · {formatBytes(task.bytes)} · {formatBytes(taskRate(task, now))}/s
          </Text>
        </Group>
        {running && (
          <Progress
            mt="xs"
            size="md"
            value={part ?? 100}
            animated={part === undefined}
            aria-label="Progress of the collection"
          />
        )}
        <div aria-live="polite" className={classes.summary}>
          {running ? (
            <Text size="sm">
              {task.total === undefined ? 'Under way' : `${formatCount(task.done)} of ${formatCount(task.total)} done`}
            </Text>
          ) : (
            <Text size="sm" fw={600}>
              {task.state === 'done'
                ? 'Done'
                : task.state === 'cancelled'
                  ? 'Cancelled; what arrived is kept'
                  : 'Failed; what arrived is kept'}
              {result.success &&
                `: ${formatCount(result.data.exhibits)} exhibits, ${formatCount(result.data.partial)} of them partial, ${formatCount(result.data.misses)} not taken`}
            </Text>
          )}
          <Group gap={6}>
            {[...counts].map(([state, count]) => (
              <Badge
                key={state}
                color={state === 'failed' ? 'red' : state === 'partial' ? 'yellow' : state === 'done' ? 'teal' : 'gray'}
              >
                {count} {ITEM_STATES[state]}
              </Badge>
            ))}
          </Group>
        </div>
        <HostProgress task={task} />
        {task.state === 'failed' && <ErrorAlert error={task.error} />}
      </div>
      <div className={classes.listHead}>
        <SegmentedControl
          aria-label="Which lines"
          value={show}
          onChange={(value) => setShow(value === 'trouble' ? 'trouble' : 'all')}
          data={[
            { value: 'all', label: `All ${task.items.length}` },
            { value: 'trouble', label: `Not whole ${trouble.length}` },
          ]}
        />
      </div>
      <TaskItems items={show === 'all' ? task.items : trouble} height={460} follow={running && show === 'all'} />
    </Panel>
  );
}
