import { Button, Group, SegmentedControl, Stack, Textarea, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FindingStatus, JudgedFinding } from '../../../shared/domain';
import { useCase } from '../../case';
import { client, orpc } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { showDone } from '../../errors';
import classes from './findings.module.css';

const CHOICES: { value: FindingStatus; label: string }[] = [
  { value: 'confirmed', label: 'Confirm' },
  { value: 'dismissed', label: 'Dismiss' },
  { value: 'needs review', label: 'Needs review' },
  { value: 'open', label: 'Open again' },
];

interface Props {
  findings: readonly JudgedFinding[];
  onDone?: () => void;
}

/** Says what the examiner holds of one finding or of several, with a reason; both go into the ledger. */
export function Judge({ findings, onDone }: Props) {
  const { path, readOnly } = useCase();
  const queries = useQueryClient();
  const [status, setStatus] = useState<FindingStatus>();
  const [reason, setReason] = useState('');
  const judge = useMutation({
    mutationFn: async (to: FindingStatus) => {
      for (const finding of findings) {
        await client.findings.judge({ case: path, id: finding.id, status: to, reason: reason.trim() });
      }
      return to;
    },
    onSuccess: (to) => {
      showDone(findings.length === 1 ? `${findings[0]?.id}: ${to}.` : `${findings.length} findings: ${to}.`);
      setStatus(undefined);
      setReason('');
      onDone?.();
    },
    // Also after a failure: those before it were judged.
    onSettled: () => queries.invalidateQueries({ queryKey: orpc.findings.list.key() }),
  });
  const complete = status !== undefined && reason.trim() !== '' && readOnly === undefined;
  return (
    <form
      className={classes.judge}
      aria-label="Judge the finding"
      onSubmit={(event) => {
        event.preventDefault();
        if (complete && !judge.isPending) judge.mutate(status);
      }}
    >
      <Stack gap="xs">
        <Title order={3}>
          {findings.length === 1 ? 'Your judgement' : `Your judgement of ${findings.length} findings`}
        </Title>
        <SegmentedControl
          size="xs"
          aria-label="Judgement"
          data={CHOICES}
          // An empty value chooses none: a judgement is made, not defaulted to.
          value={status ?? ''}
          onChange={(value) => setStatus(CHOICES.find((choice) => choice.value === value)?.value)}
          disabled={readOnly !== undefined}
        />
        <Textarea
          label="Reason"
          description="Why: what you looked at, and what it shows. Goes into the ledger and the report."
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          maxLength={5000}
          autosize
          minRows={2}
          maxRows={8}
          required
          disabled={readOnly !== undefined}
        />
        <ErrorAlert error={judge.error} />
        <Group>
          <Button type="submit" loading={judge.isPending} disabled={!complete} title={readOnly}>
            Save the judgement
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
