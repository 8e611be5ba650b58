import { Button, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useCaseState } from '../../case';
import { client } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { PathInput } from '../../components/PathInput';
import { joinPath } from './folders';
import type { Info } from './info';

/** The recorded case: real evidence to learn with, before there is a host. */
export function SampleForm({ info }: { info: Info | undefined }) {
  const { enter } = useCaseState();
  const [typed, setTyped] = useState<string>();
  const parent = typed ?? info?.home ?? '';
  const open = useMutation({
    mutationFn: (folder: string) =>
      client.cases.sample({ path: joinPath(folder, 'lading-sample'), examiner: info?.user || 'Examiner' }),
    onSuccess: enter,
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (parent.trim()) open.mutate(parent.trim());
      }}
    >
      <Stack gap="sm" mt="md">
        <Text size="sm">
          A web shop that talks to a stranger: the triage of a host with a staged compromise, recorded and sealed. You
          get a copy of your own to analyse, judge, annotate and report.
        </Text>
        <PathInput
          label="Inside the folder"
          description="The copy is made there, as lading-sample."
          required
          pick="folder"
          pickTitle="Choose a folder"
          start={info?.home}
          value={parent}
          onChange={setTyped}
          error={parent.trim() === '' ? 'Type or choose a folder.' : undefined}
        />
        <ErrorAlert error={open.error} title="The sample could not be opened" />
        <Button type="submit" size="sm" loading={open.isPending}>
          Open the sample case
        </Button>
      </Stack>
    </form>
  );
}
