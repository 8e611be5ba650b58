import type { FileState } from '../../../shared/contract/files';
import classes from './files.module.css';

/** Docker's letters and more; letter, word and colour, never the colour alone. */
export const STATES: Record<FileState, { letter: string; word: string; hint: string }> = {
  image: { letter: '', word: 'image', hint: 'as in the image' },
  added: { letter: 'A', word: 'added', hint: 'not in the image' },
  modified: { letter: 'C', word: 'changed', hint: 'other content than in the image' },
  metadata: { letter: 'M', word: 'rights', hint: 'other rights, owner or times than in the image' },
  deleted: { letter: 'D', word: 'deleted', hint: 'in the image, no more in the container' },
  opaque: { letter: 'O', word: 'replaced', hint: 'a folder that hides what the image has in it' },
  unknown: { letter: '?', word: 'unknown', hint: 'there is nothing to compare with' },
};

/** A file's state. */
export function StateMark({ state }: { state: FileState }) {
  const { letter, word, hint } = STATES[state];
  return (
    <span className={classes.state} data-state={state} title={hint}>
      <b aria-hidden>{letter}</b> {word}
    </span>
  );
}

const TYPES: Record<string, string> = {
  directory: 'd',
  link: 'l',
  character: 'c',
  block: 'b',
  fifo: 'p',
  socket: 's',
  file: '-',
};

/** Type and mode as `ls -l` writes them: -rwsr-xr-x. */
export function modeText(type: string, mode: number | null): string {
  const kind = TYPES[type] ?? '?';
  if (mode === null) return kind;
  const bit = (at: number, letter: string) => ((mode & at) !== 0 ? letter : '-');
  const last = (execute: number, special: number, letter: string) =>
    (mode & special) === 0 ? bit(execute, 'x') : (mode & execute) !== 0 ? letter : letter.toUpperCase();
  const user = bit(0o400, 'r') + bit(0o200, 'w') + last(0o100, 0o4000, 's');
  const group = bit(0o040, 'r') + bit(0o020, 'w') + last(0o010, 0o2000, 's');
  return kind + user + group + bit(0o004, 'r') + bit(0o002, 'w') + last(0o001, 0o1000, 't');
}
