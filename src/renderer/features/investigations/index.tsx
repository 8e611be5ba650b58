import { Alert, SegmentedControl, Select, Skeleton, Text } from '@mantine/core';
import { IconListCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type Answer, InvestigationId } from '../../../shared/contract/investigations';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { orpc } from '../../client';
import { EmptyState } from '../../components/EmptyState';
import { ErrorAlert } from '../../components/ErrorAlert';
import { PageHeader } from '../../components/PageHeader';
import { navigate, routeTo, useRoute } from '../../navigate';
import { useAnalysis } from '../findings/Analysis';
import { AnswerCard } from './AnswerCard';
import classes from './investigations.module.css';

const SHORT: Record<InvestigationId, string> = {
  compromised: 'Compromised container',
  malware: 'Malware',
  exfiltration: 'Data exfiltration',
};

function counted(answers: readonly Answer[]): string {
  const of = (...states: Answer['state'][]) => answers.filter(({ state }) => states.includes(state)).length;
  return `${answers.length} questions: ${of('found')} with something to weigh, ${of('nothing found')} with nothing found, ${of('partly', 'not analysed', 'not taken')} open.`;
}

/** Guided checklists: each question, the answer of the evidence, what is missing and one click to take it. */
export default function Screen() {
  const { path, data: open } = useCase();
  const route = useRoute();
  const id = InvestigationId.safeParse(route.id).data ?? 'compromised';
  const target = route.params.get('target') ?? undefined;
  const analysis = useAnalysis();
  const { data, error, isPending, refetch } = useQuery({
    ...orpc.investigations.get.queryOptions({ input: { case: path, id, target } }),
    // what findings say changes with each analysis and judgement
    staleTime: 0,
  });
  const containers = [
    ...new Map(
      open.exhibits
        .filter((one) => one.target.kind === 'container')
        .map(({ target: one }) => [
          one.id,
          { value: one.id, label: visible(one.name || one.id.slice(0, 12), { max: 60 }) },
        ]),
    ).values(),
  ];
  return (
    <div className={classes.screen}>
      <PageHeader
        title="Investigations"
        subtitle={data ? `${data.about} ${counted(data.answers)}` : 'Questions, answered from the evidence.'}
      >
        {analysis.button}
      </PageHeader>
      {analysis.state}
      <div className={classes.bar}>
        <SegmentedControl
          aria-label="Scenario"
          data={InvestigationId.options.map((value) => ({ value, label: SHORT[value] }))}
          value={id}
          onChange={(value) => navigate(routeTo('investigations', value, { target }), { replace: true })}
        />
        <Select
          aria-label="Container"
          placeholder="All containers"
          clearable
          searchable
          data={containers}
          value={target ?? null}
          onChange={(value) =>
            navigate(routeTo('investigations', id, { target: value ?? undefined }), { replace: true })
          }
        />
      </div>
      <ErrorAlert error={error} title="The questions could not be answered" onRetry={() => void refetch()} />
      {open.exhibits.length === 0 ? (
        <EmptyState icon={IconListCheck} title="No evidence yet">
          Collect first: the profiles have the names of these checklists and take what they ask for.
        </EmptyState>
      ) : (
        isPending && !error && <Skeleton height={320} />
      )}
      {data?.answers.some(({ state }) => state === 'not analysed') && (
        <Alert color="yellow" p="xs">
          <Text size="sm">Some exhibits are not analysed yet. Run the analysis to have every answer.</Text>
        </Alert>
      )}
      {open.exhibits.length > 0 && data && (
        <ol className={classes.list} aria-label="Questions">
          {data.answers.map((answer, i) => (
            <AnswerCard key={answer.id} answer={answer} number={i + 1} />
          ))}
        </ol>
      )}
    </div>
  );
}
