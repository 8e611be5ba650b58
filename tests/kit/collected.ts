import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type FrameSet, parseFrames } from '../../src/main/analyze/formats/frames';
import { type HostFile, type HostFiles, hostFilesOf } from '../../src/main/analyze/formats/host-files';
import { CaseSession } from '../../src/main/cases/session';
import type { Collector } from '../../src/main/collect/collector';
import { makePlan } from '../../src/main/collect/plan';
import { collectorById } from '../../src/main/collect/registry';
import { type RunOptions, runCollection } from '../../src/main/collect/run';
import type { HostSession } from '../../src/main/docker/session';
import { ExhibitRecord, Outcome, type Plan, type Target, TargetRef, type TaskItem } from '../../src/shared/domain';
import { PLACE } from './case';

const Miss = z.object({ collector: z.string(), target: TargetRef, outcome: Outcome, reason: z.string() });
export type Miss = z.infer<typeof Miss>;

const Line = z.object({ action: z.string(), details: z.record(z.string(), z.unknown()) });
export type Line = z.infer<typeof Line>;

/** What a case holds after one collection. */
export interface Collected {
  path: string;
  plan: Plan;
  records: ExhibitRecord[];
  misses: Miss[];
  ledger: Line[];
  /** What the collection rejected with; undefined where it came to its end. */
  error?: unknown;
  bytes(record: ExhibitRecord): Promise<Buffer>;
}

export interface CollectOptions {
  inputs?: Record<string, unknown>;
  /** Targets by name; all without. */
  names?: string[];
  signal?: AbortSignal;
  patience?: RunOptions['patience'];
  /** Called at every change of an item. */
  onItem?: (key: string, change: Partial<Omit<TaskItem, 'key'>>) => void;
  onBytes?: (bytes: number, key: string) => void;
}

export function collectorsOf(ids: readonly string[]): Collector[] {
  return ids.map((id) => {
    const collector = collectorById(id);
    if (!collector) throw new Error(`no collector ${id}`);
    return collector;
  });
}

/** Runs collectors in a new case in `dir`, as the app does, and gives what the case then holds. */
export async function collectIn(
  dir: string,
  { session, targets }: { session: HostSession; targets: Target[] },
  ids: readonly string[],
  options: CollectOptions = {},
): Promise<Collected> {
  const path = join(dir, `case-${Math.random().toString(36).slice(2)}`);
  const kase = await CaseSession.create({ path, number: 'T-1', title: 'A test', examiner: 'A. Examiner' }, PLACE);
  const collectors = collectorsOf(ids);
  const { facts, spec } = session;
  const plan = makePlan([{ spec, facts, targets }], collectors, options.names, { inputs: options.inputs });
  let error: unknown;
  try {
    await runCollection({
      session: kase,
      plan,
      hosts: new Map([[facts.address, { session, targets }]]),
      collectors,
      signal: options.signal ?? new AbortController().signal,
      patience: options.patience,
      onItem: (key, change) => options.onItem?.(key, change),
      onBytes: (bytes, key) => options.onBytes?.(bytes, key),
      onDone() {},
    });
  } catch (thrown) {
    error = thrown;
  }
  const records: ExhibitRecord[] = [];
  for (const { id } of kase.data.exhibits) {
    records.push(ExhibitRecord.parse(JSON.parse(await readFile(join(path, 'evidence', id, 'exhibit.json'), 'utf8'))));
  }
  await kase.close();
  const text = (await readFile(join(path, 'ledger.jsonl'), 'utf8')).trimEnd().split('\n');
  const ledger = text.map((line) => Line.parse(JSON.parse(line)));
  const misses = ledger.filter((one) => one.action === 'collection.miss').map((one) => Miss.parse(one.details));
  const bytes = (record: ExhibitRecord) => readFile(join(path, 'evidence', record.id, record.file));
  return { path, plan, records, misses, ledger, error, bytes };
}

/** Items of the plan of which the case says nothing: neither an exhibit, nor a reference, nor a miss, nor why not. */
export function unaccounted({ plan, records, misses, ledger }: Collected): string[] {
  const key = (collector: string, target: TargetRef) => `${collector} ${target.kind}:${target.id}`;
  const said = new Set([
    ...records.map((one) => key(one.collector.id, one.target)),
    ...misses.map((one) => key(one.collector, one.target)),
    ...ledger
      .filter((one) => one.action === 'exhibit.referred')
      .map(({ details }) => key(String(details.collector), TargetRef.parse(details.target))),
  ]);
  return plan.items
    .filter((one) => one.impossible === undefined && !said.has(key(one.collector, one.target)))
    .map((one) => one.key);
}

export const taken = ({ records }: Collected, id: string, name?: string): ExhibitRecord[] =>
  records.filter((one) => one.collector.id === id && (name === undefined || one.target.name === name));

export const missed = ({ misses }: Collected, id: string, name?: string): Miss[] =>
  misses.filter((one) => one.collector === id && (name === undefined || one.target.name === name));

/** The frames of a collector's one exhibit of frames, whole and without faults. */
export async function framesOf(from: Collected, id: string, name?: string): Promise<FrameSet> {
  const [record] = taken(from, id, name).filter((one) => one.kind === 'frames');
  if (!record) throw new Error(`${id} gave no frames`);
  const set = parseFrames(await from.bytes(record));
  if (set.source !== id || !set.complete || set.faults.length > 0) throw new Error(`the frames of ${id} are not whole`);
  return set;
}

export const filesOf = async (from: Collected, id: string, name?: string): Promise<HostFiles> =>
  hostFilesOf(await framesOf(from, id, name));
export const at = (files: HostFiles, path: string): HostFile | undefined =>
  files.files.find((one) => one.path === path);
export const body = (file: HostFile | undefined): string => file?.content?.body.toString() ?? '';
/** A file as the exhibit has it; what was not read or is not there is undefined, to be compared. */
export const seen = (file: HostFile | undefined) =>
  file && {
    path: file.path,
    link: file.link,
    real: file.real,
    content: file.content,
    left: file.left,
    absent: file.absent,
  };
