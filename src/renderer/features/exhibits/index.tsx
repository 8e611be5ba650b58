import { Alert, Anchor, Button, Group } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconClipboardList, IconPackageImport } from '@tabler/icons-react';
import { useCallback, useMemo, useState } from 'react';
import type { ExhibitSummary } from '../../../shared/domain';
import { useCase } from '../../case';
import { formatBytes, formatCount } from '../../components/Bytes';
import { DataTable } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { PageHeader } from '../../components/PageHeader';
import { SplitView } from '../../components/SplitView';
import { exhibitRoute, href, navigate, useRoute } from '../../navigate';
import { ImportDialog } from '../import/ImportDialog';
import { exhibitColumns } from './columns';
import { Detail } from './Detail';
import classes from './exhibits.module.css';

/** The dialog has an address, so that other screens can lead to it. */
const importRoute = 'exhibits?import=1';

const idOf = (row: ExhibitSummary) => row.id;

/** The evidence: every exhibit, what is in it, and how it was taken. */
export default function Screen() {
  const { data, readOnly } = useCase();
  const route = useRoute();
  const [wide, setWide] = useState(false);
  const hosts = useMemo(() => new Map(data.hosts.map(({ facts }) => [facts.id, facts.hostname])), [data.hosts]);
  const columns = useMemo(() => exhibitColumns(hosts), [hosts]);
  const selected = data.exhibits.find((exhibit) => exhibit.id === route.id);
  const at = route.params.get('at');
  const target = useMemo(() => selected && { exhibit: selected, at }, [selected, at]);
  // A held arrow key runs through the list; only where it rests is an exhibit read.
  const [rested] = useDebouncedValue(target, 150, { leading: true });
  const shown = target && rested;
  const total = useMemo(() => data.exhibits.reduce((sum, exhibit) => sum + exhibit.bytes, 0), [data.exhibits]);
  const select = useCallback((row: ExhibitSummary) => navigate(exhibitRoute(row.id), { replace: true }), []);

  const table = (
    <DataTable
      label="exhibits"
      rows={data.exhibits}
      columns={columns}
      rowId={idOf}
      selectedId={route.id}
      onSelect={select}
      sort={{ id: 'id', desc: false }}
      empty={
        <EmptyState
          icon={IconClipboardList}
          title="No exhibits yet"
          action={
            <Group gap="md">
              <Anchor href={href('collect')}>Collect evidence</Anchor>
              {readOnly === undefined && <Anchor href={href(importRoute)}>Import evidence</Anchor>}
            </Group>
          }
        >
          Everything that is collected or imported comes here, with its hash and how it was taken.
        </EmptyState>
      }
    />
  );
  return (
    <div className={classes.screen}>
      <PageHeader
        title="Exhibits"
        subtitle={`${formatCount(data.exhibits.length)} ${data.exhibits.length === 1 ? 'exhibit' : 'exhibits'}, ${formatBytes(total)}. Files of evidence are never changed; looking at one changes nothing.`}
      >
        <Button
          variant="default"
          leftSection={<IconPackageImport size={15} aria-hidden />}
          disabled={readOnly !== undefined}
          title={readOnly}
          onClick={() => navigate(importRoute)}
        >
          Import
        </Button>
      </PageHeader>
      <ImportDialog
        opened={route.params.has('import') && readOnly === undefined}
        onClose={() => navigate('exhibits', { replace: true })}
      />
      {route.id !== undefined && !selected && (
        <Alert color="yellow" mb="sm">
          This case has no exhibit {route.id.slice(0, 40)}.
        </Alert>
      )}
      <SplitView
        name="exhibits"
        list={table}
        wide={wide}
        detail={
          shown && (
            <Detail
              key={shown.exhibit.id}
              exhibit={shown.exhibit}
              at={shown.at}
              wide={wide}
              onWide={setWide}
              onClose={() => navigate('exhibits')}
            />
          )
        }
      />
    </div>
  );
}
