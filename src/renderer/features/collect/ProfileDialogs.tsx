import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { OwnProfile, type Profile } from '../../../shared/domain';
import { client } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { PathInput } from '../../components/PathInput';
import { showDone } from '../../errors';

interface SaveProps {
  opened: boolean;
  own: Profile | undefined;
  collectors: string[];
  inputs: Record<string, unknown>;
  busy: boolean;
  error: unknown;
  onSave: (profile: OwnProfile) => void;
  onClose: () => void;
}

/** Asks for a profile's name, title and description. */
export function SaveDialog({ opened, own, collectors, inputs, busy, error, onSave, onClose }: SaveProps) {
  const [text, setText] = useState({ id: '', title: '', description: '' });
  const [tried, setTried] = useState(false);
  useEffect(() => {
    if (!opened) return;
    setTried(false);
    setText({ id: own?.id ?? '', title: own?.title ?? '', description: own?.description ?? '' });
  }, [opened, own]);
  const made = OwnProfile.safeParse({
    ...text,
    collectors,
    inputs: Object.keys(inputs).length > 0 ? inputs : undefined,
  });
  const wrong = (name: 'id' | 'title' | 'description') => {
    if (!tried || made.success || !made.error.issues.some(({ path }) => path[0] === name)) return undefined;
    if (name === 'id') return 'Letters, digits, single blanks, dots and dashes; at most 62.';
    return name === 'title' ? 'A title of at most 100 characters.' : 'At most 1,000 characters.';
  };
  const field = (name: 'id' | 'title' | 'description') => ({
    value: text[name],
    error: wrong(name),
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setText((before) => ({ ...before, [name]: value }));
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title="Save as a profile">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (made.success) onSave(made.data);
        }}
      >
        <Stack gap="sm">
          <TextInput
            label="Name"
            description="For --profile, and the name of its file. One of yours with this name is replaced."
            required
            data-autofocus
            {...field('id')}
          />
          <TextInput label="Title" required {...field('title')} />
          <Textarea
            label="Description"
            description="When it is to be used."
            autosize
            minRows={2}
            {...field('description')}
          />
          <Text size="sm">
            {collectors.length} collectors
            {Object.keys(inputs).length > 0 && `, and what ${Object.keys(inputs).length} of them are told`}.
          </Text>
          <ErrorAlert error={error} title="It was not saved" />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Writes the profile to a file for a colleague, as `lading profiles show` prints it. */
export function ShareDialog({
  opened,
  own,
  onClose,
}: {
  opened: boolean;
  own: Profile | undefined;
  onClose: () => void;
}) {
  const [to, setTo] = useState('');
  const share = useMutation({
    mutationFn: (id: string) => client.collect.shareProfile({ id, to: to.trim() }),
    onSuccess: ({ path }) => {
      showDone(path, 'The profile is written');
      onClose();
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title="Share as a file">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (own && to.trim() !== '') share.mutate(own.id);
        }}
      >
        <Stack gap="sm">
          <PathInput
            label="Save as"
            description="The whole path of the new file; an existing file is not replaced."
            required
            value={to}
            onChange={setTo}
            pick="folder"
            pickTitle="Choose the folder for the profile"
            fromPick={(folder) => profilePath(folder, own?.id ?? 'profile')}
          />
          <ErrorAlert error={share.error} title="It was not written" />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={share.isPending} disabled={to.trim() === ''}>
              Write the file
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function profilePath(folder: string, id: string): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
  return `${folder.replace(/[/\\]+$/, '')}${separator}${id}.json`;
}
