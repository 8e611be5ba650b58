import { Alert, Button, Text } from '@mantine/core';
import { IconCopy, IconShieldCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ExhibitSummary } from '../../../shared/domain';
import { useCase } from '../../case';
import { client } from '../../client';
import { ConfirmReason } from '../../components/ConfirmReason';
import { Copyable } from '../../components/Copyable';
import { ErrorAlert } from '../../components/ErrorAlert';
import { PathInput } from '../../components/PathInput';
import { Time } from '../../components/Time';
import { showDone } from '../../errors';

/** Hashes the file now and compares; the result is dated and, where the case may be written, in the ledger. */
export function useVerify(exhibit: ExhibitSummary) {
  const { path } = useCase();
  const verify = useMutation({ mutationFn: () => client.exhibits.verify({ case: path, id: exhibit.id }) });
  const button = (
    <Button
      variant="default"
      leftSection={<IconShieldCheck size={15} aria-hidden />}
      loading={verify.isPending}
      onClick={() => verify.mutate()}
    >
      Verify now
    </Button>
  );
  const result = (
    <>
      <ErrorAlert error={verify.error} />
      {verify.data?.ok === true && (
        <Alert color="teal" role="status" p="xs" withCloseButton closeButtonLabel="Close" onClose={verify.reset}>
          <Text size="sm" component="div">
            The file is as it was taken: its SHA-256 is the recorded one. Verified <Time at={verify.data.time} />.
          </Text>
        </Alert>
      )}
      {verify.data?.ok === false && (
        <Alert color="red" role="alert" title="The file is not as it was taken">
          <Text size="sm" component="div">
            Recorded <Copyable value={verify.data.expected} label="recorded SHA-256" />
            <br />
            Found <Copyable value={verify.data.found} label="found SHA-256" />
            <br />
            Verified <Time at={verify.data.time} />. Verify the whole case on the Custody screen.
          </Text>
        </Alert>
      )}
    </>
  );
  return { button, result };
}

/** A name beside the others that says which exhibit the copy is of. */
function copyName(folder: string, exhibit: ExhibitSummary): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
  return `${folder.replace(/[/\\]+$/, '')}${separator}${exhibit.id}-${exhibit.file}`;
}

/** Copies the file out of the case, with a reason; the copy's path and hash go into the ledger. */
export function SaveCopy({ exhibit }: { exhibit: ExhibitSummary }) {
  const { path, readOnly } = useCase();
  const [opened, setOpened] = useState(false);
  const [to, setTo] = useState('');
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconCopy size={15} aria-hidden />}
        disabled={readOnly !== undefined}
        title={readOnly}
        onClick={() => setOpened(true)}
      >
        Save a copy
      </Button>
      <ConfirmReason
        opened={opened}
        title={`Save a copy of ${exhibit.id}`}
        description="The file in the case stays as it is. Where the copy went, its hash and your reason go into the ledger."
        confirmLabel="Save the copy"
        reasonLabel="Why the copy is made"
        required
        ready={to.trim() !== ''}
        onConfirm={async (reason) => {
          const copy = await client.exhibits.saveCopy({ case: path, id: exhibit.id, to: to.trim(), reason });
          showDone(`${copy.path}\nSHA-256 ${copy.sha256}`, `Copy of ${exhibit.id} saved`);
        }}
        onClose={() => setOpened(false)}
      >
        <PathInput
          label="Save as"
          description="The whole path of the new file; an existing file is not replaced."
          required
          value={to}
          onChange={setTo}
          pick="folder"
          pickTitle="Choose the folder for the copy"
          fromPick={(folder) => copyName(folder, exhibit)}
        />
      </ConfirmReason>
    </>
  );
}
