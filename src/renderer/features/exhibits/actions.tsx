import { Alert, Button, Text } from '@mantine/core';
import { IconCopy, IconShieldCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { ExhibitSummary } from '../../../shared/domain';
import { useCase } from '../../case';
import { client } from '../../client';
import { Copyable } from '../../components/Copyable';
import { CopyOut } from '../../components/CopyOut';
import { ErrorAlert } from '../../components/ErrorAlert';
import { Time } from '../../components/Time';

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

/** Copies the file out of the case, with a reason; the copy's path and hash go into the ledger. */
export function SaveCopy({ exhibit }: { exhibit: ExhibitSummary }) {
  const { path } = useCase();
  return (
    <CopyOut
      action="Save a copy"
      icon={<IconCopy size={15} aria-hidden />}
      title={`Save a copy of ${exhibit.id}`}
      description="The file in the case stays as it is."
      confirmLabel="Save the copy"
      done={`Copy of ${exhibit.id} saved`}
      fileName={`${exhibit.id}-${exhibit.file}`}
      copy={(to, reason) => client.exhibits.saveCopy({ case: path, id: exhibit.id, to, reason })}
    />
  );
}
