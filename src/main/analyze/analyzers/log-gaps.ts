import type { Citation, ExhibitRecord } from '../../../shared/domain';
import { visible } from '../../../shared/visible';
import { defineAnalyzer } from '../analyzer';
import { type LogStep, type LogSteps, stepReader } from '../formats/logs/gaps';
import { readLog } from '../logs/read';
import { holdsLogs, type LogSource, logSources } from '../logs/sources';
import { eachExhibit, type Hit, type Rule, report } from './lib/rule';

/** What is told of one log. */
const TOLD = 3;
/** Files that hold no order of time, or the journal, which keeps two clocks. */
const UNORDERED = new Set(['lastlog', 'history', 'docker-api', 'docker-json']);

export const logHole: Rule = {
  id: 'logs.hole',
  version: '1',
  title: 'A log that is written steadily is silent for a while',
  severity: 'informational',
  confidence: 'possible',
  techniques: ['T1070.002', 'T1685'],
  benign: 'The program or the host was stopped, or nothing happened. Otherwise entries were removed.',
};

export const logBackward: Rule = {
  id: 'logs.backward',
  version: '1',
  title: 'The time of a log goes backward',
  severity: 'low',
  confidence: 'possible',
  techniques: ['T1070.002', 'T1685'],
  benign:
    'The clock was set back, several programs wrote into one file, or its times have no zone or year. Otherwise entries were put in.',
};

/** Every rule of this file. */
export const gapRules: readonly Rule[] = [logHole, logBackward];

/**
 * Holes and backward jumps in logs other than those the engine keeps for a container, whose time container-logs looks at. A
 * log is read as a stream; what cannot be read in it is said by the index of the case, which reads the same logs.
 */
export default defineAnalyzer({
  id: 'log-gaps',
  version: '1',
  title: 'Holes and backward jumps in logs',
  accepts: (exhibit) => holdsLogs(exhibit) && exhibit.kind !== 'docker log',
  analyze: (ctx, exhibits) =>
    eachExhibit(ctx, exhibits, async (exhibit) => {
      const quiet = { ...ctx, unreadable: () => {} };
      for await (const source of logSources(quiet, exhibit)) {
        if (UNORDERED.has(source.format.id)) continue;
        const steps = stepReader();
        await readLog(source, steps.take);
        const found = steps.end();
        const cite = (step: LogStep) => [step.before, step.after].map((place) => citeOf(exhibit, source, place));
        if (found.holes.length > 0) report(ctx, logHole, exhibit.target, holeHit(source, found, cite));
        if (found.backward.count > 0) report(ctx, logBackward, exhibit.target, backwardHit(source, found, cite));
      }
    }),
});

function citeOf(exhibit: ExhibitRecord, source: LogSource, place: LogStep['before']): Citation {
  return { exhibit: exhibit.id, locator: source.locate(place) };
}

const iso = (ms: number) => new Date(Math.floor(ms)).toISOString();
const nameOf = ({ path }: LogSource) => visible(path, { max: 200 });

function holeHit(source: LogSource, { holes, entries }: LogSteps, cite: (step: LogStep) => Citation[]): Hit {
  const told = holes.slice(0, TOLD);
  const words = told.map(({ from, to }) => `from ${iso(from)} to ${iso(to)}`).join(', ');
  const more = holes.length > TOLD ? ` and ${holes.length - TOLD} times more` : '';
  return { claim: `${nameOf(source)} (${entries} entries) has no entry ${words}${more}.`, cites: told.flatMap(cite) };
}

function backwardHit(source: LogSource, { backward }: LogSteps, cite: (step: LogStep) => Citation[]): Hit {
  const told = backward.steps.slice(0, TOLD);
  const words = told.map(({ from, to }) => `an entry of ${iso(to)} stands after one of ${iso(from)}`).join('; ');
  const where = backward.count === 1 ? 'one place' : `${backward.count} places`;
  return { claim: `In ${where} of ${nameOf(source)} the time goes backward: ${words}.`, cites: told.flatMap(cite) };
}
