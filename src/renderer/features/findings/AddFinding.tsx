import {
  ActionIcon,
  Button,
  Group,
  Modal,
  Select,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Confidence, FindingInput, Locator, SEVERITIES, Severity, type TargetRef } from '../../../shared/domain';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { client, orpc } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { navigate, routeTo } from '../../navigate';

interface Values {
  title: string;
  severity: string;
  confidence: string;
  techniques: string[];
  target: string;
  claim: string;
  benign: string;
  cites: { exhibit: string; locator: string }[];
}

interface Props {
  opened: boolean;
  onClose: () => void;
  /** What to cite at first. */
  cite?: { exhibit: string; locator: string };
}

const keyOf = (target: TargetRef) => `${target.kind} ${target.id}`;
const words = (value: string) => ({ value, label: value });

/** A finding of the examiner's own: a claim that cites exhibits. It goes into the ledger and the report. */
export function AddFinding({ opened, onClose, cite }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add a finding" size="xl">
      <AddForm onClose={onClose} cite={cite} />
    </Modal>
  );
}

function AddForm({ onClose, cite }: Omit<Props, 'opened'>) {
  const { path, data } = useCase();
  const queries = useQueryClient();
  const targets = useMemo(() => new Map(data.exhibits.map(({ target }) => [keyOf(target), target])), [data.exhibits]);
  const cited = data.exhibits.find((exhibit) => exhibit.id === cite?.exhibit);
  const form = useForm<Values>({
    initialValues: {
      title: '',
      severity: 'medium',
      confidence: 'likely',
      techniques: [],
      target: cited ? keyOf(cited.target) : '',
      claim: '',
      benign: '',
      cites: [cite ?? { exhibit: '', locator: 'whole' }],
    },
    validate: {
      title: (value) => (value.trim() === '' ? 'Name it in a few words.' : null),
      claim: (value) => (value.trim() === '' ? 'Say what the evidence shows.' : null),
      target: (value) => (targets.has(value) ? null : 'Choose what it is about.'),
      techniques: (list) =>
        list.every((technique) => /^T\d{4}(\.\d{3})?$/.test(technique))
          ? null
          : 'Technique ids look like T1611 or T1552.001.',
      cites: {
        exhibit: (value) => (value === '' ? 'Choose an exhibit.' : null),
        locator: (value) =>
          Locator.safeParse(value).success
            ? null
            : 'A place is whole, line:3, bytes:0+16 or json:/HostConfig/Privileged.',
      },
    },
  });
  const add = useMutation({
    mutationFn: (finding: FindingInput) => client.findings.add({ case: path, finding }),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: orpc.findings.list.key() });
      onClose();
      navigate(routeTo('findings', made.id));
    },
  });
  const submit = form.onSubmit((values) => {
    const target = targets.get(values.target);
    if (!target) return;
    add.mutate(
      FindingInput.parse({
        ...values,
        target,
        title: values.title.trim(),
        claim: values.claim.trim(),
        benign: values.benign.trim(),
        severity: Severity.parse(values.severity),
        confidence: Confidence.parse(values.confidence),
      }),
    );
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <TextInput label="Title" required data-autofocus maxLength={300} {...form.getInputProps('title')} />
        <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
          <Select
            label="Severity"
            data={SEVERITIES.map(words)}
            allowDeselect={false}
            {...form.getInputProps('severity')}
          />
          <Select
            label="Confidence"
            data={Confidence.options.map(words)}
            allowDeselect={false}
            {...form.getInputProps('confidence')}
          />
          <TagsInput size="xs" label="ATT&CK techniques" placeholder="T1611" {...form.getInputProps('techniques')} />
        </SimpleGrid>
        <Select
          label="Target"
          required
          searchable
          data={[...targets].map(([value, target]) => ({
            value,
            label: `${target.kind} ${visible(target.name || target.id, { max: 80 })}`,
          }))}
          nothingFoundMessage="No such target in the exhibits."
          {...form.getInputProps('target')}
        />
        <Textarea
          label="Claim"
          description="The fact: the artefact and its condition. Opinions belong in the report."
          required
          autosize
          minRows={3}
          maxRows={10}
          {...form.getInputProps('claim')}
        />
        <Textarea
          label="The innocent explanation to rule out"
          autosize
          minRows={2}
          maxRows={8}
          {...form.getInputProps('benign')}
        />
        <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
          <Text component="legend" size="xs" fw={600} mb={2}>
            Citations
          </Text>
          <Stack gap="xs">
            {form.values.cites.map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the rows are kept by the form under their index.
              <Group key={index} gap="xs" align="flex-start" wrap="nowrap">
                <Select
                  aria-label={`Exhibit of citation ${index + 1}`}
                  placeholder="Exhibit"
                  searchable
                  limit={200}
                  style={{ flex: 1 }}
                  data={data.exhibits.map((exhibit) => ({
                    value: exhibit.id,
                    label: `${exhibit.id} ${visible(exhibit.title, { max: 80 })}`,
                  }))}
                  {...form.getInputProps(`cites.${index}.exhibit`)}
                />
                <TextInput
                  aria-label={`Place of citation ${index + 1}`}
                  style={{ flex: 1 }}
                  styles={{ input: { fontFamily: 'var(--l-mono)' } }}
                  {...form.getInputProps(`cites.${index}.locator`)}
                />
                <ActionIcon
                  aria-label={`Remove citation ${index + 1}${row.exhibit ? ` of ${row.exhibit}` : ''}`}
                  mt={2}
                  onClick={() => form.removeListItem('cites', index)}
                >
                  <IconTrash size={15} />
                </ActionIcon>
              </Group>
            ))}
            <Group>
              <Button
                variant="default"
                leftSection={<IconPlus size={14} aria-hidden />}
                onClick={() => form.insertListItem('cites', { exhibit: '', locator: 'whole' })}
              >
                Another citation
              </Button>
              <Text size="xs" c="dimmed">
                Places are copied from an exhibit's viewer: whole, line:3, bytes:0+16, json:/State/Pid.
              </Text>
            </Group>
          </Stack>
        </fieldset>
        <ErrorAlert error={add.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={add.isPending}>
            Add the finding
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
