import { Group, Text, Textarea } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import type { ReportSection } from '../../../shared/contract/report';
import { useCase } from '../../case';
import { client } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { showError } from '../../errors';
import classes from './report.module.css';

/**
 * A part that only the examiner can write. Saved when the field is left (each save is a ledger entry) or with Ctrl+S; until
 * then the draft outlives a reload.
 */
export function WrittenPart({ section }: { section: ReportSection }) {
  const { path, data, readOnly } = useCase();
  const saved = data.reportTexts[section.id] ?? '';
  const [draft, setDraft, drop] = useLocalStorage<string | null>({
    key: `lading.draft.${data.id}.report.${section.id}`,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const text = draft ?? saved;
  const changed = text !== saved;
  const save = useMutation({
    mutationFn: (value: string) => client.report.setTexts({ case: path, texts: { [section.id]: value } }),
  });
  const { mutate, isPending } = save;
  const flush = useCallback(() => {
    if (changed && !isPending && readOnly === undefined) mutate(text);
  }, [changed, isPending, readOnly, mutate, text]);
  // What was saved is the draft no longer.
  useEffect(() => {
    if (draft !== null && draft === saved) drop();
  }, [draft, saved, drop]);
  // Leaving the screen by a key leaves no field, so the last words are saved here.
  const last = useRef({ changed, text, readOnly });
  last.current = { changed: changed && !isPending, text, readOnly };
  useEffect(
    () => () => {
      const { changed: open, text: words, readOnly: locked } = last.current;
      if (!open || locked !== undefined) return;
      client.report
        .setTexts({ case: path, texts: { [section.id]: words } })
        .catch((error: unknown) => showError(error, `“${section.title}” was not saved; the draft is kept here`));
    },
    [path, section],
  );
  return (
    <div className={classes.part}>
      <Textarea
        label={section.title}
        description={section.guidance}
        value={text}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={flush}
        onKeyDown={(event) => {
          if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          flush();
        }}
        disabled={readOnly !== undefined}
        autosize
        minRows={3}
        maxRows={18}
      />
      <ErrorAlert error={save.error} title="Not saved" />
      <Group gap="xs" mt={2} aria-live="polite">
        <Text size="xs" className={changed ? classes.unsaved : classes.saved}>
          {save.isPending ? 'Saving…' : changed ? 'Not saved yet' : saved === '' ? '' : 'Saved'}
        </Text>
      </Group>
    </div>
  );
}
