import { Button, Group, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Note } from '../../../shared/domain';
import { useCase } from '../../case';
import { client, orpc } from '../../client';
import { Copyable } from '../../components/Copyable';
import { Time } from '../../components/Time';
import { VisibleText } from '../../components/VisibleText';
import { showDone } from '../../errors';
import { Editor } from './Editor';
import { NoteText } from './NoteText';
import classes from './notes.module.css';

/** A saved note. It never changes: a correction is a further version, and the old one stays to be seen. */
export function NoteCard({ note, target }: { note: Note; target: boolean }) {
  const { path, readOnly } = useCase();
  const queries = useQueryClient();
  const [correcting, setCorrecting] = useState(false);
  const [history, setHistory] = useState(false);
  const ref = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (target) ref.current?.scrollIntoView({ block: 'center' });
  }, [target]);
  const latest = note.versions.at(-1);
  const first = note.versions[0];
  if (!latest || !first) return null;
  const older = note.versions.slice(0, -1).reverse();
  return (
    <li ref={ref} className={classes.note} data-target={target} aria-label={`Note ${note.id}`}>
      <div className={classes.head}>
        <Title order={3} ff="monospace">
          {note.id}
        </Title>
        <Text size="sm" component="span">
          <Time at={first.time} />
        </Text>
        <Text size="sm" component="span">
          <VisibleText text={first.examiner} />
        </Text>
        {older.length > 0 && (
          <Text size="sm" component="span" c="var(--l-warn)">
            corrected <Time at={latest.time} /> by <VisibleText text={latest.examiner} />
          </Text>
        )}
        <Group gap={6}>
          {older.length > 0 && (
            <Button variant="subtle" size="compact-xs" aria-expanded={history} onClick={() => setHistory(!history)}>
              {history ? 'Hide' : 'Show'} {older.length} earlier {older.length === 1 ? 'version' : 'versions'}
            </Button>
          )}
          <Copyable value={latest.text} label="the note's text" text="copy" />
          {!correcting && (
            <Button
              variant="default"
              size="compact-xs"
              disabled={readOnly !== undefined}
              title={readOnly ?? 'Makes a new version; this one stays'}
              onClick={() => setCorrecting(true)}
            >
              Correct
            </Button>
          )}
        </Group>
      </div>
      {correcting ? (
        <Editor
          draft={note.id}
          label={`Correction of ${note.id}`}
          initial={latest.text}
          saveLabel="Save the correction"
          autoFocus
          onCancel={() => setCorrecting(false)}
          onSave={async (text) => {
            await client.notes.revise({ case: path, id: note.id, text });
            await queries.invalidateQueries({ queryKey: orpc.notes.list.key() });
            showDone(`Version ${latest.version + 1} of ${note.id} is saved.`);
            setCorrecting(false);
          }}
        />
      ) : (
        <NoteText text={latest.text} />
      )}
      {history &&
        older.map((version) => (
          <div key={version.version} className={classes.old}>
            <Text size="xs" c="dimmed" component="div" mb={4}>
              Version {version.version}, <Time at={version.time} />, <VisibleText text={version.examiner} />; replaced
              by version {version.version + 1}
            </Text>
            <NoteText text={version.text} />
          </div>
        ))}
    </li>
  );
}
