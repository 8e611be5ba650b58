import { Button, FileButton, Group, Modal, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { OwnProfile, type Profile } from '../../../shared/domain';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import { client, orpc, queryClient } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { showDone } from '../../errors';
import { SaveDialog, ShareDialog } from './ProfileDialogs';

interface Props {
  /** The chosen profile. */
  profile: Profile | undefined;
  /** What a new profile would be made of. */
  collectors: string[];
  inputs: Record<string, unknown>;
  /** Why it cannot be saved as it is. */
  blocked?: string;
  onSaved: (profile: Profile) => void;
  onRemoved: () => void;
}

/** A profile lists names; what is larger is none. */
const FILE_LIMIT = 1 << 20;

const renew = () => queryClient.invalidateQueries({ queryKey: orpc.collect.profiles.key() });

/** Keeps what is chosen as a profile of the examiner's, gives one away as a file, takes one over, removes one. */
export function OwnProfiles({ profile, collectors, inputs, blocked, onSaved, onRemoved }: Props) {
  const [dialog, setDialog] = useState<'save' | 'share' | 'remove'>();
  const save = useMutation({
    mutationFn: (own: OwnProfile) => client.collect.saveProfile(own),
    onSuccess: async (saved) => {
      await renew();
      setDialog(undefined);
      showDone(`The profile "${visible(saved.title)}" is saved.`);
      onSaved(saved);
    },
  });
  const take = useMutation({
    mutationFn: async (file: File) => client.collect.saveProfile(await readProfile(file)),
    onSuccess: async (saved) => {
      await renew();
      showDone(`The profile "${visible(saved.title)}" is taken over.`);
      onSaved(saved);
    },
  });
  const remove = useMutation({
    mutationFn: (id: string) => client.collect.removeProfile({ id }),
    onSuccess: async () => {
      onRemoved();
      setDialog(undefined);
      await renew();
    },
  });
  const own = profile?.own ? profile : undefined;
  return (
    <>
      <Group gap={6} mt="sm">
        <Button
          variant="default"
          size="compact-sm"
          disabled={collectors.length === 0 || blocked !== undefined}
          title={blocked}
          onClick={() => {
            save.reset();
            setDialog('save');
          }}
        >
          Save as a profile
        </Button>
        <FileButton accept="application/json,.json" onChange={(file) => file && take.mutate(file)}>
          {(props) => (
            <Button {...props} variant="default" size="compact-sm" loading={take.isPending}>
              Take one over from a file
            </Button>
          )}
        </FileButton>
        {own && own.unusable === undefined && (
          <Button variant="default" size="compact-sm" onClick={() => setDialog('share')}>
            Share as a file
          </Button>
        )}
        {own && (
          <Button variant="default" size="compact-sm" onClick={() => setDialog('remove')}>
            Remove it
          </Button>
        )}
      </Group>
      <ErrorAlert error={take.error} title="It was not taken over" />
      <SaveDialog
        opened={dialog === 'save'}
        own={own}
        collectors={collectors}
        inputs={inputs}
        busy={save.isPending}
        error={save.error}
        onSave={(made) => save.mutate(made)}
        onClose={() => setDialog(undefined)}
      />
      <ShareDialog opened={dialog === 'share'} own={own} onClose={() => setDialog(undefined)} />
      <Modal opened={dialog === 'remove'} onClose={() => setDialog(undefined)} title="Remove the profile?">
        <Text size="sm">
          "{visible(own?.title ?? '')}" is deleted from this computer. Collections that were made with it keep their
          plan in the ledger.
        </Text>
        <ErrorAlert error={remove.error} />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={() => setDialog(undefined)}>
            Keep it
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => own && remove.mutate(own.id)}>
            Remove it
          </Button>
        </Group>
      </Modal>
    </>
  );
}

/** Reads a profile's file. Throws BAD_INPUT that says what is wrong with it. */
async function readProfile(file: File): Promise<OwnProfile> {
  const name = visible(file.name, { max: 80 });
  if (file.size > FILE_LIMIT) throw new LadingError('BAD_INPUT', `${name} is too large for a profile.`);
  let value: unknown;
  try {
    value = JSON.parse(await file.text());
  } catch (cause) {
    throw new LadingError('BAD_INPUT', `${name} is no profile: it is not JSON.`, { cause });
  }
  const parsed = OwnProfile.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = visible(`${issue?.path.join('.') || 'the whole'}: ${issue?.message}`, { max: 200 });
  throw new LadingError('BAD_INPUT', `${name} is no profile: ${where}.`);
}
