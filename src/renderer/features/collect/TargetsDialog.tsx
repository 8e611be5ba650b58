import { Button, Group, Modal, Skeleton, Tabs } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { visible } from '../../../shared/visible';
import { orpc } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { TargetTable } from '../../components/TargetTable';
import type { ConnectedHost } from '../../hosts';

interface Props {
  opened: boolean;
  path: string;
  hosts: ConnectedHost[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
  onClose: () => void;
}

const KINDS = [
  { kind: 'container', label: 'Containers' },
  { kind: 'image', label: 'Images' },
  { kind: 'volume', label: 'Volumes' },
  { kind: 'network', label: 'Networks' },
] as const;

/** Targets of the chosen hosts, to tick. */
export function TargetsDialog({ opened, path, hosts, chosen, onChange, onClose }: Props) {
  const answers = useQueries({
    queries: hosts.map(({ spec }) =>
      orpc.hosts.targets.queryOptions({ input: { case: path, host: spec }, enabled: opened }),
    ),
  });
  const targets = answers.flatMap(({ data }) => data ?? []);
  const pending = answers.some((answer) => answer.isPending);
  const picked = new Set(chosen);
  return (
    <Modal opened={opened} onClose={onClose} title="Targets" size={900}>
      {answers.map((answer, index) => (
        <ErrorAlert
          key={hosts[index]?.spec.address}
          error={answer.error}
          title={visible(hosts[index]?.facts.hostname ?? '')}
        />
      ))}
      {pending ? (
        <Skeleton height={320} />
      ) : (
        <Tabs defaultValue="container">
          <Tabs.List>
            {KINDS.map(({ kind, label }) => (
              <Tabs.Tab key={kind} value={kind}>
                {label} {targets.filter((target) => target.kind === kind).length}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {KINDS.map(({ kind, label }) => (
            <Tabs.Panel key={kind} value={kind}>
              <TargetTable
                targets={targets.filter((target) => target.kind === kind)}
                label={label}
                height={360}
                selected={picked}
                onSelect={(next) => onChange([...next])}
                narrow
              />
            </Tabs.Panel>
          ))}
        </Tabs>
      )}
      <Group justify="flex-end" mt="sm">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Modal>
  );
}
