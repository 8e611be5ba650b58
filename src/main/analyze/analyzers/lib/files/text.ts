import type { ViewFile } from '../../../formats/fs-view';
import type { Subject } from './subject';

/** Text of a file is searched up to here, in bytes. */
export const TEXT_MAX = 256 * 1024;

/** Files a rule reads at most; the rest is said. */
const FILES_MAX = 2000;

/** A line of a file, as latin1, so that its place in the text is its place in bytes. */
export interface TextLine {
  text: string;
  offset: number;
  length: number;
}

/** The lines of a file's bytes, without their ends. */
export function linesOf(bytes: Buffer): TextLine[] {
  const lines: TextLine[] = [];
  for (let from = 0; from < bytes.length; ) {
    const feed = bytes.indexOf(10, from);
    const end = feed === -1 ? bytes.length : feed;
    const cut = end > from && bytes[end - 1] === 13 ? end - 1 : end;
    lines.push({ text: bytes.toString('latin1', from, cut), offset: from, length: cut - from });
    from = end + 1;
  }
  return lines;
}

/** Text of latin1 letters as the UTF-8 that its bytes are. */
export const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');

/** Reads those of the files that are text and whose content is there, each with its first 256 KiB. */
export async function* texts(
  subject: Subject,
  files: readonly ViewFile[],
): AsyncGenerator<{ file: ViewFile & { content: NonNullable<ViewFile['content']> }; bytes: Buffer }> {
  let read = 0;
  for (const file of files) {
    const { content } = file;
    if (file.type !== 'file' || !content || file.size === 0) continue;
    if (++read > FILES_MAX) {
      subject.unreadable(file, `this and further files were not searched: ${FILES_MAX} were.`);
      return;
    }
    const bytes = await subject.content(file, TEXT_MAX);
    // a NUL in the first KiB: no text
    if (!bytes || bytes.subarray(0, 1024).includes(0)) continue;
    yield { file: { ...file, content }, bytes };
  }
}
