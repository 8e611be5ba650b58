import { Alert, Anchor, Button, Checkbox, Radio, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { orpc } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { Panel } from '../../components/Panel';
import { VisibleText } from '../../components/VisibleText';
import { type ConnectedHost, specKey } from '../../hosts';
import { href } from '../../navigate';
import { CollectorsDialog } from './CollectorsDialog';
import classes from './collect.module.css';
import type { Draft } from './draft';
import { TargetsDialog } from './TargetsDialog';

interface Props {
  path: string;
  hosts: ConnectedHost[];
  chosen: ConnectedHost[];
  draft: Draft;
  onChange: (change: Partial<Draft>) => void;
}

/** From where, what, and of which targets. */
export function Choose({ path, hosts, chosen, draft, onChange }: Props) {
  const profiles = useQuery(orpc.collect.profiles.queryOptions());
  const [dialog, setDialog] = useState<'collectors' | 'targets'>();
  const profile = profiles.data?.find(({ id }) => id === draft.profile);

  return (
    <Stack gap="sm">
      <Panel title="1. From where">
        <div className={classes.body}>
          {hosts.length === 0 && (
            <Alert color="yellow" title="No host is connected">
              <Anchor href={href('hosts')} size="sm">
                Connect to one first.
              </Anchor>
            </Alert>
          )}
          <Stack gap={6}>
            {hosts.map(({ spec, facts }) => {
              const key = specKey(spec);
              return (
                <Checkbox
                  key={key}
                  label={
                    <>
                      <VisibleText text={facts.hostname} max={60} />{' '}
                      <span className={classes.dim}>
                        <VisibleText text={spec.address} mono max={80} />
                      </span>
                    </>
                  }
                  checked={!draft.without.includes(key)}
                  onChange={(event) =>
                    onChange({
                      without: event.currentTarget.checked
                        ? draft.without.filter((one) => one !== key)
                        : [...draft.without, key],
                    })
                  }
                />
              );
            })}
          </Stack>
        </div>
      </Panel>
      <Panel title="2. What">
        <div className={classes.body}>
          <ErrorAlert error={profiles.error} />
          {profiles.isPending && <Skeleton height={120} />}
          {profiles.data && (
            <Radio.Group
              aria-label="Profile"
              value={draft.own ? 'own' : draft.profile}
              onChange={(value) => {
                if (value === 'own') {
                  onChange({ own: draft.own ?? profile?.collectors ?? [] });
                  setDialog('collectors');
                } else onChange({ own: undefined, profile: value });
              }}
            >
              <Stack gap={8}>
                {profiles.data.map((one) => (
                  <Radio
                    key={one.id}
                    value={one.id}
                    label={one.title}
                    description={`${one.description} ${one.collectors.length} collectors.`}
                  />
                ))}
                <Radio
                  value="own"
                  label="Own choice"
                  description={draft.own ? `${draft.own.length} collectors chosen.` : 'Collectors one by one.'}
                />
              </Stack>
            </Radio.Group>
          )}
          {draft.own && (
            <Button variant="default" mt="xs" onClick={() => setDialog('collectors')}>
              Choose collectors
            </Button>
          )}
        </div>
      </Panel>
      <Panel title="3. Of which targets">
        <div className={classes.body}>
          <SegmentedControl
            fullWidth
            aria-label="Targets"
            value={draft.targets ? 'some' : 'all'}
            onChange={(value) => {
              onChange({ targets: value === 'all' ? undefined : (draft.targets ?? []) });
              if (value === 'some') setDialog('targets');
            }}
            data={[
              { value: 'all', label: 'Everything on them' },
              { value: 'some', label: 'Chosen' },
            ]}
          />
          {draft.targets ? (
            <>
              <Text size="sm" mt="xs">
                {draft.targets.length === 0 ? 'None chosen yet.' : `${draft.targets.length} chosen.`} The host itself
                and the image of a chosen container are always taken along.
              </Text>
              <Button variant="default" mt="xs" onClick={() => setDialog('targets')} disabled={chosen.length === 0}>
                Choose targets
              </Button>
            </>
          ) : (
            <Text size="sm" mt="xs" c="dimmed">
              Every container, running or stopped, with its image, volumes and networks.
            </Text>
          )}
        </div>
      </Panel>
      <CollectorsDialog
        opened={dialog === 'collectors'}
        chosen={draft.own ?? []}
        onChange={(own) => onChange({ own })}
        onClose={() => setDialog(undefined)}
      />
      <TargetsDialog
        opened={dialog === 'targets'}
        path={path}
        hosts={chosen}
        chosen={draft.targets ?? []}
        onChange={(targets) => onChange({ targets })}
        onClose={() => setDialog(undefined)}
      />
    </Stack>
  );
}
