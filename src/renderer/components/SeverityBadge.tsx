import type { Severity } from '../../shared/domain';
import classes from './text.module.css';

/** A severity by letter, word and colour: never by colour alone. */
export function SeverityBadge({ severity, compact }: { severity: Severity; compact?: boolean }) {
  const word = severity === 'informational' ? 'info' : severity;
  return (
    <span className={`${classes.severity} ${classes[severity]}`} title={severity}>
      <b aria-hidden>{severity.charAt(0).toUpperCase()}</b>
      {compact ? <span className="l-sr-only">{severity}</span> : word}
    </span>
  );
}
