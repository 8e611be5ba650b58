import type { ImportedItem, ImportKind, ImportResult } from '../../shared/contract/import';
import type { TaskItem } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import type { CaseSession } from '../cases/session';
import { importOne } from './one';

export interface ImportOptions {
  session: CaseSession;
  /** Absolute paths of files and folders. */
  paths: readonly string[];
  kind?: ImportKind;
  /** Who gave it, when and how. */
  from?: string;
  /** What else the examiner says of it. */
  note?: string;
  signal: AbortSignal;
  onItem(key: string, change: Partial<Omit<TaskItem, 'key'>>): void;
  onBytes(bytes: number, key: string): void;
  onDone(done: number, total: number): void;
}

const ENDS: Record<ImportedItem['state'], TaskItem['state']> = {
  stored: 'done',
  partial: 'partial',
  'in the case already': 'done',
  failed: 'failed',
};

/**
 * Makes exhibits of evidence that somebody else took, one path after the other. What is going to be imported is in the
 * ledger first, each exhibit as it is done, and at the end what became of each path. One that fails ends itself alone; a
 * full disk or a cancel ends all, and what arrived is kept. Rejects with DISK_FULL, CANCELLED or a fault of Lading.
 */
export async function runImport(options: ImportOptions): Promise<ImportResult> {
  const { session, signal } = options;
  const paths = [...new Set(options.paths)];
  // The number of its own ledger entry: no two imports have the same.
  const name = await session.exclusive(async () => {
    const id = `I${session.head.seq + 1}`;
    await session.append('import.begun', id, {
      from: options.from,
      note: options.note,
      paths,
      kind: options.kind,
    });
    return id;
  });
  for (const [i, path] of paths.entries()) options.onItem(keyOf(i), { label: path, state: 'waiting' });
  options.onDone(0, paths.length);
  const result: ImportResult = {
    import: name,
    exhibits: 0,
    referred: 0,
    partial: 0,
    failed: 0,
    bytes: 0,
    items: [],
  };
  let fatal: LadingError | undefined;
  for (const [i, path] of paths.entries()) {
    const key = keyOf(i);
    if (fatal || signal.aborted) {
      options.onItem(key, { state: 'cancelled' });
      result.items.push(untouched(path));
      continue;
    }
    options.onItem(key, { state: 'running' });
    const { item, error } = await importOne(path, {
      ...options,
      importId: name,
      count: (record) => {
        result.exhibits += 1;
        result.bytes += record.bytes;
        if (record.partial) result.partial += 1;
      },
      onBytes: (bytes) => options.onBytes(bytes, key),
      onNote: (note) => options.onItem(key, { note }),
    });
    result.items.push(item);
    if (item.state === 'failed') result.failed += 1;
    if (item.state === 'in the case already') result.referred += 1;
    const cancelled = signal.aborted && item.state === 'failed';
    options.onItem(key, { state: cancelled ? 'cancelled' : ENDS[item.state], note: noteOf(item) });
    options.onDone(i + 1, paths.length);
    if (error && (error.code === 'DISK_FULL' || error.code === 'INTERNAL' || error.code === 'CASE_READ_ONLY')) {
      fatal = error;
    }
  }
  await session.append('import.ended', name, {
    state: fatal ? 'failed' : signal.aborted ? 'cancelled' : 'done',
    exhibits: result.exhibits,
    referred: result.referred,
    bytes: result.bytes,
    items: result.items,
    error: fatal?.toData(),
  });
  await session.save().catch((error: unknown) => {
    fatal ??= asLadingError(error);
  });
  if (fatal) throw fatal;
  if (signal.aborted) {
    throw new LadingError('CANCELLED', `Import ${name} was cancelled; ${result.exhibits} exhibits are kept.`);
  }
  return result;
}

const keyOf = (i: number): string => `path ${i + 1}`;

function untouched(path: string): ImportedItem {
  return { path, state: 'failed', members: 0, bytes: 0, notes: ['The import ended before this began.'] };
}

function noteOf(item: ImportedItem): string {
  const parts = [
    item.exhibit && (item.state === 'in the case already' ? `in the case already: ${item.exhibit}` : item.exhibit),
    item.kind && `${item.kind}: ${item.why ?? ''}`,
    item.members > 0 && `${item.members} members taken out of it`,
    ...item.notes,
  ];
  return parts.filter((part) => part).join('; ');
}
