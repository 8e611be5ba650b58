import type { ReportInput } from '../input';
import type { Block, Piece } from '../types';
import { count, list, offset, piece } from './format';
import { clockReadings } from './touches';

/** Section "Limits": what every reader has to know of the results; only what holds for this case. */
export function limits(input: ReportInput): Block[] {
  const items: string[] = [
    'The results relate only to the items examined, as they were at the times given. What was not taken is listed under “Not taken, and why”.',
    ...live(input),
    ...clocks(input),
    ...partial(input),
    'Names, times, log lines and other content of the exhibits are what the hosts said. A host under an intruder’s control can say what is not so; exhibits taken from different sources on the host (the engine, /proc, files) are compared where a finding depends on it.',
    'A time inside an exhibit is by the clock of whatever wrote it; for log lines of containers that is the engine’s.',
    'Machine-generated findings are claims of rules about artefacts. That no rule found something does not mean that it is not there.',
    'Facts are what the exhibits show. Opinions are in “Opinion and conclusions”, in the examiner’s reasons and in the notes, and nowhere else.',
    'Text from a host is printed so that it can do no harm: control characters as pictures (␛), invisible and direction-changing characters, and those that no font here has, as their code points (<U+202E>). Long texts are cut with a mark. The exhibits hold every byte as it came.',
  ];
  return [{ kind: 'list', items: items.map((text): Piece[] => [piece(text)]) }];
}

function live({ data }: ReportInput): string[] {
  if (data.hosts.length === 0) return [];
  return [
    'The systems were running and went on changing while they were examined: exhibits taken one after the other show different moments, and a second collection will not give the same bytes.',
  ];
}

function clocks(input: ReportInput): string[] {
  if (input.data.hosts.length === 0) return [];
  const readings = clockReadings(input.ledger).map((one) => one.clock);
  for (const host of input.data.hosts) if (host.facts.clock) readings.push(host.facts.clock);
  const without = input.data.hosts.filter((host) => !host.facts.clock).length;
  const texts: string[] = [];
  if (readings.length > 0) {
    const sorted = [...readings].sort((a, b) => Math.abs(a.offsetMs) - Math.abs(b.offsetMs));
    const most = sorted.at(-1);
    const uncertainty = Math.max(...readings.map((reading) => reading.uncertaintyMs));
    if (most) {
      texts.push(
        `Host times were computed from measured clock offsets: the largest was ${offset(most.offsetMs)}, and each is uncertain by up to ± ${(uncertainty / 1000).toFixed(3)} s, half the round trip. Events on different machines closer together than that cannot be put in order. Whether the examiner’s own clock was right was not measured.`,
      );
    }
  }
  if (without > 0) texts.push(`The clock of ${count(without, 'host')} could not be measured.`);
  return texts;
}

function partial({ records }: ReportInput): string[] {
  const ids = records.filter((record) => record.partial).map((record) => record.id);
  if (ids.length === 0) return [];
  const named = ids.length > 12 ? `${ids.slice(0, 12).join(', ')} and ${ids.length - 12} more` : list(ids);
  return [
    `Partial exhibits hold only a part of what there was: ${named}. Nothing can be concluded from what they lack.`,
  ];
}
