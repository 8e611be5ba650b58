import { Button, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useCaseState } from '../../case';
import { client } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { PathInput } from '../../components/PathInput';
import type { Info } from './info';

/** A case by its folder. */
export function OpenCaseForm({ info }: { info: Info | undefined }) {
  const { enter } = useCaseState();
  const [path, setPath] = useState('');
  const [missing, setMissing] = useState(false);
  const open = useMutation({ mutationFn: (folder: string) => client.cases.open({ case: folder }), onSuccess: enter });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setMissing(path.trim() === '');
        if (path.trim()) open.mutate(path.trim());
      }}
    >
      <Stack gap="sm" mt="md">
        <PathInput
          label="Case folder"
          description="The folder with case.json and ledger.jsonl in it."
          required
          pick="case"
          pickTitle="Choose a case"
          start={info?.home}
          value={path}
          onChange={(value) => {
            setPath(value);
            setMissing(false);
          }}
          error={missing ? 'Type or choose the folder of a case.' : undefined}
        />
        <Text size="sm" c="dimmed">
          A case that another Lading is writing, or that lies on a disk that cannot be written, opens for reading only.
        </Text>
        <ErrorAlert error={open.error} title="The case could not be opened" />
        <Button type="submit" size="sm" loading={open.isPending}>
          Open the case
        </Button>
      </Stack>
    </form>
  );
}
