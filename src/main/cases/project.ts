import type { CaseData, Entry } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { GENESIS } from '../custody/ledger';
import { ACTIONS, type Action } from './actions';

/** What a case is before its first entry. */
export function emptyCase(): CaseData {
  return {
    format: 1,
    head: { seq: -1, hash: GENESIS },
    id: '',
    number: '',
    title: '',
    examiner: '',
    created: '1970-01-01T00:00:00.000Z',
    hosts: [],
    collections: [],
    exhibits: [],
    notes: [],
    findings: [],
    marks: {},
    handovers: [],
    keys: [],
    seals: [],
    reports: [],
    reportTexts: {},
  };
}

/** Folds entries, oldest first, into what case.json says. */
export function project(entries: Iterable<Entry>): CaseData {
  const data = emptyCase();
  for (const entry of entries) applyEntry(data, entry);
  return data;
}

/**
 * Applies one entry to the case. Throws CASE_DAMAGED for details that are not of the action's shape; an action of a newer
 * Lading is passed over, since the ledger itself is still whole.
 */
export function applyEntry(data: CaseData, entry: Entry): void {
  data.head = { seq: entry.seq, hash: entry.hash };
  if (!Object.hasOwn(ACTIONS, entry.action)) return;
  const apply = FOLD[entry.action as Action] as ((data: CaseData, entry: Entry, details: unknown) => void) | undefined;
  if (!apply) return;
  const details = ACTIONS[entry.action as Action].safeParse(entry.details);
  if (!details.success) {
    throw new LadingError('CASE_DAMAGED', `Entry ${entry.seq} (${entry.action}) of the ledger cannot be understood.`, {
      advice: 'The case may be from a newer Lading. Verify it with that version.',
      cause: details.error,
    });
  }
  apply(data, entry, details.data);
}

type Parsed<A extends Action> = ReturnType<(typeof ACTIONS)[A]['parse']>;

/** What each action changes in the case. An action that only tells what happened is not here. */
const FOLD: { [A in Action]?: (data: CaseData, entry: Entry, details: Parsed<A>) => void } = {
  'case.opened'(data, entry, details) {
    data.id = entry.subject;
    data.number = details.number;
    data.title = details.title;
    data.agency = details.agency;
    data.examiner = entry.examiner;
    data.created = entry.time;
  },
  'host.connected'(data, entry, { spec, facts }) {
    const rest = data.hosts.filter((host) => host.facts.id !== facts.id || host.spec.address !== spec.address);
    data.hosts = [...rest, { spec, facts, connected: entry.time }];
  },
  'collection.begun'(data, entry, details) {
    data.collections.push({
      id: entry.subject,
      profile: details.profile,
      reason: details.reason,
      hosts: details.hosts,
      items: details.plan.length,
      begun: entry.time,
      state: 'running',
      exhibits: [],
      misses: details.plan.flatMap((item) =>
        item.impossible === undefined
          ? []
          : [
              {
                collection: entry.subject,
                collector: item.collector,
                host: item.host,
                target: item.target,
                outcome: 'not applicable' as const,
                reason: item.impossible,
              },
            ],
      ),
    });
  },
  'collection.miss'(data, entry, { accesses: _, ...miss }) {
    collection(data, entry)?.misses.push(miss);
  },
  'collection.ended'(data, entry, details) {
    const one = collection(data, entry);
    if (one) Object.assign(one, { state: details.state, ended: entry.time });
  },
  'collection.cut off'(data, entry) {
    const one = collection(data, entry);
    if (one) Object.assign(one, { state: 'cut off', ended: entry.time });
  },
  'exhibit.stored': (data, _, { exhibit }) => addExhibit(data, exhibit),
  'exhibit.recovered': (data, _, { exhibit }) => addExhibit(data, exhibit),
  'finding.judged'(data, entry, { status, reason }) {
    data.marks[entry.subject] = { status, reason, examiner: entry.examiner, time: entry.time };
  },
  'finding.added'(data, entry, { finding }) {
    data.findings.push({ ...finding, id: entry.subject, examiner: entry.examiner, time: entry.time });
  },
  'note.saved'(data, _, { note }) {
    const held = data.notes.find((one) => one.id === note.id);
    if (held) held.versions.push(note);
    else data.notes.push({ id: note.id, versions: [note] });
  },
  'custody.handed over'(data, entry, details) {
    data.examiner = details.to;
    data.handovers.push({ ...details, time: entry.time, seq: entry.seq });
  },
  'key.introduced'(data, entry, { publicKey }) {
    data.keys.push({ fingerprint: entry.subject, publicKey, examiner: entry.examiner, time: entry.time });
  },
  'case.sealed'(data, entry, { fingerprint }) {
    data.seals.push({ seq: entry.seq, head: entry.hash, time: entry.time, fingerprint });
  },
  'seal.incomplete'(data, _, { seq }) {
    data.seals = data.seals.filter((seal) => seal.seq !== seq);
  },
  'report.texts'(data, _, { texts }) {
    data.reportTexts = { ...data.reportTexts, ...texts };
  },
  'report.written'(data, _, { report }) {
    data.reports.push(report);
  },
};

function collection(data: CaseData, entry: Entry) {
  return data.collections.findLast((one) => one.id === entry.subject);
}

function addExhibit(data: CaseData, exhibit: CaseData['exhibits'][number]): void {
  data.exhibits.push(exhibit);
  data.collections.findLast((one) => one.id === exhibit.collection)?.exhibits.push(exhibit.id);
}
