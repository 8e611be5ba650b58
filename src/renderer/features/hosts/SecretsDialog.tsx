import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import type { HostSpec, Secrets } from '../../../shared/domain';
import type { ErrorData } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import { ErrorAlert } from '../../components/ErrorAlert';
import { VisibleText } from '../../components/VisibleText';
import { wantedOf } from './connect';

interface Props {
  opened: boolean;
  spec: HostSpec;
  error: ErrorData;
  onAnswer: (secrets: Secrets) => void;
  onClose: () => void;
}

interface Field {
  key: string;
  label: string;
  hidden: boolean;
}

const LABELS: Record<string, string> = {
  password: 'Password',
  passphrase: 'Passphrase of the SSH key',
  sudoPassword: 'Password for sudo',
};

function fieldsOf(error: ErrorData): Field[] {
  const { wants, prompts } = wantedOf(error);
  return wants.flatMap((want): Field[] => {
    if (want !== 'answers') return want in LABELS ? [{ key: want, label: LABELS[want] ?? want, hidden: true }] : [];
    const asked = prompts.length > 0 ? prompts : [{ prompt: 'Password:', echo: false }];
    return asked.map(({ prompt, echo }, index) => ({
      key: `answers ${index}`,
      label: `The host asks: ${visible(prompt, { max: 200 }).trim()}`,
      hidden: !echo,
    }));
  });
}

/** Asks what the host wants to know. Held for this connection, never stored, never logged. */
export function SecretsDialog({ opened, spec, error, onAnswer, onClose }: Props) {
  const fields = useMemo(() => fieldsOf(error), [error]);
  const [values, setValues] = useState<Record<string, string>>({});
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new question begins empty
  useEffect(() => setValues({}), [error, opened]);

  const submit = () => {
    const secrets: Secrets = {};
    const answers: string[] = [];
    for (const { key } of fields) {
      const value = values[key] ?? '';
      if (key.startsWith('answers')) answers.push(value);
      else if (key === 'password' || key === 'passphrase' || key === 'sudoPassword') secrets[key] = value;
    }
    if (answers.length > 0) secrets.answers = answers;
    onAnswer(secrets);
  };

  return (
    <Modal opened={opened} onClose={onClose} title="The host wants to know who you are">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack gap="sm">
          {error.code === 'AUTH_FAILED' ? (
            <ErrorAlert error={error} />
          ) : (
            <Text size="sm">
              <VisibleText text={error.message} />
            </Text>
          )}
          <Text size="sm" c="dimmed">
            For <VisibleText text={spec.address} mono />. Held for this connection only: not stored, not in the ledger.
          </Text>
          {fields.map(({ key, label, hidden }, index) => {
            const Input = hidden ? PasswordInput : TextInput;
            return (
              <Input
                key={key}
                label={label}
                value={values[key] ?? ''}
                onChange={(event) => {
                  const { value } = event.currentTarget;
                  setValues((before) => ({ ...before, [key]: value }));
                }}
                autoComplete="off"
                data-autofocus={index === 0 || undefined}
              />
            );
          })}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit">Connect</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
