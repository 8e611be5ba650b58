import {
  type CollectorInfo,
  type ExhibitSummary,
  type Miss,
  type Target,
  type TargetRef,
  type Task,
  VOLATILITY,
  type Volatility,
} from '../../../shared/domain';

/** How it stands with one kind of evidence of one target. */
export type CellState = 'done' | 'partial' | 'miss' | 'nothing' | 'open' | 'running' | 'unfit';

export interface Cell {
  state: CellState;
  exhibits: ExhibitSummary[];
  misses: Miss[];
  /** Titles of the collectors of that kind that have neither taken nor missed anything there. */
  untouched: string[];
}

export interface Row {
  key: string;
  target: TargetRef;
  hostId: string;
  hostname: string;
  state?: string;
  cells: Map<Volatility, Cell>;
}

export interface Matrix {
  columns: Volatility[];
  rows: Row[];
}

interface Sources {
  exhibits: ExhibitSummary[];
  misses: Miss[];
  catalogue: CollectorInfo[];
  /** Hosts with what was listed of them; nothing is asked for this. */
  listed: { hostId: string; address: string; hostname: string; targets: Target[] }[];
  running: Task | undefined;
  /** By address or id: hosts of the case. */
  hosts: { id: string; address: string; hostname: string }[];
}

const KINDS = new Set(['host', 'container']);
const byName = new Intl.Collator('en', { numeric: true });

/**
 * Hosts and containers down, kinds of evidence across. A host's own row tells of host and engine; containers that were
 * listed but never collected from have a row too, because what was not done is what an examiner must see.
 */
export function makeMatrix(sources: Sources): Matrix {
  const { catalogue, hosts } = sources;
  const info = new Map(catalogue.map((collector) => [collector.id, collector]));
  const rows = new Map<string, Row>();
  // Misses name a host by its address, exhibits by its id.
  const hostOf = (name: string) => hosts.find((host) => host.id === name || host.address === name);

  const row = (host: string, target: TargetRef, state?: string): Row => {
    const known = hostOf(host);
    const hostId = known?.id ?? host;
    const key = `${hostId} ${target.kind === 'host' ? 'host' : `${target.kind} ${target.id}`}`;
    const held = rows.get(key);
    if (held) {
      held.state ??= state;
      return held;
    }
    const made: Row = { key, target, hostId, hostname: known?.hostname ?? host, state, cells: new Map() };
    rows.set(key, made);
    return made;
  };
  const cell = (of: Row, volatility: Volatility): Cell => {
    const held = of.cells.get(volatility);
    if (held) return held;
    const made: Cell = { state: 'open', exhibits: [], misses: [], untouched: [] };
    of.cells.set(volatility, made);
    return made;
  };

  for (const exhibit of sources.exhibits) {
    const volatility = info.get(exhibit.collector.id)?.volatility;
    if (!volatility || !exhibit.host || !KINDS.has(exhibit.target.kind)) continue;
    cell(row(exhibit.host.id, exhibit.target), volatility).exhibits.push(exhibit);
  }
  for (const miss of sources.misses) {
    const volatility = info.get(miss.collector)?.volatility;
    if (!volatility || !KINDS.has(miss.target.kind)) continue;
    cell(row(miss.host, miss.target), volatility).misses.push(miss);
  }
  for (const host of sources.listed) {
    for (const target of host.targets) if (KINDS.has(target.kind)) row(host.hostId, target, target.state);
  }

  const columns = VOLATILITY.filter((volatility) =>
    catalogue.some((collector) => collector.volatility === volatility && KINDS.has(collector.scope)),
  );
  const underWay = new Set(
    sources.running?.items
      .filter((item) => item.state === 'running')
      .map((item) => item.key.split(' ').slice(1).join(' ')),
  );
  const fittings = columns.map((volatility) => catalogue.filter((collector) => collector.volatility === volatility));
  for (const one of rows.values()) {
    columns.forEach((volatility, index) => {
      const fitting = (fittings[index] ?? []).filter((collector) => collector.scope === one.target.kind);
      settle(cell(one, volatility), fitting, underWay, one.target);
    });
  }
  const sorted = [...rows.values()].sort(
    (a, b) =>
      byName.compare(a.hostname, b.hostname) ||
      Number(b.target.kind === 'host') - Number(a.target.kind === 'host') ||
      byName.compare(a.target.name, b.target.name),
  );
  return { columns, rows: sorted };
}

function settle(cell: Cell, fitting: CollectorInfo[], underWay: ReadonlySet<string>, target: TargetRef): void {
  const touched = new Set([
    ...cell.exhibits.map((one) => one.collector.id),
    ...cell.misses.map((one) => one.collector),
  ]);
  cell.untouched = fitting.filter((collector) => !touched.has(collector.id)).map((collector) => collector.title);
  // What was missed once and taken later is taken.
  const taken = new Set(cell.exhibits.filter((one) => !one.partial).map((one) => one.collector.id));
  const open = cell.misses.filter((miss) => !taken.has(miss.collector));
  const failed = open.filter((miss) => miss.outcome !== 'none');
  const partial = cell.exhibits.some((one) => one.partial && !taken.has(one.collector.id));
  const isRunning = fitting.some((collector) => underWay.has(`${collector.id} ${target.kind}:${target.id}`));
  if (isRunning) cell.state = 'running';
  else if (fitting.length === 0 && touched.size === 0) cell.state = 'unfit';
  else if (cell.exhibits.length === 0 && failed.length > 0) cell.state = 'miss';
  else if (partial || (cell.exhibits.length > 0 && failed.length > 0)) cell.state = 'partial';
  else if (cell.exhibits.length > 0) cell.state = 'done';
  else if (open.length > 0) cell.state = 'nothing';
  else cell.state = 'open';
}
