import { IconCircle, IconCircleCheck, IconCircleX, IconEye, type TablerIcon } from '@tabler/icons-react';
import type { FindingStatus } from '../../../shared/domain';
import classes from './findings.module.css';

const ICONS: Record<FindingStatus, TablerIcon> = {
  open: IconCircle,
  confirmed: IconCircleCheck,
  dismissed: IconCircleX,
  'needs review': IconEye,
};
const STYLES: Record<FindingStatus, string | undefined> = {
  open: '',
  confirmed: classes.confirmed,
  dismissed: classes.dismissed,
  'needs review': classes.review,
};

/** What the examiner said of a finding: by sign, word and colour. */
export function Status({ status }: { status: FindingStatus }) {
  const Icon = ICONS[status];
  return (
    <span className={`${classes.status} ${STYLES[status]}`}>
      <Icon size={14} aria-hidden />
      {status}
    </span>
  );
}
