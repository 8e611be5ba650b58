import { type JudgedFinding, SEVERITIES } from '../../../shared/domain';
import type { DataColumn } from '../../components/DataTable';
import { SeverityBadge } from '../../components/SeverityBadge';
import { Status } from './Status';

const rank = (finding: JudgedFinding) => SEVERITIES.indexOf(finding.severity);
const CONFIDENCE = { certain: 0, likely: 1, possible: 2 } as const;

export const findingColumns: DataColumn<JudgedFinding>[] = [
  {
    id: 'severity',
    header: 'Severity',
    value: (row) => row.severity,
    cell: (row) => <SeverityBadge severity={row.severity} />,
    order: (a, b) => rank(a) - rank(b),
    width: 104,
    facet: true,
  },
  { id: 'title', header: 'Finding', value: (row) => row.title, width: 240, grow: true },
  {
    id: 'status',
    header: 'Status',
    value: (row) => row.status,
    cell: (row) => <Status status={row.status} />,
    width: 122,
    facet: true,
  },
  { id: 'target', header: 'Target', value: (row) => row.target.name || row.target.id, width: 140, facet: true },
  {
    id: 'techniques',
    header: 'ATT&CK',
    value: (row) => row.techniques.join(', '),
    facetValues: (row) => row.techniques,
    width: 120,
    mono: true,
    facet: true,
  },
  {
    id: 'confidence',
    header: 'Confidence',
    value: (row) => row.confidence,
    order: (a, b) => CONFIDENCE[a.confidence] - CONFIDENCE[b.confidence],
    width: 104,
    facet: true,
  },
  { id: 'made', header: 'Made by', value: (row) => (row.machine ? 'machine' : 'examiner'), width: 100, facet: true },
  { id: 'rule', header: 'Rule', value: (row) => row.rule, width: 180, mono: true },
  { id: 'cites', header: 'Cites', value: (row) => row.cites.length, width: 70, align: 'end' },
  { id: 'id', header: 'Id', value: (row) => row.id, width: 110, mono: true },
];
