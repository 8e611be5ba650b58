import { Alert, Anchor, Button, Checkbox, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { CollectorInfo, Profile } from '../../../shared/domain';
import { Panel } from '../../components/Panel';
import { VisibleText } from '../../components/VisibleText';
import { type ConnectedHost, specKey } from '../../hosts';
import { href } from '../../navigate';
import classes from './collect.module.css';
import type { Draft } from './draft';
import { TargetsDialog } from './TargetsDialog';
import { What } from './What';

interface Props {
  path: string;
  hosts: ConnectedHost[];
  chosen: ConnectedHost[];
  draft: Draft;
  profile: Profile | undefined;
  catalogue: readonly CollectorInfo[];
  onChange: (change: Partial<Draft>) => void;
}

/** From where, what, and of which targets. */
export function Choose({ path, hosts, chosen, draft, profile, catalogue, onChange }: Props) {
  const [choosing, setChoosing] = useState(false);

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
          <Stack gap={10}>
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
      <What draft={draft} profile={profile} catalogue={catalogue} onChange={onChange} />
      <Panel title="3. Of which targets">
        <div className={classes.body}>
          <SegmentedControl
            fullWidth
            aria-label="Targets"
            value={draft.targets ? 'some' : 'all'}
            onChange={(value) => {
              onChange({ targets: value === 'all' ? undefined : (draft.targets ?? []) });
              if (value === 'some') setChoosing(true);
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
              <Button variant="default" mt="xs" onClick={() => setChoosing(true)} disabled={chosen.length === 0}>
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
      <TargetsDialog
        opened={choosing}
        path={path}
        hosts={chosen}
        chosen={draft.targets ?? []}
        onChange={(targets) => onChange({ targets })}
        onClose={() => setChoosing(false)}
      />
    </Stack>
  );
}
