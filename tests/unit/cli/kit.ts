import type { Client } from '../../../src/main/cli/context';
import type { Io } from '../../../src/main/cli/io';
import { runCli } from '../../../src/main/cli/program';
import { contract } from '../../../src/shared/contract';
import type {
  CaseData,
  ExhibitRecord,
  ExhibitSummary,
  HostFacts,
  JudgedFinding,
  OpenCase,
  Task,
} from '../../../src/shared/domain';
import { LadingError } from '../../../src/shared/errors';

export type Handlers = Record<string, (input: never) => unknown>;

interface Schema {
  parse(value: unknown): unknown;
}

function schemas(path: readonly string[]): { input?: Schema; output?: Schema } {
  let here: unknown = contract;
  for (const part of path) here = (here as Record<string, unknown>)[part];
  const def = (here as { '~orpc': { inputSchema?: Schema; outputSchema?: Schema } })['~orpc'];
  return { input: def.inputSchema, output: def.outputSchema };
}

/**
 * A client in memory: what is not handled fails the test. Inputs, and outputs that are no stream, are checked with the
 * contract's own schemas, so the command line cannot drift away from it unseen.
 */
export function fakeClient(handlers: Handlers): { client: Client; calls: { call: string; input: unknown }[] } {
  const calls: { call: string; input: unknown }[] = [];
  const node = (path: readonly string[]): unknown =>
    new Proxy(() => {}, {
      get: (_target, name) => (typeof name === 'string' && name !== 'then' ? node([...path, name]) : undefined),
      apply: async (_target, _self, [input]: unknown[]) => {
        const call = path.join('.');
        const schema = schemas(path);
        const parsed = schema.input ? schema.input.parse(input) : input;
        calls.push({ call, input: parsed });
        const handler = handlers[call];
        if (!handler) throw new Error(`The test does not handle ${call}.`);
        const output = await handler(parsed as never);
        const stream = typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
        return stream || !schema.output ? output : schema.output.parse(output);
      },
    });
  return { client: node([]) as Client, calls };
}

export interface FakeIo extends Io {
  readonly written: { out: string; err: string; questions: { question: string; hidden: boolean }[]; exits: number[] };
  /** Presses Ctrl-C. */
  interrupt(): void;
}

/** The world around the command line: no terminal and nobody to ask, unless answers are given. */
export function fakeIo(
  options: { answers?: string[]; env?: Record<string, string>; input?: string; terminal?: boolean } = {},
): FakeIo {
  const written: FakeIo['written'] = { out: '', err: '', questions: [], exits: [] };
  const handlers: (() => void)[] = [];
  const answers = [...(options.answers ?? [])];
  return {
    written,
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    outIsTerminal: options.terminal ?? false,
    errIsTerminal: options.terminal ?? false,
    canAsk: options.answers !== undefined,
    columns: () => 80,
    rows: () => 24,
    env: options.env ?? {},
    cwd: process.cwd(),
    ask: async (question, { hidden = false } = {}) => {
      written.questions.push({ question, hidden });
      const answer = answers.shift();
      if (answer === undefined) throw new LadingError('CANCELLED', 'Cancelled by the examiner.');
      return answer;
    },
    readInput: async () => options.input ?? '',
    onInterrupt: (handler) => {
      handlers.push(handler);
      return () => void handlers.splice(handlers.indexOf(handler), 1);
    },
    onInputEnd: () => {},
    exit: (code) => void written.exits.push(code),
    interrupt: () => handlers.at(-1)?.(),
  };
}

/** Runs one command line against handlers; the case is there and writable unless they say otherwise. */
export async function run(argv: string[], handlers: Handlers = {}, io: FakeIo = fakeIo()) {
  const { client, calls } = fakeClient({ 'cases.open': openCase, 'cases.close': () => undefined, ...handlers });
  let closed = 0;
  const code = await runCli(argv, {
    io,
    version: '9.9.9',
    start: async () => ({
      client,
      router: {},
      close: async () => {
        closed++;
      },
    }),
  });
  return { code, calls, closed, ...io.written };
}

const NOW = '2026-11-25T09:00:00.000Z';
export const HASH = 'a'.repeat(64);
const ID = 'c0ffee'.padEnd(64, '0');

export const caseData: CaseData = {
  format: 1,
  head: { seq: 3, hash: HASH },
  id: 'case-1',
  number: '2026-1',
  title: 'Web shop',
  examiner: 'A. Examiner',
  created: NOW,
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

export function openCase(input: { case?: string; path?: string }): OpenCase {
  return { path: input.case ?? input.path ?? '', data: caseData, head: caseData.head, recovered: [], freeBytes: 1e9 };
}

export const facts: HostFacts = {
  id: 'host-1',
  address: 'ssh://root@10.77.1.2',
  transport: 'ssh',
  hostKey: { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:abc' },
  hostname: 'evil\u001b[31m',
  os: 'Debian',
  kernel: '6.1',
  arch: 'x86_64',
  user: 'root',
  uid: 0,
  root: true,
  clock: { hostTime: NOW, localTime: NOW, offsetMs: -3723000, uncertaintyMs: 1.2 },
  engineError: 'no socket',
  capabilities: [{ need: 'engine', ok: false, reason: 'There is no engine.' }],
};

export const exhibit: ExhibitSummary = {
  id: 'E0001',
  file: 'inspect.json',
  kind: 'json',
  title: 'Inspect',
  collector: { id: 'container.inspect', version: '1' },
  host: { id: 'host-1', address: 'ssh://root@10.77.1.2', hostname: 'h' },
  target: { kind: 'container', id: ID, name: '=HYPERLINK("http://x")' },
  outcome: 'found',
  partial: false,
  bytes: 1234,
  sha256: HASH,
  started: { local: NOW },
  finished: { local: NOW },
  recordSha256: HASH,
};

export const record: ExhibitRecord = {
  ...(({ recordSha256, ...rest }) => rest)(exhibit),
  format: 1,
  tool: { name: 'Lading', version: '9.9.9' },
  how: { kind: 'api', method: 'GET', path: '/containers/x/json', status: 200 },
  accesses: [],
  examiner: 'A. Examiner',
  workstation: 'w',
};

export const finding: JudgedFinding = {
  id: 'F1',
  rule: 'container.privileged',
  ruleVersion: '1',
  attackVersion: '19',
  machine: true,
  title: 'Privileged container',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1610', 'T1611'],
  target: exhibit.target,
  claim: 'Container \u202eevil runs privileged.',
  benign: 'Some agents need it.',
  cites: [{ exhibit: 'E0001', locator: 'json:/HostConfig/Privileged' }],
  status: 'open',
};

export function task(change: Partial<Task> = {}): Task {
  return {
    id: 't1',
    kind: 'collect',
    title: 'Collect',
    case: '/c',
    state: 'done',
    begun: NOW,
    done: 1,
    total: 1,
    bytes: 2048,
    items: [],
    ...change,
  };
}

/** A stream of a task's states, as tasks.watch gives it. */
export async function* states(...tasks: Task[]): AsyncGenerator<Task> {
  yield* tasks;
}
