import { z } from 'zod';
import type { ExplainItem, Explanation } from '../../../shared/contract/evidence';
import type { JudgedFinding } from '../../../shared/domain';
import type { Db } from '../index/db';
import { isoMicros, readRows } from '../index/query';
import { connectionsWhere, connectionText } from './connections';
import { fileItems, findingItems, processItem, section, textItems } from './explain-items';
import { explainProcess } from './explain-process';
import { processesById } from './processes';
import { searchTexts } from './search';

type Section = Explanation['sections'][number];
const Id = z.object({ id: z.number() });
/** Processes of one number that are explained in full; more are listed. */
const FULL = 1;

/**
 * Everything tied to one thing, each with its place in the evidence. What is asked for is told by its form: an exhibit, a
 * SHA-256 or id of 64 hex digits, a path, an address, a PID of the host or of a container, else a container's name.
 */
export function explain(db: Db, about: string, findings: readonly JudgedFinding[]): Explanation {
  const asked = about.trim();
  const one = /^process:(\d{1,15})$/.exec(asked)?.[1];
  if (one !== undefined) return explainProcess(db, Number(one), findings) ?? nothing(asked);
  if (/^E\d{4,}$/i.test(asked)) return exhibitOf(db, asked.toUpperCase(), findings);
  if (/^(?:sha256:)?[0-9a-f]{64}$/i.test(asked)) return hashOf(db, asked.toLowerCase(), findings);
  if (asked.startsWith('/')) return pathOf(db, asked, findings);
  if (/^\d{1,10}$/.test(asked)) return pidOf(db, Number(asked), findings);
  if (/^[0-9.]+(?::\d+)?$/.test(asked) || /^\[?[0-9a-f:.]*:[0-9a-f:.]+\]?$/i.test(asked))
    return addressOf(db, asked, findings);
  const container = containerOf(db, asked, findings);
  return container.kind === 'nothing' ? wordsOf(db, asked, findings) : container;
}

/** What is none of these is looked for as words. */
function wordsOf(db: Db, asked: string, findings: readonly JudgedFinding[]): Explanation {
  const named = searchTexts(db, { text: asked, kinds: ['process'], offset: 0, limit: 200 }).hits;
  const running = [...new Set(named.flatMap(({ process }) => (process === null ? [] : [process])))];
  return made(asked, 'words', asked, [
    section(
      'Processes',
      processesById(db, running).map((row) => processItem(row)),
    ),
    section('Findings', findingItems(findings.filter(({ claim }) => claim.includes(asked)))),
    section('Named in', textItems(db, asked, ['process'])),
  ]);
}

function nothing(about: string): Explanation {
  return { about, kind: 'nothing', title: 'Nothing of this is in the index', sections: [] };
}

const filled = (sections: readonly (Section | undefined)[]): Section[] =>
  sections.filter((one): one is Section => one !== undefined && one.items.length > 0);

function made(about: string, kind: Explanation['kind'], title: string, sections: (Section | undefined)[]): Explanation {
  const kept = filled(sections);
  return kept.length === 0 ? nothing(about) : { about, kind, title, sections: kept };
}

const ids = (db: Db, sql: string, ...values: (string | number)[]): number[] =>
  readRows(db, Id, sql, values).map(({ id }) => id);

function pidOf(db: Db, pid: number, findings: readonly JudgedFinding[]): Explanation {
  const own = ids(db, 'SELECT id FROM processes WHERE pid = ? AND id = entity ORDER BY tree LIMIT 200', pid);
  const inside = ids(
    db,
    'SELECT id FROM processes WHERE inside = ? AND pid <> ? AND id = entity ORDER BY tree LIMIT 200',
    pid,
    pid,
  );
  const [first] = own.length > 0 ? own : inside;
  if (first === undefined) return nothing(String(pid));
  const told = own.length + inside.length === FULL ? undefined : explainProcess(db, first, findings);
  if (!told) return explainProcess(db, first, findings) ?? nothing(String(pid));
  const others = processesById(
    db,
    [...own, ...inside].filter((id) => id !== first),
  ).map((row) => processItem(row));
  return {
    ...told,
    about: String(pid),
    sections: filled([...told.sections, section('Other processes of this number', others)]),
  };
}

