import { Anchor, Checkbox, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFolders, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import type { FileRow, FileState, FileView } from '../../../shared/contract/files';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { orpc } from '../../client';
import { formatCount } from '../../components/Bytes';
import { DataTable } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { ErrorAlert } from '../../components/ErrorAlert';
import { IndexGate } from '../../components/IndexGate';
import { PageHeader } from '../../components/PageHeader';
import { SplitView } from '../../components/SplitView';
import { formatUtc } from '../../components/Time';
import { href, navigate, routeTo, useRoute } from '../../navigate';
import { Compare } from './Compare';
import { fileColumns } from './columns';
import { FilePane } from './FilePane';
import { FolderTree } from './FolderTree';
import classes from './files.module.css';

const DRIFT: FileState[] = ['added', 'modified', 'metadata', 'deleted', 'opaque'];
const LIMIT = 2000;
const idOf = (row: FileRow) => row.path;
const NAMES: FileColumns = { folder: fileColumns(false), found: fileColumns(true) };
interface FileColumns {
  folder: ReturnType<typeof fileColumns>;
  found: ReturnType<typeof fileColumns>;
}

function labelOf({ key, kind, target, how, taken }: FileView): string {
  const from = how === 'upper' ? 'what it wrote' : how === 'layers' ? 'layers' : 'whole';
  const exhibit = /:(E\d+)$/.exec(key)?.[1];
  return visible(
    `${kind} ${target.name || target.id.slice(0, 19)}, ${from}, ${formatUtc(taken)} UTC${exhibit ? `, ${exhibit}` : ''}`,
    { max: 140 },
  );
}

/** What the states of a view rest on. */
function statesOf({ kind, complete, drift }: FileView): string {
  if (kind !== 'container') return '';
  const many = `${formatCount(drift)} not as in the image`;
  if (complete) return `${many}: compared with every layer of it.`;
  return drift > 0
    ? `${many}, as the engine lists them: layers of the image are missing.`
    : 'There are neither all layers of the image nor the engine’s list of changes that differ from it.';
}

/** File systems of containers, images and volumes as they were, read straight out of the exhibits. */
export default function Screen() {
  return (
    <div className={classes.screen}>
      <IndexGate>
        <Views />
      </IndexGate>
    </div>
  );
}

function Views() {
  const { path } = useCase();
  const queries = useQueryClient();
  // another index: everything on screen was asked of the one before
  const { dataUpdatedAt } = useQuery(orpc.evidence.prepare.queryOptions({ input: { case: path } }));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the answer's time is what says that it is another.
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: orpc.files.key() });
  }, [dataUpdatedAt, queries]);
  const route = useRoute();
  const { data, error } = useQuery(orpc.files.views.queryOptions({ input: { case: path } }));
  const views = data?.views ?? [];
  const view = views.find(({ key }) => key === route.id) ?? views[0];
  const folder = route.params.get('in') ?? '/';
  const file = route.params.get('file') ?? undefined;
  const other = views.find(({ key }) => key === route.params.get('with'));
  const go = (to: { in?: string; file?: string; with?: string }) =>
    navigate(routeTo('files', view?.key, { in: folder, with: other?.key, ...to }), { replace: true });
  if (!view) {
    return (
      <div className={classes.screen}>
        <PageHeader title="Files" subtitle="File systems as they were, without extracting them." />
        <ErrorAlert error={error} title="The index could not be read" />
        {data && (
          <EmptyState
            icon={IconFolders}
            title="No file system yet"
            action={<Anchor href={href('collect')}>Collect evidence</Anchor>}
          >
            Collect a container’s file system, what it wrote, or its image’s layers, or import an export.{' '}
          </EmptyState>
        )}
      </div>
    );
  }
  return (
    <div className={classes.screen}>
      <PageHeader
        title="Files"
        subtitle={`${formatCount(view.files)} files. ${statesOf(view)} Looking at a file changes nothing.`}
      />
      <div className={classes.bar}>
        <Select
          aria-label="File system"
          w={430}
          allowDeselect={false}
          value={view.key}
          data={views.map((one) => ({ value: one.key, label: labelOf(one) }))}
          onChange={(key) => key !== null && navigate(routeTo('files', key), { replace: true })}
        />
        <Select
          aria-label="Compare with"
          placeholder="Compare with…"
          w={330}
          clearable
          clearButtonProps={{ 'aria-label': 'End the comparison' }}
          value={other?.key ?? null}
          data={views.filter(({ key }) => key !== view.key).map((one) => ({ value: one.key, label: labelOf(one) }))}
          onChange={(key) => go({ with: key ?? undefined, file: undefined })}
        />
      </div>
      <SplitView
        name="files"
        list={
          other ? (
            <Compare left={view.key} right={other.key} onFile={(one) => go({ file: one })} />
          ) : (
            <Browser
              key={view.key}
              view={view}
              folder={folder}
              file={file}
              onFolder={(one) => go({ in: one, file: undefined })}
              onFile={(one) => go({ file: one })}
            />
          )
        }
        detail={
          file === undefined ? undefined : (
            <FilePane view={view.key} file={file} onClose={() => go({ file: undefined })} />
          )
        }
      />
    </div>
  );
}

interface BrowserProps {
  view: FileView;
  folder: string;
  file: string | undefined;
  onFolder: (folder: string) => void;
  onFile: (file: string) => void;
}

/** The folders, and beside them what lies in one, or what was found in all. */
function Browser({ view, folder, file, onFolder, onFile }: BrowserProps) {
  const { path } = useCase();
  const [typed, setTyped] = useState('');
  const [drift, setDrift] = useState(false);
  const [text] = useDebouncedValue(typed.trim(), 200);
  const everywhere = text !== '' || drift;
  const where = everywhere ? { text: text || undefined } : { folder };
  const { data, error } = useQuery(
    orpc.files.list.queryOptions({
      input: { case: path, view: view.key, ...where, states: drift ? DRIFT : undefined, limit: LIMIT },
      placeholderData: keepPreviousData,
    }),
  );
  const rows = useMemo(() => (data?.rows ?? []).filter((row) => everywhere || row.path !== '/'), [data, everywhere]);
  return (
    <div className={classes.browser}>
      <FolderTree path={path} view={view.key} folder={folder} onFolder={onFolder} />
      <div className={classes.list}>
        <div className={classes.bar}>
          <TextInput
            aria-label="Find by path in the whole file system"
            placeholder="Find by path everywhere"
            leftSection={<IconSearch size={13} aria-hidden />}
            w={230}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Checkbox
            label="Only what is not as in the image"
            checked={drift}
            disabled={view.kind !== 'container'}
            onChange={(event) => setDrift(event.currentTarget.checked)}
          />
          <span style={{ fontSize: 12 }} aria-live="polite">
            {data && data.total > LIMIT
              ? `The first ${formatCount(LIMIT)} of ${formatCount(data.total)}: narrow it down`
              : everywhere
                ? 'In all folders'
                : visible(folder, { max: 120 })}
          </span>
        </div>
        <ErrorAlert error={error} title="The files could not be listed" />
        <DataTable
          label="files"
          rows={rows}
          columns={everywhere ? NAMES.found : NAMES.folder}
          rowId={idOf}
          selectedId={file}
          onSelect={(row) => onFile(row.path)}
          onOpen={(row) => row.type === 'directory' && onFolder(row.path)}
          empty={data ? 'Nothing here.' : 'Reading…'}
        />
      </div>
    </div>
  );
}
