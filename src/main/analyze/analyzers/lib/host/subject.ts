import type { Citation, ExhibitRecord } from '../../../../../shared/domain';
import { visible } from '../../../../../shared/visible';
import type { AnalyzeContext } from '../../../analyzer';
import { type Frame, frameLocator, readFrames } from '../../../formats/frames';
import { type HostFile, type HostFiles, hostFilesOf } from '../../../formats/host-files';
import { linesOf, type TextLine, utf8 } from '../files/text';
import type { Hit, Rule } from '../rule';

/** What a collector of the host's files gave, as the rules look at it. */
export interface HostSubject {
  exhibit: ExhibitRecord;
  files: HostFiles;
}

export interface HostRule extends Rule {
  /** Collectors whose exhibits it is asked of. */
  collectors: readonly string[];
  check(subject: HostSubject): Hit[];
}

/** Longer files are measured, not searched; the settings and histories of a host are shorter, in bytes. */
const KEPT = 8 * 1024 * 1024;

/** Reads an exhibit of captureHostFiles(); faults of its form are said by the index, which reads the same. */
export async function hostSubject(ctx: AnalyzeContext, exhibit: ExhibitRecord): Promise<HostSubject> {
  const files = hostFilesOf(await readFrames(ctx.stream(exhibit), { keep: KEPT }));
  for (const { path, content } of files.files) {
    if (content && content.body.length < content.length)
      ctx.unreadable(exhibit, `${visible(path, { max: 200 })} is longer than ${KEPT} bytes and was not searched.`);
  }
  return { exhibit, files };
}

/** The whole of a frame, or a part of it counted from its first byte. */
export function citeFrame(exhibit: ExhibitRecord, frame: Frame, part?: { offset: number; length: number }): Citation {
  return { exhibit: exhibit.id, locator: frameLocator(frame, part) };
}

/** A line of a host's file with its text as UTF-8 and its place. */
export interface HostLine extends TextLine {
  cite: Citation;
}

/** The lines of a file whose bytes were taken. */
export function hostLines(
  { exhibit }: HostSubject,
  { content, pathFrame }: HostFile,
): { lines: HostLine[]; named: Citation } {
  const lines = content
    ? linesOf(content.body).map((line) => ({ ...line, text: utf8(line.text), cite: citeFrame(exhibit, content, line) }))
    : [];
  return { lines, named: citeFrame(exhibit, pathFrame) };
}

export const hostPath = (path: string): string => visible(path, { max: 300 });
