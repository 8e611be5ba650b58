import { Anchor, Button, Skeleton, Text } from '@mantine/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type JudgedFinding, SEVERITIES } from '../../../shared/domain';
import { useCase } from '../../case';
import { orpc } from '../../client';
import { Bytes, formatCount } from '../../components/Bytes';
import { EmptyState } from '../../components/EmptyState';
import { ErrorAlert } from '../../components/ErrorAlert';
import { PageHeader } from '../../components/PageHeader';
import { Panel } from '../../components/Panel';
import { SeverityBadge } from '../../components/SeverityBadge';
import { Time } from '../../components/Time';
import { VisibleText } from '../../components/VisibleText';
import { useConnected } from '../../hosts';
import { href, routeTo } from '../../navigate';
import { useRunningTask, useTasks } from '../../tasks';
import { Collections } from './Collections';
import { Matrix } from './Matrix';
import { makeMatrix } from './matrix';
import { nextSteps } from './next';
import classes from './overview.module.css';

const WORST = 6;

/** Worst first; what the examiner dismissed last of all. */
export function worstFirst(findings: JudgedFinding[]): JudgedFinding[] {
  const rank = (finding: JudgedFinding) =>
    SEVERITIES.indexOf(finding.severity) +
    (finding.status === 'confirmed' ? -0.5 : 0) +
    (finding.status === 'dismissed' ? 100 : 0);
  return [...findings].sort((a, b) => rank(a) - rank(b));
}

/** What was taken, what it says, and what to do next. */
export default function Screen() {
  const open = useCase();
  const { path, data } = open;
  const { hosts } = useConnected();
  const catalogue = useQuery(orpc.collect.catalogue.queryOptions());
  const findings = useQuery(orpc.findings.list.queryOptions({ input: { case: path } }));
  const { data: last } = useQuery(orpc.custody.lastVerify.queryOptions({ input: { case: path } }));
  const running = useRunningTask('collect', path);
  const analysed = useTasks().some((task) => task.kind === 'analyze' && task.case === path && task.state === 'done');
  // What the Hosts screen listed already; nothing is asked of a host for this picture.
  const listed = useQueries({
    queries: hosts.map(({ spec }) =>
      orpc.hosts.targets.queryOptions({ input: { case: path, host: spec }, enabled: false }),
    ),
    combine: (answers) => answers.map((answer) => answer.data),
  });

  const matrix = useMemo(() => {
    const known = [...data.hosts, ...hosts].map(({ facts }) => ({
      id: facts.id,
      address: facts.address,
      hostname: facts.hostname,
    }));
    return makeMatrix({
      exhibits: data.exhibits,
      misses: data.collections.flatMap((collection) => collection.misses),
      catalogue: catalogue.data ?? [],
      hosts: known,
      listed: hosts.map(({ facts }, index) => ({
        hostId: facts.id,
        address: facts.address,
        hostname: facts.hostname,
        targets: listed[index] ?? [],
      })),
      running,
    });
  }, [data.exhibits, data.collections, data.hosts, hosts, listed, catalogue.data, running]);

  const steps = nextSteps({ open, connected: hosts.length, matrix, findings: findings.data ?? [], last, analysed });
  const worst = useMemo(() => worstFirst(findings.data ?? []), [findings.data]);
  const bytes = useMemo(() => data.exhibits.reduce((sum, exhibit) => sum + exhibit.bytes, 0), [data.exhibits]);

  return (
    <>
      <PageHeader
        title="Overview"
        subtitle={
          <>
            {formatCount(data.exhibits.length)} exhibits, <Bytes bytes={bytes} /> · {data.collections.length}{' '}
            {data.collections.length === 1 ? 'collection' : 'collections'} from {data.hosts.length}{' '}
            {data.hosts.length === 1 ? 'host' : 'hosts'} · case begun <Time at={data.created} />
          </>
        }
      />
      <div className={classes.grid}>
        <div className={classes.next}>
          <Panel title="What to do next">
            {findings.isPending || catalogue.isPending ? (
              <Skeleton height={120} m="sm" />
            ) : steps.length === 0 ? (
              <p className={classes.quiet}>
                {open.readOnly === undefined
                  ? 'Nothing is left to do: taken, judged, verified, sealed and reported.'
                  : 'Nothing: the case is open for reading only.'}
              </p>
            ) : (
              <ol className={classes.steps}>
                {steps.map((step) => (
                  <li key={step.key}>
                    <Anchor href={href(step.to)} fw={600} size="sm">
                      {step.words}
                    </Anchor>
                    <Text size="xs" c="dimmed">
                      <VisibleText text={step.why} max={300} />
                    </Text>
                  </li>
                ))}
              </ol>
            )}
          </Panel>
        </div>
        <div className={classes.worst}>
          <Panel
            title="Worst findings"
            aside={
              findings.data && findings.data.length > WORST ? (
                <Anchor href={href('findings')} size="sm">
                  All {findings.data.length}
                </Anchor>
              ) : undefined
            }
          >
            <ErrorAlert error={findings.error} />
            {findings.isPending && <Skeleton height={120} m="sm" />}
            {findings.data?.length === 0 && (
              <EmptyState
                title="No findings"
                action={
                  data.exhibits.length > 0 ? (
                    <Button component="a" variant="default" href={href('findings')}>
                      Findings
                    </Button>
                  ) : undefined
                }
              >
                {data.exhibits.length > 0
                  ? 'Analyze the exhibits, or add a finding of your own.'
                  : 'They come from exhibits, and there are none yet.'}
              </EmptyState>
            )}
            <ul className={classes.findings}>
              {worst.slice(0, WORST).map((finding) => (
                <li key={finding.id}>
                  <SeverityBadge severity={finding.severity} compact />
                  <div>
                    <Anchor href={href(routeTo('findings', finding.id))} size="sm">
                      <VisibleText text={finding.title} max={160} />
                    </Anchor>
                    <Text size="xs" c="dimmed">
                      <VisibleText text={finding.target.name || finding.target.id.slice(0, 12)} max={80} /> ·{' '}
                      {finding.status}
                      {finding.machine && finding.status === 'open' && ', machine-generated'}
                    </Text>
                  </div>
                </li>
              ))}
            </ul>
          </Panel>
        </div>
        <div className={classes.wide}>
          <Panel title="What was taken">
            <ErrorAlert error={catalogue.error} />
            {catalogue.isPending ? <Skeleton height={160} m="sm" /> : <Matrix matrix={matrix} />}
          </Panel>
        </div>
        <div className={classes.wide}>
          <Collections collections={data.collections} hosts={data.hosts} />
        </div>
      </div>
    </>
  );
}
