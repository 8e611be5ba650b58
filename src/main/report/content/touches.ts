import { z } from 'zod';
import { Access, ClockReading, type Entry } from '../../../shared/domain';
import type { ReportInput } from '../input';

/** Every touch of a host that the case knows of: those of exhibits, and those of the ledger's entries. */
export function touches(input: ReportInput): Access[] {
  const all: Access[] = [];
  for (const record of input.records) {
    all.push(...record.accesses);
    const own = howAsAccess(record);
    // A collector may list the exhibit's own command among the touches, too: it is one touch.
    if (own && !record.accesses.some((access) => sameWhat(access.what, own.what))) all.push(own);
  }
  for (const entry of input.ledger) {
    if (!Object.hasOwn(entry.details, 'accesses')) continue;
    const parsed = WithAccesses.safeParse(entry.details);
    if (parsed.success) all.push(...parsed.data.accesses);
  }
  return all;
}

const WithAccesses = z.object({ accesses: z.array(Access) });

function howAsAccess(record: ReportInput['records'][number]): Access | undefined {
  const { how, started, host } = record;
  const base = { at: started.local, host: host?.address ?? '', bytes: record.bytes };
  if (how.kind === 'exec') return { ...base, kind: 'exec', what: how.argv, asRoot: how.asRoot, exit: how.exit };
  if (how.kind === 'api')
    return { ...base, kind: 'api', what: [how.method, how.path], asRoot: false, status: how.status };
  return undefined;
}

function sameWhat(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}

/** Calls of the Engine API that only read; anything else changes something and is named in the report. */
export function changesSomething(access: Access): boolean {
  return access.kind === 'api' && !['GET', 'HEAD'].includes(access.what[0] ?? '');
}

/** Engine API reads of which the engine writes an event into its own event list (moby daemon/{top,export,archive}.go). */
export function makesEvent(access: Access): boolean {
  return access.kind === 'api' && /\/(top|export|archive|get)(\?|$)/.test(access.what[1] ?? '');
}

/** Engine API reads for which the engine mounts the container's layers, which moves times of its own folders. */
export function mountsLayers(access: Access): boolean {
  return access.kind === 'api' && /\/containers\/[^/]+\/(changes|export|archive)(\?|$)/.test(access.what[1] ?? '');
}

/** Commands that enter a container: none of Lading's own do, so this must be said when it happens. */
export function runsInContainer(access: Access): boolean {
  if (access.kind === 'api') return /\/(exec|attach)(\/|\?|$)/.test(access.what[1] ?? '') && changesSomething(access);
  const [first = '', second = ''] = access.what;
  return first === 'nsenter' || (/(^|\/)(docker|podman|ctr|crictl|runc)$/.test(first) && second === 'exec');
}

/** A reading of a host's clock with the ledger entry that holds it. */
export interface ClockAt {
  entry: Entry;
  host: string;
  clock: z.infer<typeof ClockReading>;
}

const Spec = z.object({ address: z.string() });
const Connected = z.object({ facts: z.object({ address: z.string(), clock: ClockReading }) });
const Disconnected = z.object({ spec: Spec, clock: ClockReading });
const Measured = z.object({ host: z.string(), clock: ClockReading });

/** Every clock reading the ledger holds, in its order: at connect, during and after collections, at the end. */
export function clockReadings(ledger: readonly Entry[]): ClockAt[] {
  return ledger.flatMap((entry) => {
    const connected = Connected.safeParse(entry.details);
    if (connected.success) return [{ entry, host: connected.data.facts.address, clock: connected.data.facts.clock }];
    const ended = Disconnected.safeParse(entry.details);
    if (ended.success) return [{ entry, host: ended.data.spec.address, clock: ended.data.clock }];
    const measured = Measured.safeParse(entry.details);
    return measured.success ? [{ entry, host: measured.data.host, clock: measured.data.clock }] : [];
  });
}
