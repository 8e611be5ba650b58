import { Alert, Button, Stack, Table, Text } from '@mantine/core';
import { IconLockCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { KeyState } from '../../../shared/domain';
import { useCase } from '../../case';
import { client, orpc } from '../../client';
import { Copyable } from '../../components/Copyable';
import { EmptyState } from '../../components/EmptyState';
import { Panel } from '../../components/Panel';
import { PassphrasePrompt } from '../../components/PassphrasePrompt';
import { Time } from '../../components/Time';
import { VisibleText } from '../../components/VisibleText';
import { showDone, showError, toErrorData } from '../../errors';

/** Seals the case as it stands; asks for the key's passphrase when it is needed. */
export function useSeal() {
  const { path, data, head, readOnly } = useCase();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const { data: key } = useQuery(orpc.custody.key.queryOptions());
  const finish = async (passphrase?: string) => {
    const seal = await client.custody.seal({ case: path, passphrase });
    await queries.invalidateQueries({ queryKey: orpc.custody.key.key() });
    showDone(`Entry ${seal.seq} and all before it are signed.`, 'The case is sealed');
  };
  const seal = useMutation({
    mutationFn: () => finish(),
    onError: (error) => {
      // The passphrase is asked for only when the key wants one: a keychain may hold it.
      if (toErrorData(error).code === 'KEY_LOCKED') setAsking(true);
      else showError(error, 'The case could not be sealed');
    },
  });
  const first = key?.state === 'none';
  const unsealed = head.seq - (data.seals.at(-1)?.seq ?? -1);
  const button = (
    <Button
      leftSection={<IconLockCheck size={15} aria-hidden />}
      loading={seal.isPending}
      disabled={readOnly !== undefined}
      title={readOnly ?? `${unsealed} entries since the last seal`}
      onClick={() => seal.mutate()}
    >
      Seal the case
    </Button>
  );
  const prompt = (
    <PassphrasePrompt
      opened={asking}
      title={first ? 'Make your signing key' : 'Unlock your signing key'}
      confirm={first}
      submitLabel={first ? 'Make the key and seal' : 'Seal'}
      description={
        first ? (
          <>
            This workstation has no signing key yet. One is made now (Ed25519), and this passphrase protects it. It
            cannot be recovered: keep it safe. Give the key's fingerprint to those who will check your seals, by another
            way than the case itself.
          </>
        ) : (
          <>The key that signs your seals is protected by a passphrase. It is not stored and not in the ledger.</>
        )
      }
      onSubmit={finish}
      onClose={() => setAsking(false)}
    />
  );
  return { button, prompt, key };
}

/** The seals of this case with the keys that made them. */
export function SealsPanel({ signingKey }: { signingKey: KeyState | undefined }) {
  const { data } = useCase();
  const owner = (fingerprint: string) => data.keys.find((key) => key.fingerprint === fingerprint)?.examiner;
  return (
    <Stack gap="md">
      {data.seals.length === 0 ? (
        <EmptyState icon={IconLockCheck} title="Not sealed yet">
          A seal signs the ledger as it stands and writes the manifests, so that anybody can check the whole folder with
          sha256sum and openssl. Seal when a piece of work is done, and before the case is handed over.
        </EmptyState>
      ) : (
        <Panel title="Seals">
          <Table aria-label="Seals">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Up to entry</Table.Th>
                <Table.Th>Time</Table.Th>
                <Table.Th>Head</Table.Th>
                <Table.Th>Key</Table.Th>
                <Table.Th>Examiner</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {[...data.seals].reverse().map((seal) => (
                <Table.Tr key={seal.seq}>
                  <Table.Td>{seal.seq}</Table.Td>
                  <Table.Td>
                    <Time at={seal.time} />
                  </Table.Td>
                  <Table.Td>
                    <Copyable value={seal.head} label="sealed head" short={16} />
                  </Table.Td>
                  <Table.Td>
                    <Copyable value={seal.fingerprint} label="key fingerprint" short={16} />
                  </Table.Td>
                  <Table.Td>
                    <VisibleText text={owner(seal.fingerprint) ?? 'not introduced in this ledger'} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Panel>
      )}
      {data.handovers.length > 0 && (
        <Panel title="Hand-overs">
          <Table aria-label="Hand-overs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Time</Table.Th>
                <Table.Th>Released by</Table.Th>
                <Table.Th>Received by</Table.Th>
                <Table.Th>Reason</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {[...data.handovers].reverse().map((handover) => (
                <Table.Tr key={handover.seq}>
                  <Table.Td>
                    <Time at={handover.time} />
                  </Table.Td>
                  <Table.Td>
                    <VisibleText text={handover.from} />
                  </Table.Td>
                  <Table.Td>
                    <VisibleText text={handover.to} />
                  </Table.Td>
                  <Table.Td>
                    <VisibleText text={handover.reason} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Panel>
      )}
      {signingKey && (
        <Alert color="gray" title="Your signing key on this workstation">
          <Text size="sm" component="div">
            {signingKey.state === 'none'
              ? 'There is none yet; the first seal makes it.'
              : signingKey.state === 'locked'
                ? 'It is protected by a passphrase, which is asked for when you seal.'
                : 'It is ready.'}{' '}
            {signingKey.state !== 'none' &&
              signingKey.where === 'keychain' &&
              "Its passphrase is kept in the system's keychain."}
          </Text>
          {signingKey.fingerprint !== undefined && (
            <Text size="sm" component="div">
              Fingerprint, to give to those who check:{' '}
              <Copyable value={signingKey.fingerprint} label="key fingerprint" />
            </Text>
          )}
          <Text size="sm" component="div">
            File: <Copyable value={signingKey.path} label="path of the key" />
          </Text>
        </Alert>
      )}
    </Stack>
  );
}
