import { Button, Skeleton, Tabs, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { HostSpec, Target } from '../../../shared/domain';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { orpc } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { Panel } from '../../components/Panel';
import { TargetTable } from '../../components/TargetTable';
import { OpenShell } from '../shell/OpenShell';
import classes from './hosts.module.css';

const KINDS = [
  { kind: 'container', label: 'Containers' },
  { kind: 'image', label: 'Images' },
  { kind: 'volume', label: 'Volumes' },
  { kind: 'network', label: 'Networks' },
] as const;

/** What is on the host. Read when it is first looked at, and again on demand: each reading is in the ledger. */
export function Targets({ spec }: { spec: HostSpec }) {
  const { path, readOnly } = useCase();
  const [shellIn, setShellIn] = useState<Target>();
  const { data, error, refetch, isFetching, dataUpdatedAt } = useQuery(
    orpc.hosts.targets.queryOptions({ input: { case: path, host: spec } }),
  );
  const shell = (target: Target) =>
    target.state === 'running' && (
      <Button
        size="compact-xs"
        variant="subtle"
        disabled={readOnly !== undefined}
        aria-label={`Open a shell in ${visible(target.name, { max: 100 })}`}
        title="A recorded terminal in it; asks first, as it changes the evidence"
        onClick={() => setShellIn(target)}
      >
        Shell…
      </Button>
    );
  return (
    <Panel
      title="On this host"
      aside={
        <>
          {dataUpdatedAt > 0 && (
            <Text size="xs" c="dimmed">
              read {new Date(dataUpdatedAt).toISOString().slice(11, 19)} UTC
            </Text>
          )}
          <Button
            variant="default"
            leftSection={<IconRefresh size={14} aria-hidden />}
            loading={isFetching}
            onClick={() => void refetch()}
            title="Asks the engine again; in the ledger"
          >
            Read again
          </Button>
        </>
      }
    >
      <ErrorAlert error={error} title="The host could not be listed" onRetry={() => void refetch()} />
      {!data && !error && <Skeleton height={180} m="sm" />}
      {data && (
        <Tabs defaultValue="container">
          <Tabs.List className={classes.tabs}>
            {KINDS.map(({ kind, label }) => (
              <Tabs.Tab key={kind} value={kind}>
                {label} <span className={classes.count}>{data.filter((target) => target.kind === kind).length}</span>
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {KINDS.map(({ kind, label }) => (
            <Tabs.Panel key={kind} value={kind}>
              <TargetTable
                targets={data.filter((target) => target.kind === kind)}
                label={label}
                height={340}
                action={kind === 'container' ? shell : undefined}
              />
            </Tabs.Panel>
          ))}
        </Tabs>
      )}
      {shellIn && <OpenShell spec={spec} target={shellIn} onClose={() => setShellIn(undefined)} />}
    </Panel>
  );
}
