import { Alert, Button, Modal } from '@mantine/core';
import { IconFlag, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { type JudgedFinding, SEVERITIES } from '../../../shared/domain';
import { useCase } from '../../case';
import { orpc } from '../../client';
import { DataTable } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { ErrorAlert } from '../../components/ErrorAlert';
import { PageHeader } from '../../components/PageHeader';
import { SplitView } from '../../components/SplitView';
import { navigate, routeTo, useRoute } from '../../navigate';
import { AddFinding } from './AddFinding';
import { useAnalysis } from './Analysis';
import { findingColumns } from './columns';
import { Detail } from './Detail';
import classes from './findings.module.css';
import { Judge } from './Judge';

const idOf = (row: JudgedFinding) => row.id;
const NONE: JudgedFinding[] = [];

/** What analyzers claim and the examiner adds; each is confirmed, dismissed or kept for review, with a reason. */
export default function Screen() {
  const { path, readOnly } = useCase();
  const route = useRoute();
  const {
    data = NONE,
    error,
    isPending,
    refetch,
  } = useQuery(orpc.findings.list.queryOptions({ input: { case: path } }));
  const analysis = useAnalysis();
  const [checked, setChecked] = useState<ReadonlySet<string>>(new Set());
  const [judging, setJudging] = useState(false);
  const selected = data.find((finding) => finding.id === route.id);
  const select = useCallback((row: JudgedFinding) => navigate(routeTo('findings', row.id), { replace: true }), []);
  const adding = route.params.has('new');
  const exhibit = route.params.get('exhibit');
  const counts = SEVERITIES.map((severity) => ({
    severity,
    count: data.filter((finding) => finding.severity === severity && finding.status !== 'dismissed').length,
  })).filter(({ count }) => count > 0);
  const chosen = data.filter((finding) => checked.has(finding.id));

  return (
    <div className={classes.screen}>
      <PageHeader
        title="Findings"
        subtitle={
          counts.length === 0
            ? 'What the evidence says, each with the place it rests on.'
            : `${counts.map(({ severity, count }) => `${count} ${severity}`).join(', ')}; ${data.filter(({ status }) => status === 'open').length} not judged yet.`
        }
      >
        {analysis.button}
        <Button
          variant="default"
          leftSection={<IconPlus size={15} aria-hidden />}
          disabled={readOnly !== undefined}
          title={readOnly}
          onClick={() => navigate(routeTo('findings', route.id, { new: '1' }))}
        >
          Add a finding
        </Button>
      </PageHeader>
      {analysis.state}
      <ErrorAlert error={error} title="The findings could not be read" onRetry={() => void refetch()} />
      {route.id !== undefined && !selected && !isPending && (
        <Alert color="yellow" mb="sm">
          This case has no finding {route.id.slice(0, 40)}. Run the analysis, or look for it by its title.
        </Alert>
      )}
      <SplitView
        name="findings"
        list={
          <DataTable
            label="findings"
            rows={data}
            columns={findingColumns}
            rowId={idOf}
            selectedId={route.id}
            onSelect={select}
            checked={checked}
            onChecked={setChecked}
            sort={{ id: 'severity', desc: false }}
            extra={
              chosen.length > 0 && (
                <Button variant="default" disabled={readOnly !== undefined} onClick={() => setJudging(true)}>
                  Judge {chosen.length} chosen
                </Button>
              )
            }
            empty={
              isPending ? (
                'Reading the findings…'
              ) : (
                <EmptyState icon={IconFlag} title="No findings">
                  Run the analysis: it reads the exhibits, changes nothing, and gives the same answer each time. Or add
                  a finding of your own.
                </EmptyState>
              )
            }
          />
        }
        detail={selected && <Detail finding={selected} onClose={() => navigate('findings')} />}
      />
      <Modal opened={judging} onClose={() => setJudging(false)} title="Judge several findings" size="lg">
        <Judge
          findings={chosen}
          onDone={() => {
            setJudging(false);
            setChecked(new Set());
          }}
        />
      </Modal>
      <AddFinding
        opened={adding && readOnly === undefined}
        cite={exhibit === null ? undefined : { exhibit, locator: route.params.get('at') ?? 'whole' }}
        onClose={() => navigate(routeTo('findings', route.id), { replace: true })}
      />
    </div>
  );
}
