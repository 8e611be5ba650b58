import { Text } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCase } from '../../case';
import { orpc } from '../../client';
import { formatCount } from '../../components/Bytes';
import { type DataColumn, DataTable } from '../../components/DataTable';
import { ErrorAlert } from '../../components/ErrorAlert';
import classes from './files.module.css';
import { modeText } from './states';

interface Difference {
  path: string;
  what: 'only left' | 'only right' | 'content' | 'metadata';
  left?: { type: string; mode: number | null; sha256: string | null; size: number | null };
  right?: { type: string; mode: number | null; sha256: string | null; size: number | null };
}

const WORDS: Record<Difference['what'], string> = {
  'only left': 'only in the first',
  'only right': 'only in the second',
  content: 'other content',
  metadata: 'other rights or owner',
};
const short = (hash: string | null | undefined) => (hash ? `${hash.slice(0, 12)}…` : '');
const COLUMNS: DataColumn<Difference>[] = [
  { id: 'what', header: 'Difference', value: (row) => WORDS[row.what], width: 160, facet: true },
  { id: 'path', header: 'Path', value: (row) => row.path, width: 260, grow: true, mono: true },
  {
    id: 'leftMode',
    header: 'First',
    value: (row) => (row.left ? modeText(row.left.type, row.left.mode) : ''),
    width: 104,
    mono: true,
  },
  {
    id: 'rightMode',
    header: 'Second',
    value: (row) => (row.right ? modeText(row.right.type, row.right.mode) : ''),
    width: 104,
    mono: true,
  },
  { id: 'leftSize', header: 'Bytes, first', value: (row) => row.left?.size, width: 100, align: 'end' },
  { id: 'rightSize', header: 'Bytes, second', value: (row) => row.right?.size, width: 110, align: 'end' },
  {
    id: 'leftHash',
    header: 'SHA-256, first',
    value: (row) => row.left?.sha256,
    cell: (row) => short(row.left?.sha256),
    width: 130,
    mono: true,
  },
  {
    id: 'rightHash',
    header: 'SHA-256, second',
    value: (row) => row.right?.sha256,
    cell: (row) => short(row.right?.sha256),
    width: 130,
    mono: true,
  },
];
const LIMIT = 2000;
const idOf = (row: Difference) => row.path;

interface Props {
  left: string;
  right: string;
  onFile: (path: string) => void;
}

/** What differs between two file systems: two points in time, two containers, a container and an image. */
export function Compare({ left, right, onFile }: Props) {
  const { path } = useCase();
  const { data, error } = useQuery(
    orpc.files.compare.queryOptions({
      input: { case: path, left, right, limit: LIMIT },
      placeholderData: keepPreviousData,
    }),
  );
  return (
    <div className={classes.list}>
      <ErrorAlert error={error} title="They could not be compared" />
      <DataTable
        label="differences"
        rows={data?.rows ?? []}
        columns={COLUMNS}
        rowId={idOf}
        onOpen={(row) => onFile(row.path)}
        empty={data ? 'No difference in content, rights or owner.' : 'Comparing…'}
        extra={
          data && data.total > data.rows.length ? (
            <Text size="xs">
              The first {formatCount(LIMIT)} of {formatCount(data.total)}; `lading files CASE diff` gives all.
            </Text>
          ) : undefined
        }
      />
    </div>
  );
}
