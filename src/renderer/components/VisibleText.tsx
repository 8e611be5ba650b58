import { Fragment, memo } from 'react';
import { hasHidden, visible } from '../../shared/visible';
import classes from './text.module.css';

interface Props {
  text: string;
  /** Leaves line breaks and tabs as they are (inside a `<pre>`). */
  keepLines?: boolean;
  /** Longer texts are cut, and say so. */
  max?: number;
  mono?: boolean;
}

/** Names of the C0 control characters (ECMA-48), by code. */
const C0 =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  );

/** The pictures of control characters are in few fonts: their names are drawn instead; text and copies keep the picture. */
function Named({ text }: { text: string }) {
  const parts = text.split(/([\u2400-\u241f\u2421])/);
  let at = 0;
  return parts.map((part, index) => {
    at += part.length;
    if (index % 2 === 0) return <Fragment key={at}>{part}</Fragment>;
    const code = (part.codePointAt(0) ?? 0) - 0x2400;
    return (
      <span key={`c${at}`} className={classes.control} data-name={C0[code] ?? 'DEL'}>
        {part}
      </span>
    );
  });
}

/**
 * Text from a host, safe to look at: what would hide or reorder is shown and marked, and the whole is isolated, so that a
 * right-to-left name cannot move what stands beside it (UAX #9).
 */
export const VisibleText = memo(function VisibleText({ text, keepLines, max = 4000, mono }: Props) {
  const className = mono ? classes.mono : undefined;
  const cut = text.length > max ? text.slice(0, max) : text;
  const tail = text.length > max ? `… (${text.length} characters)` : '';
  if (!hasHidden(cut)) {
    return (
      <bdi className={className}>
        {cut}
        {tail}
      </bdi>
    );
  }
  const parts: { shown: string; marked: boolean; at: number }[] = [];
  let at = 0;
  for (const char of cut) {
    const shown = visible(char, { keepLines });
    const marked = shown !== char;
    const last = parts.at(-1);
    if (last && last.marked === marked) last.shown += shown;
    else parts.push({ shown, marked, at });
    at += char.length;
  }
  return (
    <bdi className={className}>
      {parts.map((part) =>
        part.marked ? (
          <mark key={part.at} className={classes.hidden} title="Hidden or control character, shown">
            <Named text={part.shown} />
          </mark>
        ) : (
          <span key={part.at}>{part.shown}</span>
        ),
      )}
      {tail}
    </bdi>
  );
});
