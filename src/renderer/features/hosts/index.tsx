import { Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus, IconServer2 } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { HostSpec } from '../../../shared/domain';
import { useCase } from '../../case';
import { client, orpc } from '../../client';
import { EmptyState } from '../../components/EmptyState';
import { PageHeader } from '../../components/PageHeader';
import { Time } from '../../components/Time';
import { VisibleText } from '../../components/VisibleText';
import { showError } from '../../errors';
import { specKey, useConnected } from '../../hosts';
import { navigate, routeTo } from '../../navigate';
import { OpenShell } from '../shell/OpenShell';
import { useConnect } from './connect';
import { Facts } from './Facts';
import { HostForm } from './HostForm';
import { HostKeyDialog } from './HostKeyDialog';
import { HostList } from './HostList';
import classes from './hosts.module.css';
import { RefusedDialog } from './RefusedDialog';
import { SecretsDialog } from './SecretsDialog';
import { Targets } from './Targets';

/** The machines that evidence is taken from. */
export default function Screen() {
  const { path, data, readOnly } = useCase();
  const queries = useQueryClient();
  const { hosts, loaded, renew } = useConnected();
  const [chosen, setChosen] = useState<string>();
  const [formOpen, form] = useDisclosure(false);
  const [shellOpen, shell] = useDisclosure(false);
  const [initial, setInitial] = useState<HostSpec>();

  const onConnected = useCallback(
    async (spec: HostSpec) => {
      await renew();
      setChosen(specKey(spec));
    },
    [renew],
  );
  const { step, connect, trust, answer, giveUp } = useConnect(path, onConnected);
  const disconnect = useMutation({
    mutationFn: (spec: HostSpec) => client.hosts.disconnect({ case: path, host: spec }),
    onSuccess: async (_, spec) => {
      queries.removeQueries({ queryKey: orpc.hosts.targets.queryKey({ input: { case: path, host: spec } }) });
      await renew();
    },
    onError: (thrown) => showError(thrown, 'The connection could not be ended'),
  });

  const byHand = () => {
    setInitial(undefined);
    form.open();
  };
  const key = chosen ?? (hosts[0] && specKey(hosts[0].spec));
  const live = hosts.find(({ spec }) => specKey(spec) === key);
  const past = live ? undefined : data.hosts.find(({ spec }) => specKey(spec) === key);
  const spec = step.at === 'idle' ? undefined : step.spec;

  return (
    <>
      <PageHeader
        title="Hosts"
        subtitle="Connect to the machines that evidence is taken from. Each connection and reading is in the ledger."
      >
        <Button leftSection={<IconPlus size={15} aria-hidden />} onClick={byHand} disabled={readOnly !== undefined}>
          Connect by hand
        </Button>
      </PageHeader>
      <div className={classes.columns}>
        <HostList
          connected={hosts}
          before={data.hosts}
          shown={key}
          connecting={step.at === 'connecting' ? specKey(step.spec) : undefined}
          canConnect={readOnly === undefined}
          onShow={setChosen}
          onConnect={(wanted) => void connect(wanted)}
        />
        <div className={classes.detail}>
          <div role="status" aria-live="polite">
            {step.at === 'connecting' && (
              <Text size="sm" className={classes.connecting}>
                Connecting to <VisibleText text={step.spec.address} mono />…{' '}
                <Button size="compact-xs" variant="subtle" onClick={giveUp}>
                  Cancel
                </Button>
              </Text>
            )}
          </div>
          {live && (
            <>
              <Group justify="space-between">
                <Text size="sm">
                  <VisibleText text={live.spec.address} mono /> over {live.facts.transport}
                </Text>
                <Group gap="xs">
                  <Button variant="default" loading={disconnect.isPending} onClick={() => disconnect.mutate(live.spec)}>
                    Disconnect
                  </Button>
                  {live.spec.address.startsWith('ssh://') && (
                    <Button
                      variant="default"
                      disabled={readOnly !== undefined}
                      title="A recorded terminal on it; asks first, as it changes the evidence"
                      onClick={shell.open}
                    >
                      Shell…
                    </Button>
                  )}
                  <Button onClick={() => navigate(routeTo('collect', undefined, { host: live.spec.address }))}>
                    Collect from it
                  </Button>
                </Group>
              </Group>
              <Facts facts={live.facts} />
              <Targets spec={live.spec} key={specKey(live.spec)} />
              {shellOpen && <OpenShell spec={live.spec} onClose={shell.close} />}
            </>
          )}
          {past && (
            <>
              <Group justify="space-between">
                <Text size="sm">
                  Not connected now. What it said on <Time at={past.connected} />:
                </Text>
                <Button
                  disabled={readOnly !== undefined}
                  loading={step.at === 'connecting'}
                  onClick={() => void connect(past.spec)}
                >
                  Connect again
                </Button>
              </Group>
              <Facts facts={past.facts} />
            </>
          )}
          {!live && !past && loaded && (
            <EmptyState
              icon={IconServer2}
              title="No host is connected"
              action={
                <Button onClick={byHand} disabled={readOnly !== undefined}>
                  Connect by hand
                </Button>
              }
            >
              Take one from the list, or give an address: the engine of this machine, or any machine you reach with ssh.
              Nothing is installed there and no port is opened.
            </EmptyState>
          )}
        </div>
      </div>
      <HostForm opened={formOpen} initial={initial} onClose={form.close} onConnect={(wanted) => void connect(wanted)} />
      {spec && step.at === 'key' && (
        <HostKeyDialog
          opened
          spec={spec}
          error={step.error}
          onClose={giveUp}
          onTrust={(fingerprint) => void trust(spec, fingerprint)}
        />
      )}
      {spec && step.at === 'secrets' && (
        <SecretsDialog
          opened
          spec={spec}
          error={step.error}
          onClose={giveUp}
          onAnswer={(secrets) => void answer(spec, secrets)}
        />
      )}
      {spec && step.at === 'refused' && (
        <RefusedDialog
          opened
          spec={spec}
          error={step.error}
          onClose={giveUp}
          onRetry={() => void connect(spec)}
          onEdit={() => {
            setInitial(spec);
            giveUp();
            form.open();
          }}
        />
      )}
    </>
  );
}
