import { Alert, Anchor, Button, Group, Text } from '@mantine/core';
import { IconListDetails } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useCase } from '../../case';
import { client, orpc } from '../../client';
import { EmptyState } from '../../components/EmptyState';
import { ErrorAlert } from '../../components/ErrorAlert';
import { PageHeader } from '../../components/PageHeader';
import { Panel } from '../../components/Panel';
import { ScrollRegion } from '../../components/ScrollRegion';
import { specKey, useConnected } from '../../hosts';
import { href, navigate, useRoute } from '../../navigate';
import { useTasks } from '../../tasks';
import { Begin } from './Begin';
import { Choose } from './Choose';
import classes from './collect.module.css';
import { selectionOf, toldOf, useDraft } from './draft';
import { PlanView } from './PlanView';
import { Watch } from './Watch';

/** Tasks whose result the examiner has put aside, to plan another. */
const putAside = new Set<string>();

/** Choose, read the plan, give the reason, watch it run. */
export default function Screen() {
  const { path, readOnly } = useCase();
  const { params } = useRoute();
  const { hosts, loaded } = useConnected();
  const [draft, change] = useDraft(path);
  const [, renew] = useState(0);
  const wanted = params.get('host');
  const newest = useTasks().find((one) => one.kind === 'collect' && one.case === path);
  const task = newest && !putAside.has(newest.id) ? newest : undefined;

  // "Collect from it" on the Hosts screen: that host alone.
  useEffect(() => {
    if (wanted === null || hosts.length === 0) return;
    change({ without: hosts.filter(({ spec }) => spec.address !== wanted).map(({ spec }) => specKey(spec)) });
    navigate('collect', { replace: true });
  }, [wanted, hosts, change]);

  // From a question whose evidence is missing: those collectors on those targets.
  const collectors = params.get('collectors');
  const targets = params.get('targets');
  useEffect(() => {
    if (collectors === null) return;
    change({ own: collectors.split(','), targets: targets?.split(','), plan: undefined, planned: undefined });
    navigate('collect', { replace: true });
  }, [collectors, targets, change]);

  const chosen = hosts.filter(({ spec }) => !draft.without.includes(specKey(spec)));
  const catalogue = useQuery(orpc.collect.catalogue.queryOptions()).data ?? [];
  const profiles = useQuery(orpc.collect.profiles.queryOptions()).data ?? [];
  const named = profiles.filter(({ id }) => id === draft.profile);
  const profile = named.find((one) => one.unusable === undefined) ?? named[0];
  const told = toldOf(draft, profile, catalogue);
  const selection = selectionOf(
    draft,
    chosen.map(({ spec }) => spec),
    profile,
    told.inputs,
  );
  const stale = draft.plan !== undefined && JSON.stringify(draft.planned) !== JSON.stringify(selection);
  const incomplete =
    chosen.length === 0
      ? 'Choose a host.'
      : draft.own?.length === 0
        ? 'Choose collectors.'
        : draft.targets?.length === 0
          ? 'Choose targets.'
          : told.wrong.length > 0
            ? `What is told to ${told.wrong.join(', ')} is not right.`
            : undefined;

  const leaveOut = (id: string) =>
    change(
      draft.own ? { own: draft.own.filter((one) => one !== id) } : { leftOut: [...new Set([...draft.leftOut, id])] },
    );

  const plan = useMutation({
    mutationFn: () => client.collect.plan({ case: path, ...selection }),
    onSuccess: (made) => change({ plan: made, planned: selection }),
  });
  const start = useMutation({
    mutationFn: (acceptFootprint: boolean) =>
      client.collect.start({ case: path, ...selection, reason: draft.reason.trim() || undefined, acceptFootprint }),
    onSuccess: () => change({ plan: undefined, planned: undefined }),
  });

  if (task) {
    return (
      <>
        <PageHeader title="Collect" subtitle="In the order of volatility. It goes on when you leave this screen." />
        <Watch
          task={task}
          onAnother={() => {
            putAside.add(task.id);
            renew((count) => count + 1);
          }}
        />
      </>
    );
  }

  if (loaded && hosts.length === 0) {
    return (
      <>
        <PageHeader title="Collect" />
        <EmptyState
          icon={IconListDetails}
          title="No host is connected"
          action={
            <Button component="a" href={href('hosts')}>
              Go to Hosts
            </Button>
          }
        >
          Evidence is taken from connected hosts. Connect to one, then choose here what to take and read the plan before
          anything happens.
        </EmptyState>
      </>
    );
  }

  return (
    <>
      <PageHeader
        title="Collect"
        subtitle="Choose, read the plan, give the reason, start. Nothing is taken before you start."
      />
      {readOnly !== undefined && (
        <Alert color="yellow" mb="sm">
          This case is open for reading only: nothing can be collected into it.
        </Alert>
      )}
      <div className={classes.columns}>
        <Choose
          path={path}
          hosts={hosts}
          chosen={chosen}
          draft={draft}
          profile={profile}
          catalogue={catalogue}
          onChange={change}
        />
        <Panel
          title="4. The plan"
          aside={
            <Button
              variant={draft.plan && !stale ? 'default' : 'filled'}
              loading={plan.isPending}
              disabled={incomplete !== undefined || readOnly !== undefined}
              onClick={() => plan.mutate()}
              title="Asks the hosts what is there; in the ledger"
            >
              {draft.plan ? 'Make it again' : 'Make the plan'}
            </Button>
          }
        >
          <div className={classes.body}>
            <ErrorAlert error={plan.error} title="The plan could not be made" />
            {stale && (
              <Alert color="yellow" title="You changed something since this plan was made">
                Make it again before you start.
              </Alert>
            )}
            {!draft.plan && !plan.error && (
              <EmptyState icon={IconListDetails} title="No plan yet">
                {incomplete ??
                  'Make the plan to read what will be taken, in which order, how much, instead of which command, with what footprint.'}
              </EmptyState>
            )}
          </div>
          {draft.plan && (
            <>
              <ScrollRegion className={classes.planBox} data-stale={stale || undefined} label="The plan">
                <PlanView plan={draft.plan} onLeaveOut={leaveOut} />
              </ScrollRegion>
              <div className={classes.begin}>
                <Begin
                  plan={draft.plan}
                  reason={draft.reason}
                  onReason={(reason) => change({ reason })}
                  error={start.error}
                  busy={start.isPending}
                  blocked={stale ? 'The plan is not that of your choice.' : undefined}
                  onStart={(accept) => start.mutate(accept)}
                />
              </div>
            </>
          )}
        </Panel>
      </div>
      <Group mt="sm">
        <Text size="xs" c="dimmed">
          Missing something?{' '}
          <Anchor href={href('hosts')} inherit underline="always">
            Hosts
          </Anchor>{' '}
          says what each host lets be taken and why not.
        </Text>
      </Group>
    </>
  );
}
