import { type FileRow, FileState } from '../../../shared/contract/files';
import { Bytes } from '../../components/Bytes';
import type { DataColumn } from '../../components/DataTable';
import { Time } from '../../components/Time';
import { VisibleText } from '../../components/VisibleText';
import { modeText, STATES, StateMark } from './states';

const nameOf = (row: FileRow, whole: boolean) =>
  whole || row.path === '/' ? row.path : row.path.slice(row.path.lastIndexOf('/') + 1);
const order = FileState.options;

/** Columns of a list of files: of one folder by their names, found anywhere by their whole paths. */
export function fileColumns(whole: boolean): DataColumn<FileRow>[] {
  return [
    {
      id: 'state',
      header: 'State',
      value: (row) => STATES[row.state].word,
      cell: (row) => <StateMark state={row.state} />,
      order: (a, b) => order.indexOf(a.state) - order.indexOf(b.state),
      width: 92,
      facet: true,
    },
    {
      id: 'name',
      header: whole ? 'Path' : 'Name',
      value: (row) => nameOf(row, whole),
      cell: (row) => (
        <>
          <VisibleText text={nameOf(row, whole)} max={500} />
          {row.type === 'directory' && '/'}
          {row.link !== null && (
            <>
              {' → '}
              <VisibleText text={row.link} max={200} />
            </>
          )}
        </>
      ),
      width: 230,
      grow: true,
      mono: true,
    },
    { id: 'mode', header: 'Mode', value: (row) => modeText(row.type, row.mode), width: 104, mono: true },
    {
      id: 'owner',
      header: 'Owner',
      value: (row) => (row.uid === null ? '' : `${row.user ?? row.uid}:${row.group ?? row.gid}`),
      width: 110,
      facet: true,
    },
    {
      id: 'size',
      header: 'Size',
      value: (row) => row.size,
      cell: (row) => (row.size === null || row.type === 'directory' ? null : <Bytes bytes={row.size} />),
      width: 84,
      align: 'end',
    },
    {
      id: 'mtime',
      header: 'Modified',
      value: (row) => row.mtime,
      cell: (row) => (row.mtime === null ? null : <Time at={row.mtime} />),
      width: 176,
    },
    {
      id: 'layer',
      header: 'Layer',
      value: (row) =>
        row.layer === null ? '' : row.layer === 'upper' ? 'container' : row.layer.replace(/^sha256:/, '').slice(0, 12),
      width: 110,
      mono: true,
      facet: true,
    },
    { id: 'package', header: 'Package', value: (row) => row.package, width: 150, facet: true },
    {
      id: 'sha256',
      header: 'SHA-256',
      value: (row) => row.sha256,
      cell: (row) => (row.sha256 === null ? null : <>{row.sha256.slice(0, 16)}…</>),
      width: 150,
      mono: true,
    },
  ];
}
