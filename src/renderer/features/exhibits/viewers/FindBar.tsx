import { ActionIcon, Text, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconSearch } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../../client';
import { showError } from '../../../errors';
import type { ViewerProps } from './viewer';

interface Props extends Pick<ViewerProps, 'path' | 'id' | 'find'> {
  /** Called with each hit's place in the exhibit. */
  onHit: (offset: number, length: number) => void;
}

const LIMIT = 10_000;

/** Searches the whole exhibit, not only what is loaded, and goes from hit to hit. */
export function FindBar({ path, id, find: search, onHit }: Props) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const find = useMutation({
    mutationFn: async (wanted: string) => ({
      wanted,
      ...(await (search?.(wanted, LIMIT) ??
        client.exhibits.find({ case: path, id, text: wanted, from: 0, limit: LIMIT }))),
    }),
    onSuccess: ({ hits, wanted }) => go(hits, 0, wanted),
    onError: (error) => showError(error, 'The exhibit could not be searched'),
  });
  const go = (hits: number[], index: number, wanted: string) => {
    const hit = hits[index];
    setAt(index);
    if (hit !== undefined) onHit(hit, new TextEncoder().encode(wanted).length);
  };
  const result = find.data;
  const hits = result?.wanted === text ? result.hits : [];
  const step = (by: number) => {
    if (hits.length > 0) go(hits, (at + by + hits.length) % hits.length, text);
    else if (text !== '' && !find.isPending && result?.wanted !== text) find.mutate(text);
  };
  const words = find.isPending
    ? 'Searching…'
    : result?.wanted !== text || text === ''
      ? ''
      : hits.length === 0
        ? 'Not found'
        : `${(at + 1).toLocaleString('en')} of ${hits.length.toLocaleString('en')}${result.more ? ' and more' : ''}`;
  return (
    <>
      <TextInput
        w={200}
        aria-label="Find in the exhibit"
        placeholder="Find, then Enter"
        title="Enter: next hit; Shift+Enter: previous"
        maxLength={1000}
        leftSection={<IconSearch size={13} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
        }}
      />
      <ActionIcon aria-label="Previous hit" disabled={hits.length === 0} onClick={() => step(-1)}>
        <IconChevronUp size={15} />
      </ActionIcon>
      <ActionIcon aria-label="Next hit" disabled={hits.length === 0} onClick={() => step(1)}>
        <IconChevronDown size={15} />
      </ActionIcon>
      <Text size="xs" aria-live="polite">
        {words}
      </Text>
    </>
  );
}
