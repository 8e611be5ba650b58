import type { Citation, ExhibitRecord } from '../../../shared/domain';
import { visible } from '../../../shared/visible';
import { defineAnalyzer } from '../analyzer';
import type { LogRecord } from '../formats/logs/record';
import { readLog } from '../logs/read';
import { holdsLogs, logSources } from '../logs/sources';
import { commandSigns, gravest } from './lib/commands';
import { CITES_LIMIT, eachExhibit, listed, type Rule, report } from './lib/rule';
import { shown } from './lib/secrets';

const BASE = { version: '1', confidence: 'certain' } as const satisfies Partial<Rule>;

export const guessed: Rule = {
  ...BASE,
  id: 'login.guessed',
  title: 'A login was accepted from an address that had failed many times',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1110', 'T1078'],
  benign: 'A script or a person with a wrong password at first; a gateway behind which many people sit.',
};

export const tried: Rule = {
  ...BASE,
  id: 'login.tried',
  title: 'Passwords were tried from an address',
  severity: 'low',
  techniques: ['T1110'],
  benign: 'Every host that can be reached from the Internet is tried day and night; none of these was accepted.',
};

export const userAdded: Rule = {
  ...BASE,
  id: 'login.user-added',
  title: 'An account was added',
  severity: 'medium',
  techniques: ['T1136.001'],
  benign: 'Packages add accounts for their services; administrators add people.',
};

export const asAnother: Rule = {
  ...BASE,
  id: 'login.command-as-root',
  title: 'A command that intruders use was run as another user',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1548.003'],
  benign: 'Administrators use such commands too.',
};

/** Every rule of this file. */
export const loginRules: readonly Rule[] = [guessed, tried, userAdded, asAnother];

/** So many failures from one address are more than a forgotten password. */
const MANY = 10;
/** Addresses of one log that are told apart; of a log that names more, the others are not counted. */
const ADDRESSES_MAX = 100_000;
/** Places of failures that are kept for one address. */
const KEPT = 20;

interface From {
  failed: number;
  users: Set<string>;
  cites: Citation[];
  first?: LogRecord;
  last?: LogRecord;
  accepted: { record: LogRecord; cite: Citation; after: number }[];
}

const when = (record: LogRecord | undefined) =>
  record?.time ? new Date(Math.floor(record.time.ms)).toISOString() : 'a time that is not said';

/** Logs that say who came in: of the host, and those in file systems. */
function tellsLogins(exhibit: ExhibitRecord): boolean {
  return (
    holdsLogs(exhibit) &&
    (['host.auth-log', 'host.logins', 'engine.journal'].includes(exhibit.collector.id) || exhibit.kind === 'tar')
  );
}

/** Logins and changes of users, from the logs of authentication and from btmp and wtmp. Reads each log as a stream. */
export default defineAnalyzer({
  id: 'authentication',
  version: '1',
  title: 'Logins and users',
  accepts: tellsLogins,
  analyze: (ctx, exhibits) =>
    eachExhibit(ctx, exhibits, async (exhibit) => {
      // what cannot be read in a log is said by the index, which reads the same logs
      const quiet = { ...ctx, unreadable: () => {} };
      for await (const source of logSources(quiet, exhibit)) {
        const byAddress = new Map<string, From>();
        const name = visible(source.path, { max: 200 });
        const cite = (record: LogRecord): Citation => ({ exhibit: exhibit.id, locator: source.locate(record) });
        let added = 0;
        await readLog(source, (record) => {
          const { user = '', address = '', command = '', as = '' } = record.fields;
          if (address !== '' && /^Login (?:failed|accepted)$/.test(record.desc)) {
            const from = fromOf(byAddress, address);
            if (!from) return;
            if (record.desc === 'Login failed') fail(from, record, user, cite);
            else if (from.accepted.length < KEPT)
              from.accepted.push({ record, cite: cite(record), after: from.failed });
          } else if (record.desc === 'User added' && ++added <= CITES_LIMIT) {
            const root = record.fields.uid === '0';
            report(ctx, userAdded, exhibit.target, {
              severity: root ? 'high' : 'medium',
              claim: `By ${name} the account ${visible(user, { max: 60 })} (UID ${visible(record.fields.uid ?? '?', { max: 12 })}) was added at ${when(record)}.`,
              cites: [cite(record)],
            });
          } else if (record.desc === 'Command as another user' && command !== '') {
            const signs = commandSigns(command);
            if (signs.length === 0) return;
            report(ctx, asAnother, exhibit.target, {
              severity: gravest(
                signs.map(({ severity }) => severity),
                'high',
              ),
              techniques: [
                ...new Set([...asAnother.techniques, ...signs.flatMap(({ techniques }) => [...techniques])]),
              ],
              claim: `By ${name} ${visible(user, { max: 60 })} ran as ${visible(as, { max: 60 })} at ${when(record)} a command that ${listed(signs.map(({ does }) => does))}: ${shown(command, 400)}`,
              cites: [cite(record)],
            });
          }
        });
        for (const [address, from] of byAddress) tell(ctx, exhibit, { name, address, from });
      }
    }),
});

function fromOf(all: Map<string, From>, address: string): From | undefined {
  const held = all.get(address);
  if (held || all.size >= ADDRESSES_MAX) return held;
  const made: From = { failed: 0, users: new Set(), cites: [], accepted: [] };
  all.set(address, made);
  return made;
}

function fail(from: From, record: LogRecord, user: string, cite: (record: LogRecord) => Citation): void {
  from.failed++;
  from.first ??= record;
  from.last = record;
  if (user !== '' && from.users.size < 50) from.users.add(user);
  if (from.cites.length < KEPT) from.cites.push(cite(record));
}

function tell(
  ctx: Parameters<typeof report>[0],
  exhibit: ExhibitRecord,
  { name, address, from }: { name: string; address: string; from: From },
): void {
  if (from.failed < MANY) return;
  const users = listed(
    [...from.users].map((user) => visible(user, { max: 40 })),
    8,
  );
  const told = `${from.failed} logins from ${visible(address, { max: 100 })} failed between ${when(from.first)} and ${when(from.last)}${users ? `, as ${users}` : ''}`;
  const after = from.accepted.filter((one) => one.after >= MANY);
  const [first] = after;
  if (first) {
    report(ctx, guessed, exhibit.target, {
      claim: `By ${name} ${told}; then ${visible(first.record.fields.user ?? '?', { max: 60 })} was let in from there at ${when(first.record)}.`,
      cites: [...after.map(({ cite }) => cite), ...from.cites],
    });
    return;
  }
  report(ctx, tried, exhibit.target, { claim: `By ${name} ${told}.`, cites: from.cites });
}
