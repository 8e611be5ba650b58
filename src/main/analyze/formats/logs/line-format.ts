import { type Line, lineReader, linesOf } from './lines';
import { faultList, type LogFormat, type ParsedLine, placeOf } from './record';
import type { LogPlace } from './time';

/** Lines of the beginning that are looked at to recognise a log. */
const SNIFFED = 40;

/** Any time will do to see whether a line is of a kind. */
const ANY: LogPlace = { collected: 4_000_000_000_000 };

/** The share of the first lines that a test accepts; empty lines and a last one that is cut off do not count. */
export function shareOfLines(head: Buffer, fits: (text: string) => boolean): number {
  const end = head.lastIndexOf(10);
  const lines = linesOf(end < 0 ? head : head.subarray(0, end))
    .filter(({ text }) => text.trim() !== '')
    .slice(0, SNIFFED);
  return lines.length === 0 ? 0 : lines.filter(({ text }) => fits(text)).length / lines.length;
}

/** A log in which every line is an entry. A line that is none is named and skipped. */
export function lineFormat(format: {
  id: string;
  title: string;
  /** Below 1 where a more exact kind should win over it. */
  weight?: number;
  parse(text: string, place: LogPlace): ParsedLine | undefined;
}): LogFormat {
  const { id, title, weight = 1, parse } = format;
  return {
    id,
    title,
    sniff: (head) => weight * shareOfLines(head, (text) => parse(text, ANY) !== undefined),
    reader(take, place) {
      const faults = faultList();
      const lines = lineReader((line: Line) => {
        if (line.text.trim() === '') return;
        const parsed = parse(line.text, place);
        if (parsed) take({ ...parsed, ...placeOf(line) });
        else faults.add(line.offset, `Line ${line.number} is no line of a ${title}.`);
      });
      return {
        push: (chunk) => lines.push(chunk),
        end() {
          lines.end();
          return faults.end();
        },
      };
    },
  };
}