function pathOf(db: Db, path: string, findings: readonly JudgedFinding[]): Explanation {
  const running = ids(db, 'SELECT id FROM processes WHERE exe = ? AND id = entity ORDER BY tree LIMIT 200', path);
  const holding = ids(
    db,
    'SELECT DISTINCT p.entity AS id FROM fds f JOIN processes p ON p.id = f.process WHERE f.path = ? ORDER BY p.entity LIMIT 200',
    path,
  );
  return made(path, 'path', path, [
    section('File', fileItems(db, 'f.path = ?', [path])),
    section(
      'Runs as',
      processesById(db, running).map((row) => processItem(row)),
    ),
    section(
      'Open in',
      processesById(db, holding).map((row) => processItem(row)),
    ),
    section('Findings', findingItems(findings.filter(({ claim }) => claim.includes(path)))),
    section('Named in', textItems(db, path, ['process', 'file'])),
  ]);
}

function hashOf(db: Db, asked: string, findings: readonly JudgedFinding[]): Explanation {
  const hash = asked.replace(/^sha256:/, '');
  const running = ids(
    db,
    'SELECT p.id FROM processes p JOIN executables x ON x.id = p.executable WHERE x.sha256 = ? AND p.id = p.entity ORDER BY p.tree LIMIT 200',
    hash,
  );
  const exhibits = readRows(
    db,
    z.object({ exhibit: z.string(), title: z.string() }),
    'SELECT exhibit, title FROM exhibits WHERE sha256 = ? ORDER BY n',
    [hash],
  ).map(
    ({ exhibit, title }): ExplainItem => ({
      text: title,
      notable: false,
      cites: [{ exhibit, locator: 'whole' }],
      about: exhibit,
    }),
  );
  const container = containerOf(db, hash, findings);
  if (container.kind === 'container') return container;
  return made(asked, 'hash', hash, [
    section(
      'Runs as',
      processesById(db, running).map((row) => processItem(row)),
    ),
    section('Files with this content', fileItems(db, 'f.sha256 = ?', [hash])),
    section('Exhibits with this content', exhibits),
    section('Findings', findingItems(findings.filter(({ claim }) => claim.includes(hash)))),
    section('Named in', textItems(db, hash, ['process', 'file'])),
  ]);
}

function addressOf(db: Db, asked: string, findings: readonly JudgedFinding[]): Explanation {
  const match = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(asked) ?? /^(\d+\.\d+\.\d+\.\d+)(?::(\d{1,5}))?$/.exec(asked);
  const address = match?.[1] ?? asked;
  const port = match?.[2];
  const mapped = address.includes(':') ? address : `::ffff:${address}`;
  const rows = connectionsWhere(
    db,
    {
      sql: `s.id = s.entity AND ((s.remote_address IN (?, ?) AND (? = -1 OR s.remote_port = ?))
        OR (s.local_address IN (?, ?) AND (? = -1 OR s.local_port = ?)))`,
      values: [
        address,
        mapped,
        Number(port ?? -1),
        Number(port ?? -1),
        address,
        mapped,
        Number(port ?? -1),
        Number(port ?? -1),
      ],
    },
    200,
  );
  const holders = [...new Set(rows.flatMap((row) => row.holders.map(({ process }) => process)))];
  return made(asked, 'address', asked, [
    section(
      'Sockets',
      rows.map((row) => ({
        text: `${connectionText(row)}${row.direction ? `, ${row.direction}` : ''}, ${row.target.name}`,
        notable: false,
        cites: [{ exhibit: row.exhibit, locator: row.locator }, ...row.holders.map(({ cite }) => cite)],
      })),
    ),
    section(
      'Held by',
      processesById(db, holders).map((row) => processItem(row)),
    ),
    section('Findings', findingItems(findings.filter(({ claim }) => claim.includes(address)))),
    section('Named in', textItems(db, address, ['socket'])),
  ]);
}

