import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { visible } from '../../shared/visible';
import { showError } from '../errors';
import classes from './text.module.css';

interface Props {
  /** Copied whole. */
  value: string;
  /** What it is, for screen readers and the hint: 'SHA-256', 'container id'. */
  label: string;
  /** Characters shown at the start; the rest is cut with …. All when absent. */
  short?: number;
  /** Shown instead of the value. */
  text?: string;
}

/** The first characters of an id or hash. */
export function shortId(value: string, length = 12): string {
  const bare = value.replace(/^sha256:/, '');
  return bare.length > length ? bare.slice(0, length) : bare;
}

/** An id, hash, path or command in monospace: shortened on screen, copied whole. */
export function Copyable({ value, label, short, text }: Props) {
  const clipboard = useClipboard({ timeout: 1500 });
  const shown = text ?? (short === undefined || value.length <= short ? value : `${shortId(value, short)}…`);
  return (
    <button
      type="button"
      className={classes.copy}
      title={`${label}: ${visible(value, { max: 500 })}\nClick to copy`}
      aria-label={`Copy ${label} ${visible(shown)}`}
      onClick={(event) => {
        event.stopPropagation();
        clipboard.copy(value);
        if (clipboard.error) showError(clipboard.error, 'It could not be copied');
      }}
    >
      <bdi className={`${classes.mono} ${classes.cut}`}>{visible(shown)}</bdi>
      {clipboard.copied ? <IconCheck size={13} aria-hidden /> : <IconCopy size={13} aria-hidden />}
      <span
        aria-live="polite"
        style={{ position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' }}
      >
        {clipboard.copied ? `${label} copied` : ''}
      </span>
    </button>
  );
}
