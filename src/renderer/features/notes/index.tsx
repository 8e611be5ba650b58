import { Group, Text, TextInput } from '@mantine/core';
import { IconNotebook, IconSearch } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import type { Note } from '../../../shared/domain';
import { useCase } from '../../case';
import { client, orpc } from '../../client';
import { EmptyState } from '../../components/EmptyState';
import { ErrorAlert } from '../../components/ErrorAlert';
import { PageHeader } from '../../components/PageHeader';
import { Panel } from '../../components/Panel';
import { showDone } from '../../errors';
import { useRoute } from '../../navigate';
import { Editor } from './Editor';
import { NoteCard } from './NoteCard';
import classes from './notes.module.css';

const NONE: Note[] = [];

/** Contemporaneous notes: saved as written, dated, never changed. */
export default function Screen() {
  const { path } = useCase();
  const route = useRoute();
  const queries = useQueryClient();
  const { data = NONE, error, isPending, refetch } = useQuery(orpc.notes.list.queryOptions({ input: { case: path } }));
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search).toLowerCase();
  const shown = useMemo(
    () =>
      data
        .filter((note) => wanted === '' || note.versions.some(({ text }) => text.toLowerCase().includes(wanted)))
        .reverse(),
    [data, wanted],
  );
  return (
    <div className={classes.screen}>
      <PageHeader
        title="Notes"
        subtitle="Write down what you do when you do it. A saved note never changes; a correction is a new version that shows the old."
      />
      <Panel title="New note">
        <div style={{ padding: 12 }}>
          <Editor
            draft="new"
            label="Note"
            initial=""
            saveLabel="Save the note"
            onSave={async (text) => {
              const note = await client.notes.add({ case: path, text });
              await queries.invalidateQueries({ queryKey: orpc.notes.list.key() });
              showDone(`${note.id} is saved.`);
            }}
          />
        </div>
      </Panel>
      <ErrorAlert error={error} title="The notes could not be read" onRetry={() => void refetch()} />
      {data.length > 0 && (
        <Group gap="sm">
          <TextInput
            w={240}
            aria-label="Search the notes"
            placeholder="Search the notes"
            leftSection={<IconSearch size={13} aria-hidden />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <Text size="xs" aria-live="polite">
            {wanted === '' ? `${data.length}` : `${shown.length} of ${data.length}`}{' '}
            {data.length === 1 ? 'note' : 'notes'}, newest first
          </Text>
        </Group>
      )}
      {data.length === 0 && !isPending && !error && (
        <EmptyState icon={IconNotebook} title="No notes yet">
          The first note usually says who asked for what, when you began, and what you found on arrival.
        </EmptyState>
      )}
      <ul className={classes.list} aria-label="Notes">
        {shown.map((note) => (
          <NoteCard key={note.id} note={note} target={route.id === note.id} />
        ))}
      </ul>
    </div>
  );
}
