import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { Fault } from '../../../shared/domain';
import { useCase } from '../../case';
import { client, orpc } from '../../client';
import { formatBytes, formatCount } from '../../components/Bytes';
import { type DataColumn, DataTable } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { ErrorAlert } from '../../components/ErrorAlert';
import { Time } from '../../components/Time';
import { VisibleText } from '../../components/VisibleText';
import { showError } from '../../errors';
import { useRunningTask, useTask } from '../../tasks';

/** Starts a verification of the whole case; `running` and `last` are the task of it. */
export function useVerification() {
  const { path } = useCase();
  const start = useMutation({
    mutationFn: () => client.custody.verify({ case: path }),
    onError: (error) => showError(error, 'The verification could not begin'),
  });
  const running = useRunningTask('verify', path);
  const last = useTask(start.data?.task);
  return { start: () => start.mutate(), starting: start.isPending, running, last };
}

type Verification = ReturnType<typeof useVerification>;

const columns: DataColumn<Fault & { n: number }>[] = [
  { id: 'kind', header: 'Fault', value: (row) => row.kind, width: 190, facet: true },
  { id: 'path', header: 'Where', value: (row) => row.path, width: 240, mono: true },
  { id: 'detail', header: 'Detail', value: (row) => row.detail, width: 360, grow: true },
];

/** What the last verification found: every fault by its name. */
export function VerificationPanel({ verification }: { verification: Verification }) {
  const { path, head } = useCase();
  const { data: result, error, isPending } = useQuery(orpc.custody.lastVerify.queryOptions({ input: { case: path } }));
  const { running, last } = verification;
  const button = (
    <Button
      leftSection={<IconShieldCheck size={15} aria-hidden />}
      onClick={verification.start}
      loading={verification.starting}
      disabled={running !== undefined}
    >
      Verify the case
    </Button>
  );
  const faults = result?.faults.map((fault, n) => ({ ...fault, n })) ?? [];
  return (
    <Stack gap="sm" style={{ flex: 1, minHeight: 0 }}>
      {running && (
        <div>
          <Text size="sm" role="status">
            Reading every exhibit again: {formatBytes(running.bytes)} so far.
          </Text>
          <Group gap="sm" wrap="nowrap">
            <Progress
              style={{ flex: 1 }}
              value={running.total ? (100 * running.done) / running.total : 100}
              animated={!running.total}
              aria-label="Progress of the verification"
            />
            <Button
              variant="default"
              size="compact-xs"
              onClick={() => {
                client.tasks
                  .cancel({ id: running.id })
                  .catch((thrown: unknown) => showError(thrown, 'It could not be cancelled'));
              }}
            >
              Cancel
            </Button>
          </Group>
        </div>
      )}
      {last?.state === 'failed' && <ErrorAlert error={last.error} title="The verification failed" />}
      <ErrorAlert error={error} title="The last verification could not be read" />
      {!result && !running && !isPending && !error && (
        <EmptyState icon={IconShieldCheck} title="Not verified on this workstation yet" action={button}>
          Verifying reads every exhibit, compares it with the ledger and the seals, and changes nothing.
        </EmptyState>
      )}
      {result && (
        <>
          <Alert
            color={result.ok ? 'teal' : 'red'}
            title={result.ok ? 'No fault found' : 'The case is not intact'}
            role="status"
          >
            <Text size="sm" component="div">
              <Time at={result.time} />: {formatCount(result.exhibits)} exhibits ({formatBytes(result.bytes)}),{' '}
              {formatCount(result.entries)} ledger entries, {result.seals} {result.seals === 1 ? 'seal' : 'seals'}
              {result.unsealed === null
                ? '. The case was never sealed: nobody else could tell a ledger that was written anew.'
                : `. ${formatCount(result.unsealed)} entries came after the last seal.`}
            </Text>
            {result.head.seq !== head.seq && (
              <Text size="sm">
                The ledger went on from entry {result.head.seq} to {head.seq} since then.
              </Text>
            )}
            {result.interrupted.map((line) => (
              <Text size="sm" key={line} component="div">
                Left by an interruption: <VisibleText text={line} />
              </Text>
            ))}
          </Alert>
          {!running && <Group>{button}</Group>}
          {faults.length > 0 && (
            <div style={{ flex: 1, minHeight: 200 }}>
              <DataTable label="faults" rows={faults} columns={columns} rowId={(row) => String(row.n)} />
            </div>
          )}
        </>
      )}
    </Stack>
  );
}