const ExhibitRow = z.object({
  exhibit: z.string(),
  title: z.string(),
  collector: z.string(),
  sha256: z.string(),
  bytes: z.number(),
  started: z.string(),
  target: z.string(),
});

function exhibitOf(db: Db, id: string, findings: readonly JudgedFinding[]): Explanation {
  const [row] = readRows(
    db,
    ExhibitRow,
    `SELECT e.exhibit, e.title, e.collector, e.sha256, e.bytes, e.started, t.name AS target
    FROM exhibits e JOIN targets t ON t.id = e.target WHERE e.exhibit = ?`,
    [id],
  );
  if (!row) return nothing(id);
  const cites = [{ exhibit: id, locator: 'whole' }];
  const item = (text: string, about?: string): ExplainItem => ({ text, notable: false, cites, about });
  const counts = ['processes', 'sockets', 'files', 'containers', 'images', 'events'].flatMap((table) => {
    const from = table === 'events' ? 'coalesce(sum(n), 0) AS n FROM event_counts' : `count(*) AS n FROM ${table}`;
    const [count] = readRows(db, z.object({ n: z.number() }), `SELECT ${from} WHERE exhibit = ?`, [id]);
    return count && count.n > 0 ? [item(`${count.n} ${table}`)] : [];
  });
  const faults = readRows(
    db,
    z.object({ reason: z.string() }),
    'SELECT reason FROM faults WHERE exhibit = ? ORDER BY id LIMIT 50',
    [id],
  ).map(({ reason }): ExplainItem => ({ text: reason, notable: true, cites }));
  return made(id, 'exhibit', `${id} ${row.title}`, [
    section('Exhibit', [
      item(`Of ${row.target}, by ${row.collector}, ${row.started}`),
      item(`${row.bytes} bytes, SHA-256 ${row.sha256}`, row.sha256),
    ]),
    section('In the index', counts),
    section('Not understood', faults),
    section(
      'Findings that rest on it',
      findingItems(findings.filter((one) => one.cites.some(({ exhibit }) => exhibit === id))),
    ),
  ]);
}

const ContainerRow = z.object({
  exhibit: z.string(),
  locator: z.string(),
  key: z.string(),
  name: z.string(),
  image: z.string().nullable(),
  state: z.string().nullable(),
  created: z.number().nullable(),
  started: z.number().nullable(),
  privileged: z.number().nullable(),
  addresses: z.string().nullable(),
});

function containerOf(db: Db, asked: string, findings: readonly JudgedFinding[]): Explanation {
  const rows = readRows(
    db,
    ContainerRow,
    `SELECT exhibit, locator, key, name, image, state, created, started, privileged, addresses
    FROM containers WHERE name = ? OR key = ? OR (length(?) >= 12 AND key LIKE ? || '%') ORDER BY id`,
    [asked, asked, asked, /^[0-9a-f]+$/.test(asked) ? asked : '/'],
  );
  const [first] = rows;
  if (!first) return nothing(asked);
  const time = (us: number | null) => (us === null ? 'never' : isoMicros(us));
  const running = ids(
    db,
    'SELECT id FROM processes WHERE container = ? AND tree IS NOT NULL ORDER BY tree LIMIT 200',
    first.key,
  );
  return made(asked, 'container', `${first.name} ${first.key.slice(0, 12)}`, [
    section(
      'Configuration over time',
      rows.map((row) => ({
        text: `${row.state ?? 'unknown'}, image ${row.image ?? 'unknown'}, created ${time(row.created)}, started ${time(row.started)}${row.privileged ? ', privileged' : ''}${row.addresses ? `, ${row.addresses}` : ''}`,
        notable: row.privileged === 1,
        cites: [{ exhibit: row.exhibit, locator: row.locator }],
      })),
    ),
    section(
      'Processes',
      processesById(db, running).map((row) => processItem(row)),
    ),
    section('Findings', findingItems(findings.filter(({ target }) => target.id === first.key))),
  ]);
}
