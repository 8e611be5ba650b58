import { Button, Group, Modal, NativeSelect, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ImportKind } from '../../../shared/contract/import';
import { useCase } from '../../case';
import { client, orpc } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { useRunningTask, useTask } from '../../tasks';
import { ImportProgress } from './ImportProgress';
import { Looks } from './Looks';
import { PathList } from './PathList';

interface Props {
  opened: boolean;
  onClose: () => void;
}

/** Brings in evidence that somebody else took: chosen, looked at, then stored as exhibits while progress is shown. */
export function ImportDialog({ opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Import evidence" size="xl">
      <ImportForm onClose={onClose} />
    </Modal>
  );
}

function ImportForm({ onClose }: Pick<Props, 'onClose'>) {
  const { path, readOnly } = useCase();
  const running = useRunningTask('import', path);
  const [started, setStarted] = useState<string>();
  const task = useTask(started ?? running?.id);
  const [paths, setPaths] = useState<string[]>([]);
  const [kind, setKind] = useState<ImportKind>();
  const [from, setFrom] = useState('');
  const [note, setNote] = useState('');
  const kinds = useQuery(orpc.import.kinds.queryOptions());
  const looks = useQuery(
    orpc.import.look.queryOptions({
      input: { case: path, paths, kind },
      enabled: paths.length > 0 && !task,
      staleTime: 0,
      placeholderData: (before) => before,
    }),
  );
  const start = useMutation({
    mutationFn: () =>
      client.import.start({ case: path, paths, kind, from: from.trim() || undefined, note: note.trim() || undefined }),
    onSuccess: (answer) => setStarted(answer.task),
  });

  if (task) {
    const again = () => {
      setStarted(undefined);
      setPaths([]);
      start.reset();
    };
    return <ImportProgress task={task} kinds={kinds.data ?? []} onAgain={again} onClose={onClose} />;
  }
  const shown = (looks.data ?? []).filter((look) => paths.includes(look.path));
  const usable = shown.some((look) => look.problem === undefined);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (usable && !looks.isFetching) start.mutate();
      }}
    >
      <Stack gap="sm">
        <Text size="sm">
          Saved images, exports, docker inspect, a copied data root, checkpoints, packets, memory, UAC; any other file
          is stored as it is. What is imported is only read.
        </Text>
        <PathList paths={paths} onChange={setPaths} />
        <ErrorAlert error={looks.error ?? kinds.error} />
        {paths.length > 0 && <Looks looks={shown} busy={looks.isFetching} kinds={kinds.data ?? []} />}
        <NativeSelect
          label="What it is"
          description="Its content tells, but for a raw memory image. What you say here goes before it, and both are recorded."
          value={kind ?? ''}
          onChange={(event) => setKind(kinds.data?.find((one) => one.kind === event.currentTarget.value)?.kind)}
          data={[
            { value: '', label: 'As its content says' },
            ...(kinds.data ?? []).map((one) => ({ value: one.kind, label: one.title })),
          ]}
        />
        <Textarea
          label="Where it comes from"
          description="Who took it or gave it, when and how. It goes into each exhibit's record and the report."
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
          maxLength={2000}
          autosize
          minRows={2}
        />
        <Textarea
          label="Note"
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          maxLength={2000}
          autosize
          minRows={1}
        />
        <ErrorAlert error={start.error} title="The import did not begin" />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            disabled={!usable || looks.isFetching || readOnly !== undefined}
            title={readOnly}
            loading={start.isPending}
          >
            Import
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
