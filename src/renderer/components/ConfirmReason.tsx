import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { ErrorAlert } from './ErrorAlert';

interface Props {
  opened: boolean;
  title: string;
  /** What will happen, and what the ledger will say. */
  description?: ReactNode;
  confirmLabel: string;
  /** A reason must be given; otherwise it may be left empty. */
  required?: boolean;
  danger?: boolean;
  reasonLabel?: string;
  initialReason?: string;
  /** More fields, above the reason. */
  children?: ReactNode;
  /** Says that those fields are filled. */
  ready?: boolean;
  /** The dialog closes when this settles, and shows what it throws. */
  onConfirm: (reason: string) => Promise<unknown>;
  onClose: () => void;
}

/** Asks for a deliberate yes with a reason, which goes into the ledger. */
export function ConfirmReason(props: Props) {
  const { opened, required, ready = true, initialReason = '' } = props;
  const [reason, setReason] = useState(initialReason);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (!opened) return;
    setReason(initialReason);
    setError(undefined);
  }, [opened, initialReason]);
  const complete = ready && (!required || reason.trim() !== '');

  const confirm = async () => {
    if (!complete || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      await props.onConfirm(reason.trim());
      props.onClose();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal opened={opened} onClose={props.onClose} title={props.title} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
      >
        <Stack gap="sm">
          {props.description && (
            <Text component="div" size="sm">
              {props.description}
            </Text>
          )}
          {props.children}
          <Textarea
            label={props.reasonLabel ?? 'Reason'}
            description="Goes into the ledger."
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            required={required}
            autosize
            minRows={2}
            maxRows={8}
            maxLength={2000}
            data-autofocus
          />
          <ErrorAlert error={error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={props.onClose}>
              Cancel
            </Button>
            <Button type="submit" color={props.danger ? 'red' : undefined} loading={busy} disabled={!complete}>
              {props.confirmLabel}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
