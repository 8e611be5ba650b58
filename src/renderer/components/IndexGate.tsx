import { Alert, Progress, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { visible } from '../../shared/visible';
import { useCase } from '../case';
import { orpc } from '../client';
import { useTask } from '../tasks';
import { ErrorAlert } from './ErrorAlert';

/**
 * For a screen that shows the index: sees to it that it is of now's exhibits, shows the work, then the screen. An index of
 * before is shown meanwhile, and said to be old.
 */
export function IndexGate({ children }: { children: ReactNode }) {
  const { path, data: open } = useCase();
  const { data, error, refetch } = useQuery(orpc.evidence.prepare.queryOptions({ input: { case: path } }));
  const task = useTask(data?.task ?? undefined);
  if (open.exhibits.length === 0) return children;
  if (error) {
    return <ErrorAlert error={error} title="The index cannot be made" onRetry={() => void refetch()} />;
  }
  if (!data) return <Skeleton height={240} />;
  const usable = data.state === 'ready' || data.state === 'stale';
  const running = task?.state === 'running';
  return (
    <>
      {data.state !== 'ready' && (
        <Alert color={task?.state === 'failed' ? 'red' : 'blue'} mb="sm" p="xs">
          <Text size="sm" role="status">
            {data.reasons.map((reason) => visible(reason)).join(' ')}{' '}
            {running ? `The index is being made${task.total ? `, step ${task.done + 1} of ${task.total}` : ''}.` : ''}
            {!usable && !running && !data.task && 'It is made when the collection has ended.'}
          </Text>
          {running && (
            <Progress
              mt={6}
              size="sm"
              value={task.total ? (100 * task.done) / task.total : 100}
              animated
              aria-label="Progress of the index"
            />
          )}
        </Alert>
      )}
      {task?.state === 'failed' && (
        <ErrorAlert error={task.error} title="The index was not made" onRetry={() => void refetch()} />
      )}
      {usable && children}
    </>
  );
}
