import { Badge, Button, CloseButton, Group, Radio, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CollectorInfo, Profile } from '../../../shared/domain';
import { orpc } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { Panel } from '../../components/Panel';
import { VisibleText } from '../../components/VisibleText';
import { CollectorsDialog } from './CollectorsDialog';
import classes from './collect.module.css';
import { chosenOf, type Draft, toldOf } from './draft';
import { Inputs } from './Inputs';
import { OwnProfiles } from './OwnProfiles';

interface Props {
  draft: Draft;
  profile: Profile | undefined;
  catalogue: readonly CollectorInfo[];
  onChange: (change: Partial<Draft>) => void;
}

/** Which profile or which collectors, what is left out of it, and what they are told. */
export function What({ draft, profile, catalogue, onChange }: Props) {
  const profiles = useQuery(orpc.collect.profiles.queryOptions());
  const [choosing, setChoosing] = useState(false);
  const chosen = chosenOf(draft, profile);
  const told = toldOf(draft, profile, catalogue);
  const titleOf = (id: string) => catalogue.find((one) => one.id === id)?.title ?? id;
  const leftOut = draft.own ? [] : draft.leftOut.filter((id) => profile?.collectors.includes(id));
  // What a profile says of its collectors belongs to it alone.
  const take = (id: string) => onChange({ own: undefined, profile: id, leftOut: [], entered: {} });

  return (
    <Panel title="2. What">
      <div className={classes.body}>
        <ErrorAlert error={profiles.error} />
        {profiles.isPending && <Skeleton height={120} />}
        {profiles.data && (
          <Radio.Group
            aria-label="Profile"
            value={draft.own ? 'own choice' : `profile ${draft.profile}`}
            onChange={(value) => {
              if (value !== 'own choice') take(value.slice('profile '.length));
              else {
                onChange({ own: draft.own ?? chosen });
                setChoosing(true);
              }
            }}
          >
            <Stack gap={8}>
              {profiles.data.map((one) => (
                <ProfileRadio key={`${one.own} ${one.id}`} profile={one} />
              ))}
              <Radio
                value="own choice"
                label="Own choice"
                description={draft.own ? `${draft.own.length} collectors chosen.` : 'Collectors one by one.'}
              />
            </Stack>
          </Radio.Group>
        )}
        {draft.own && (
          <Button variant="default" mt="xs" onClick={() => setChoosing(true)}>
            Choose collectors
          </Button>
        )}
        {leftOut.length > 0 && (
          <section aria-label="Left out" className={classes.leftOut}>
            <Text size="sm" fw={600}>
              Left out of it
            </Text>
            {leftOut.map((id) => (
              <Group key={id} gap={4} justify="space-between" wrap="nowrap">
                <Text size="sm">{titleOf(id)}</Text>
                <CloseButton
                  size="sm"
                  aria-label={`Take ${titleOf(id)} after all`}
                  onClick={() => onChange({ leftOut: draft.leftOut.filter((one) => one !== id) })}
                />
              </Group>
            ))}
          </section>
        )}
        <Inputs draft={draft} profile={profile} catalogue={catalogue} onChange={onChange} />
        <OwnProfiles
          profile={draft.own ? undefined : profile}
          collectors={chosen}
          inputs={draft.own ? told.inputs : { ...kept(profile, chosen), ...told.inputs }}
          blocked={told.wrong.length > 0 ? `What is told to ${told.wrong.join(', ')} is not right.` : undefined}
          onSaved={({ id }) => take(id)}
          onRemoved={() => take('triage')}
        />
      </div>
      <CollectorsDialog
        opened={choosing}
        chosen={draft.own ?? []}
        onChange={(own) => onChange({ own })}
        onClose={() => setChoosing(false)}
      />
    </Panel>
  );
}

/** What the profile tells those that are left of it. */
function kept(profile: Profile | undefined, chosen: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(profile?.inputs ?? {}).filter(([id]) => chosen.includes(id)));
}

function ProfileRadio({ profile }: { profile: Profile }) {
  const { id, title, description, collectors, own, unusable } = profile;
  return (
    <Radio
      value={`profile ${id}`}
      disabled={unusable !== undefined}
      label={
        <>
          <VisibleText text={title} max={100} /> {own && <Badge color="gray">yours</Badge>}
        </>
      }
      description={
        unusable === undefined ? (
          <>
            {description && (
              <>
                <VisibleText text={description} max={1000} />{' '}
              </>
            )}
            {collectors.length} collectors.
          </>
        ) : (
          <>
            It cannot be used. <VisibleText text={unusable} max={400} />
          </>
        )
      }
    />
  );
}
