import { Button, Textarea } from '@mantine/core';
import { IconNote } from '@tabler/icons-react';
import { useState } from 'react';
import type { TimelineRow } from '../../../shared/contract/timeline';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { client } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { showDone } from '../../errors';

/** What a note says of a row by itself: its time, what it is, as code that nothing in it can end, and a citation of its place. */
function noteText({ time, desc, message, target, exhibit, locator, entry }: TimelineRow): string {
  const where = target.id === '' ? '' : `, ${target.kind} ${visible(target.name || target.id, { max: 80 })}`;
  const said = `${time}${where}\n${visible(desc, { max: 120 })}: ${visible(message, { max: 600 })}`;
  const longest = Math.max(2, ...[...said.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const place = exhibit === null ? `Ledger, entry ${entry ?? ''}` : `@${exhibit} ${locator ?? ''}`.trimEnd();
  return `${fence}\n${said}\n${fence}\n\n${place}`;
}

/** Keeps a row with what the examiner thinks of it, as a note that cites it. */
export function AddNote({ row }: { row: TimelineRow }) {
  const { path, readOnly } = useCase();
  const [thought, setThought] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  if (thought === undefined) {
    return (
      <Button
        variant="default"
        leftSection={<IconNote size={15} aria-hidden />}
        disabled={readOnly !== undefined}
        title={readOnly}
        onClick={() => setThought('')}
      >
        Note
      </Button>
    );
  }
  const save = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await client.notes.add({ case: path, text: [thought.trim(), noteText(row)].filter(Boolean).join('\n\n') });
      setThought(undefined);
      showDone('It is among the notes, with its place in the evidence.', 'Note saved');
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Textarea
        label="Note on this row"
        description="The row, its time and its place are added."
        value={thought}
        onChange={(event) => setThought(event.currentTarget.value)}
        autosize
        minRows={2}
        maxRows={8}
        data-autofocus
      />
      {error !== undefined && <ErrorAlert error={error} title="The note was not saved" />}
      <Button type="submit" mt={6} loading={busy}>
        Save the note
      </Button>{' '}
      <Button variant="default" mt={6} onClick={() => setThought(undefined)}>
        Cancel
      </Button>
    </form>
  );
}
