import { Alert, Button, Checkbox, Code, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { HostSpec } from '../../../shared/domain';
import type { ErrorData } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import { Copyable } from '../../components/Copyable';
import { ErrorAlert } from '../../components/ErrorAlert';
import { VisibleText } from '../../components/VisibleText';
import { KeyDetails } from './connect';

interface Props {
  opened: boolean;
  spec: HostSpec;
  error: ErrorData;
  onTrust: (fingerprint: string) => void;
  onClose: () => void;
}

/** The fingerprint's own characters, whatever was copied around them. */
function bare(text: string): string {
  return text
    .trim()
    .replace(/^.*SHA256:/s, '')
    .replace(/=+\s.*$|\s.*$/s, '')
    .replace(/=+$/, '');
}

/** First contact: the examiner compares the key with one that came another way, and says so. Nothing has been sent yet. */
export function HostKeyDialog({ opened, spec, error, onTrust, onClose }: Props) {
  const [typed, setTyped] = useState('');
  const [compared, setCompared] = useState(false);
  const details = KeyDetails.safeParse(error.details);
  const fingerprint = details.success ? details.data.fingerprint : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another key must be compared anew
  useEffect(() => {
    setTyped('');
    setCompared(false);
  }, [fingerprint, opened]);
  if (!details.success || fingerprint === undefined) {
    return (
      <Modal opened={opened} onClose={onClose} title="Host key">
        <ErrorAlert error={error} />
      </Modal>
    );
  }
  const same = typed !== '' && bare(typed) === bare(fingerprint);
  const differs = bare(typed).length >= 43 && !same;
  const kind = details.data.algorithm.replace(/^ssh-|^ecdsa-sha2-.*/, (part) =>
    part.startsWith('ecdsa') ? 'ecdsa' : '',
  );

  return (
    <Modal opened={opened} onClose={onClose} title="Is this the right host?" size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (same || compared) onTrust(fingerprint);
        }}
      >
        <Stack gap="sm">
          <Text size="sm">
            <VisibleText text={details.data.hop ?? spec.address} mono /> is not in the known hosts. It shows this key;
            nothing has been sent to it yet.
          </Text>
          <dl className="l-pairs">
            <dt>Algorithm</dt>
            <dd>
              <VisibleText text={details.data.algorithm} mono />
            </dd>
            <dt>Fingerprint</dt>
            <dd>
              <Copyable value={fingerprint} label="fingerprint" />
            </dd>
          </dl>
          <Text size="sm">
            Compare it with a fingerprint that came to you another way: from the host’s console, its administrator, its
            cloud console. On the host it is shown by{' '}
            <Code>{`ssh-keygen -lf /etc/ssh/ssh_host_${visible(kind, { max: 20 }) || 'ed25519'}_key.pub`}</Code>
          </Text>
          <TextInput
            label="The fingerprint from there"
            placeholder="SHA256:…"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            spellCheck={false}
            autoComplete="off"
            styles={{ input: { fontFamily: 'var(--l-mono)' } }}
            description={same ? 'It is the same.' : undefined}
            error={differs ? 'This is not the key that the host shows.' : undefined}
            data-autofocus
          />
          <Checkbox
            label="I have no text to paste; I have compared every character by eye with one from another source"
            checked={compared}
            onChange={(event) => setCompared(event.currentTarget.checked)}
          />
          {differs && (
            <Alert color="red" role="alert" title="The fingerprints differ">
              Do not connect before you know why: this may be another machine, or somebody between you and the host.
            </Alert>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Do not connect
            </Button>
            <Button type="submit" disabled={differs || !(same || compared)}>
              Trust this key and connect
            </Button>
          </Group>
          <Text size="xs" c="dimmed">
            The ledger records the key and that you trusted it.
          </Text>
        </Stack>
      </form>
    </Modal>
  );
}
