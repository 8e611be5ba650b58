import { Button, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useCaseState } from '../../case';
import { client, orpc } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { PathInput } from '../../components/PathInput';
import { caseFolderName, joinPath } from './folders';
import type { Info } from './info';

/** Number, title, examiner, and where the case folder shall be. */
export function NewCaseForm({ info }: { info: Info | undefined }) {
  const { enter } = useCaseState();
  const { data: settings } = useQuery(orpc.app.settings.get.queryOptions());
  const form = useForm({
    initialValues: { number: '', title: '', examiner: '', agency: '', parent: '', folder: '' },
    validateInputOnBlur: true,
    validate: {
      folder: (value, values) =>
        value.trim() || caseFolderName(values.number) || !values.number.trim()
          ? null
          : 'The number gives no folder name: type one.',
      number: (value) => (value.trim() ? null : 'A case has a number: your own, or the agency’s.'),
      title: (value) => (value.trim() ? null : 'Say in a few words what the case is about.'),
      examiner: (value) => (value.trim() ? null : 'Your name: it is in each ledger entry.'),
      parent: (value) => (value.trim() ? null : 'Choose where the case folder shall be made.'),
    },
  });
  const { setValues } = form;
  useEffect(() => {
    setValues((held) => ({
      examiner: held.examiner || settings?.examiner || '',
      agency: held.agency || settings?.agency || '',
      parent: held.parent || info?.home || '',
    }));
  }, [settings, info, setValues]);

  const create = useMutation({
    mutationFn: (values: typeof form.values) =>
      client.cases.create({
        path: joinPath(values.parent.trim(), values.folder.trim() || caseFolderName(values.number)),
        number: values.number.trim(),
        title: values.title.trim(),
        examiner: values.examiner.trim(),
        agency: values.agency.trim() || undefined,
      }),
    onSuccess: enter,
  });

  return (
    <form onSubmit={form.onSubmit((values) => create.mutate(values))} noValidate>
      <Stack gap="sm" mt="md">
        <TextInput label="Case number" required maxLength={200} autoComplete="off" {...form.getInputProps('number')} />
        <TextInput label="Title" required maxLength={1000} autoComplete="off" {...form.getInputProps('title')} />
        <TextInput label="Examiner" required maxLength={200} {...form.getInputProps('examiner')} />
        <TextInput label="Agency" maxLength={500} {...form.getInputProps('agency')} />
        <PathInput
          label="Inside the folder"
          description="On a disk with room for the evidence."
          required
          pick="folder"
          pickTitle="Choose a folder"
          start={info?.home}
          {...form.getInputProps('parent')}
          value={form.values.parent}
          onChange={(path) => form.setFieldValue('parent', path)}
        />
        <TextInput
          label="Name of the case folder"
          placeholder={caseFolderName(form.values.number) || 'made from the number'}
          spellCheck={false}
          autoComplete="off"
          {...form.getInputProps('folder')}
        />
        <ErrorAlert error={create.error} title="The case was not made" />
        <Button type="submit" size="sm" loading={create.isPending}>
          Create the case
        </Button>
      </Stack>
    </form>
  );
}
