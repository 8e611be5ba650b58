import { Button, Group, Select, Stack, Text, Textarea } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { useDeferredValue, useRef } from 'react';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { ErrorAlert } from '../../components/ErrorAlert';
import { NoteText } from './NoteText';
import classes from './notes.module.css';

interface Props {
  /** 'new', or the id of the note that is corrected: the draft is kept under it. */
  draft: string;
  label: string;
  initial: string;
  saveLabel: string;
  /** Rejects when the note was not saved; the draft is dropped only after it was. */
  onSave: (text: string) => Promise<unknown>;
  onCancel?: () => void;
  autoFocus?: boolean;
}

const MAX = 200_000;

/** Where a note is written: Markdown, seen beside as it will be read. Ctrl+Enter saves; until then the draft outlives a reload. */
export function Editor({ draft, label, initial, saveLabel, onSave, onCancel, autoFocus }: Props) {
  const { data, readOnly } = useCase();
  const areaRef = useRef<HTMLTextAreaElement>(null);
  const [text, setText, drop] = useLocalStorage({
    key: `lading.draft.${data.id}.${draft}`,
    defaultValue: initial,
    getInitialValueInEffect: false,
  });
  const shown = useDeferredValue(text);
  const save = useMutation({
    mutationFn: () => onSave(text),
    onSuccess: () => {
      drop();
      if (draft === 'new') areaRef.current?.focus();
    },
  });
  const changed = text.trim() !== '' && text !== initial;
  const allowed = changed && readOnly === undefined && !save.isPending && text.length <= MAX;
  const insert = (citation: string) => {
    const area = areaRef.current;
    const at = area?.selectionEnd ?? text.length;
    const before = text.slice(0, at);
    const blank = before === '' || /\s$/.test(before) ? '' : ' ';
    setText(`${before}${blank}${citation} ${text.slice(at)}`);
    area?.focus();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (allowed) save.mutate();
      }}
    >
      <Stack gap="xs">
        <div className={classes.editor}>
          <Textarea
            ref={areaRef}
            label={label}
            description="Markdown. @E0012 cites an exhibit, #F3 a finding."
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
              event.preventDefault();
              if (allowed) save.mutate();
            }}
            autosize
            minRows={5}
            maxRows={20}
            disabled={readOnly !== undefined}
            data-autofocus={autoFocus}
            autoFocus={autoFocus}
          />
          <div>
            <Text size="xs" fw={600} mb={2}>
              Preview
            </Text>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard (WCAG 2.1.1). */}
            <section className={classes.preview} tabIndex={0} aria-label="Preview of the note">
              {shown.trim() === '' ? (
                <Text size="sm" c="dimmed">
                  What you write is shown here as it will be read.
                </Text>
              ) : (
                <NoteText text={shown} />
              )}
            </section>
          </div>
        </div>
        <ErrorAlert error={save.error} title="The note was not saved" />
        <Group gap="xs">
          <Button type="submit" loading={save.isPending} disabled={!allowed} title={readOnly ?? 'Ctrl+Enter'}>
            {saveLabel}
          </Button>
          {onCancel && (
            <Button
              variant="default"
              onClick={() => {
                drop();
                onCancel();
              }}
            >
              Cancel
            </Button>
          )}
          <Select
            w={260}
            aria-label="Cite an exhibit"
            placeholder="Cite an exhibit…"
            searchable
            limit={100}
            value={null}
            disabled={readOnly !== undefined}
            data={data.exhibits.map((exhibit) => ({
              value: exhibit.id,
              label: `${exhibit.id} ${visible(exhibit.title, { max: 70 })}`,
            }))}
            onChange={(id) => id !== null && insert(`@${id}`)}
          />
          <Text size="xs" c="dimmed" aria-live="polite">
            {text.length > MAX
              ? `Too long: ${text.length.toLocaleString('en')} of ${MAX.toLocaleString('en')} characters.`
              : changed
                ? 'Draft, not saved yet: kept on this workstation only.'
                : ''}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}
