import { Alert, Button, Checkbox, Group, Stack, Text, Textarea } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { FOOTPRINTS, type Plan } from '../../../shared/domain';
import { ErrorAlert } from '../../components/ErrorAlert';
import { FOOTPRINT_WORDS, isDeep } from './draft';

interface Props {
  plan: Plan;
  reason: string;
  onReason: (reason: string) => void;
  error: unknown;
  busy: boolean;
  /** Why it cannot begin. */
  blocked?: string;
  onStart: (acceptFootprint: boolean) => void;
}

/** The reason, the deliberate tick where the plan does more than read, and the button. */
export function Begin({ plan, reason, onReason, error, busy, blocked, onStart }: Props) {
  const [accepted, setAccepted] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new plan must be accepted anew
  useEffect(() => setAccepted(false), [plan]);
  const will = plan.items.filter((item) => item.impossible === undefined);
  const deep = FOOTPRINTS.filter(isDeep)
    .map((footprint) => ({ footprint, items: will.filter((item) => item.footprint === footprint) }))
    .filter(({ items }) => items.length > 0);
  const ready = will.length > 0 && (deep.length === 0 || accepted) && blocked === undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onStart(accepted);
      }}
    >
      <Stack gap="xs">
        {deep.length > 0 && (
          <Alert color="orange" title="This plan does more than read">
            <Stack gap={4}>
              {deep.map(({ footprint, items }) => (
                <Text size="sm" key={footprint}>
                  <b>{footprint}</b> ({items.length} of {will.length}): {FOOTPRINT_WORDS[footprint]}{' '}
                  {[...new Set(items.map((item) => item.title))].join(', ')}.
                </Text>
              ))}
              <Checkbox
                mt={4}
                label="I accept this footprint on the targets; it will be in the ledger and in the report"
                checked={accepted}
                onChange={(event) => setAccepted(event.currentTarget.checked)}
              />
            </Stack>
          </Alert>
        )}
        <Textarea
          label="Reason"
          description="Why this is collected, under what authority. Goes into the ledger."
          value={reason}
          onChange={(event) => onReason(event.currentTarget.value)}
          autosize
          minRows={2}
          maxRows={6}
          maxLength={2000}
        />
        <ErrorAlert error={error} title="The collection did not begin" />
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {blocked ??
              (will.length === 0
                ? 'Nothing of this plan is possible.'
                : `${will.length} to take${plan.items.length > will.length ? `, ${plan.items.length - will.length} not possible` : ''}. It can be cancelled; what arrived is kept.`)}
          </Text>
          <Button
            type="submit"
            size="sm"
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            loading={busy}
            disabled={!ready}
          >
            Start the collection
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
