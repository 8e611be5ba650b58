import { Alert, Button, Progress, Text } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { z } from 'zod';
import { useCase } from '../../case';
import { client } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { showError } from '../../errors';
import { useRunningTask, useTask } from '../../tasks';

const Result = z.object({ findings: z.number(), analyzers: z.number(), unreadable: z.number() });

/** Runs every analyzer over the exhibits: a button, and what there is to tell of the run. */
export function useAnalysis() {
  const { path, data } = useCase();
  const start = useMutation({
    mutationFn: () => client.findings.analyze({ case: path }),
    onError: (error) => showError(error, 'The analysis could not begin'),
  });
  const running = useRunningTask('analyze', path);
  const last = useTask(start.data?.task);
  const busy = running !== undefined || start.isPending;
  const result = last?.state === 'done' ? Result.safeParse(last.result) : undefined;
  const button = (
    <Button
      leftSection={<IconPlayerPlay size={15} aria-hidden />}
      onClick={() => start.mutate()}
      loading={start.isPending}
      disabled={busy || data.exhibits.length === 0}
      title={data.exhibits.length === 0 ? 'There are no exhibits to analyse yet' : undefined}
    >
      Run analysis
    </Button>
  );
  const state = (
    <>
      {running && (
        <div style={{ marginBottom: 10 }}>
          <Text size="sm" role="status">
            Analysing {running.total === undefined ? 'the exhibits' : `${running.done} of ${running.total}`}…
          </Text>
          <Progress
            size="sm"
            value={running.total ? (100 * running.done) / running.total : 100}
            animated={!running.total}
            aria-label="Progress of the analysis"
          />
        </div>
      )}
      {last?.state === 'failed' && <ErrorAlert error={last.error} title="The analysis failed" />}
      {result?.success && (
        <Alert
          color={result.data.unreadable > 0 ? 'yellow' : 'teal'}
          mb="sm"
          role="status"
          p="xs"
          withCloseButton
          closeButtonLabel="Close"
          onClose={start.reset}
        >
          {result.data.analyzers} analyzers made {result.data.findings}{' '}
          {result.data.findings === 1 ? 'finding' : 'findings'}.
          {result.data.unreadable > 0 &&
            ` ${result.data.unreadable} exhibits or parts of them could not be understood; the report names them.`}
        </Alert>
      )}
    </>
  );
  return { button, state };
}
