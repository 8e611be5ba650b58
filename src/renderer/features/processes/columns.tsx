import { Badge } from '@mantine/core';
import type { ProcessMark, ProcessRow } from '../../../shared/contract/evidence';
import { formatBytes } from '../../components/Bytes';
import type { DataColumn } from '../../components/DataTable';
import { VisibleText } from '../../components/VisibleText';
import classes from './processes.module.css';

/** What a mark means, for the hint. */
const MARKS: Record<ProcessMark, string> = {
  deleted: 'Its executable was deleted',
  memfd: 'Its executable never had a file: it runs from memory',
  added: 'Its executable is not of the image',
  modified: 'Its executable is other than in the image',
  traced: 'Another process traces it',
  finding: 'A finding rests on it',
};

/** Deeper levels are drawn no further to the right. */
const DEEP = 14;

export const processColumns: readonly DataColumn<ProcessRow>[] = [
  {
    id: 'command',
    header: 'Process',
    width: 380,
    value: (row) => row.command || `[${row.comm}]`,
    cell: (row) => (
      <span
        className={classes.command}
        data-kernel={row.kernel || undefined}
        style={{ paddingLeft: Math.min(row.depth, DEEP) * 14 }}
      >
        {row.depth > 0 && (
          <span aria-hidden className={classes.branch}>
            └
          </span>
        )}
        <VisibleText text={row.command || `[${row.comm}]`} max={400} mono />
      </span>
    ),
  },
  {
    id: 'marks',
    header: 'Stands out',
    width: 150,
    value: (row) => row.marks.join(' '),
    cell: (row) => (
      <span className={classes.marks}>
        {row.marks.map((mark) => (
          <Badge
            key={mark}
            size="xs"
            color={mark === 'traced' || mark === 'added' ? 'yellow' : 'red'}
            title={MARKS[mark]}
          >
            {mark}
          </Badge>
        ))}
      </span>
    ),
  },
  { id: 'pid', header: 'PID', width: 76, align: 'end', value: (row) => row.pid },
  { id: 'inside', header: 'Inside', width: 70, align: 'end', value: (row) => row.inside ?? undefined },
  { id: 'container', header: 'Container', width: 130, facet: true, value: (row) => row.containerName ?? 'host itself' },
  {
    id: 'user',
    header: 'User',
    width: 84,
    facet: true,
    value: (row) => row.user ?? (row.uid === null ? '?' : String(row.uid)),
  },
  {
    id: 'started',
    header: 'Started (UTC)',
    width: 150,
    value: (row) => row.started?.replace('T', ' ').slice(0, 19) ?? undefined,
  },
  {
    id: 'exe',
    header: 'Executable',
    width: 220,
    mono: true,
    value: (row) => row.exe ?? undefined,
    cell: (row) => (row.exe === null ? '' : <VisibleText text={row.exe} max={300} mono />),
  },
  { id: 'drift', header: 'Image', width: 84, facet: true, value: (row) => DRIFT[row.drift ?? 'unknown'] },
  { id: 'sha256', header: 'SHA-256', width: 110, mono: true, value: (row) => row.sha256 ?? undefined },
  { id: 'sockets', header: 'Sockets', width: 80, align: 'end', value: (row) => row.sockets },
  {
    id: 'rss',
    header: 'Memory',
    width: 84,
    align: 'end',
    value: (row) => row.rss ?? undefined,
    cell: (row) => (row.rss === null ? '' : formatBytes(row.rss)),
  },
];

const DRIFT = { image: 'in it', added: 'added', modified: 'modified', unknown: 'not known' };
