import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconShieldX } from '@tabler/icons-react';
import type { HostSpec } from '../../../shared/domain';
import type { ErrorData } from '../../../shared/errors';
import { ErrorAlert } from '../../components/ErrorAlert';
import { VisibleText } from '../../components/VisibleText';

interface Props {
  opened: boolean;
  spec: HostSpec;
  error: ErrorData;
  onRetry: () => void;
  /** Opens the form with what was entered. */
  onEdit: () => void;
  onClose: () => void;
}

const WORDS: Record<string, string> = {
  algorithm: 'Algorithm',
  fingerprint: 'The key it shows now',
  expected: 'The key that is known',
  known: 'The key that is known',
  file: 'Known hosts file',
  line: 'Line',
  host: 'Host',
  port: 'Port',
  hop: 'Reached as',
};

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map(textOf).join(', ') : JSON.stringify(value);
}

/** Why there is no connection. A changed host key gets its own words: it is refused, and there is no button past it. */
export function RefusedDialog({ opened, spec, error, onRetry, onEdit, onClose }: Props) {
  const changed = error.code === 'HOST_KEY_CHANGED';
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={changed ? 'Refused: the host key has changed' : 'Not connected'}
      size="lg"
    >
      <Stack gap="sm">
        {changed ? (
          <>
            <Alert
              color="red"
              variant="filled"
              role="alert"
              icon={<IconShieldX size={20} aria-hidden />}
              title="Nothing was sent to this host"
            >
              <VisibleText text={error.message} />
            </Alert>
            <Text size="sm">
              <VisibleText text={spec.address} mono /> proved itself before with another key. Either it was installed
              anew or its key was renewed, or somebody stands between you and it and would read the password and alter
              the evidence.
            </Text>
            <dl className="l-pairs">
              {Object.entries(error.details ?? {}).map(([key, value]) => (
                <div key={key}>
                  <dt>{WORDS[key] ?? key}</dt>
                  <dd>
                    <VisibleText text={textOf(value)} mono />
                  </dd>
                </div>
              ))}
            </dl>
            <Text size="sm">
              {error.advice ? (
                <VisibleText text={error.advice} />
              ) : (
                'Ask the host’s administrator whether and when the key was renewed. Only then remove the old line from the known hosts file, and compare the new key when you connect again.'
              )}
            </Text>
          </>
        ) : (
          <ErrorAlert error={error} />
        )}
        <Group justify="flex-end" gap="xs">
          {!changed && (
            <>
              <Button variant="default" onClick={onEdit}>
                Change how
              </Button>
              <Button variant="default" onClick={onRetry}>
                Try again
              </Button>
            </>
          )}
          <Button onClick={onClose} data-autofocus>
            Close
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
