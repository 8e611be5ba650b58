import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { ErrorAlert } from './ErrorAlert';

interface Props {
  opened: boolean;
  title: string;
  description?: ReactNode;
  label?: string;
  submitLabel?: string;
  /** For a new passphrase: asked twice. */
  confirm?: boolean;
  /** The dialog closes when this settles, and shows what it throws. The passphrase is not kept. */
  onSubmit: (passphrase: string) => Promise<unknown>;
  onClose: () => void;
}

/** Asks for a passphrase, holds it only while the dialog is open. */
export function PassphrasePrompt({ opened, label = 'Passphrase', confirm, ...props }: Props) {
  const [first, setFirst] = useState('');
  const [second, setSecond] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    setFirst('');
    setSecond('');
    if (opened) setError(undefined);
  }, [opened]);
  const differ = confirm && second !== '' && first !== second;
  const complete = first !== '' && (!confirm || first === second);

  const submit = async () => {
    if (!complete || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      await props.onSubmit(first);
      props.onClose();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal opened={opened} onClose={props.onClose} title={props.title} size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Stack gap="sm">
          {props.description && (
            <Text component="div" size="sm">
              {props.description}
            </Text>
          )}
          <PasswordInput
            label={label}
            value={first}
            onChange={(event) => setFirst(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
          {confirm && (
            <PasswordInput
              label={`${label} again`}
              value={second}
              onChange={(event) => setSecond(event.currentTarget.value)}
              error={differ ? 'The two are not the same.' : undefined}
              autoComplete="off"
            />
          )}
          <ErrorAlert error={error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={props.onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy} disabled={!complete}>
              {props.submitLabel ?? 'Continue'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
