import { mkdir, readdir, readFile, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Low } from 'lowdb';
import { JSONFile } from 'lowdb/node';
import type { NewCase } from '../../shared/contract/cases';
import { type CaseData, type Entry, ExhibitRecord, type OpenCase } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import { EvidenceDoor } from '../custody/evidence';
import { syncFolder } from '../custody/files';
import { createLedger, LEDGER_FILE, Ledger, type Torn, type Who } from '../custody/ledger';
import { lockCase } from '../custody/lock';
import { EVIDENCE, RECORD_FILE } from '../custody/record';
import { ACTIONS, type Action, type Details } from './actions';
import { applyEntry, emptyCase } from './project';
import { recoverCase } from './recover';
import { holdReserve, releaseReserve } from './reserve';

/** case.json is written at most so often while a collection runs, in milliseconds; at close and at a seal always. */
const SAVE_EVERY = 1000;

/** What every entry and record says of this program and machine. */
export interface Workplace {
  workstation: string;
  tool: { name: string; version: string };
}

/**
 * An open case: its ledger, what the ledger says (`data`), and the evidence door. One that cannot be written, because
 * another process holds it or the disk refuses, is opened for reading and `readOnly` says why.
 */
export class CaseSession {
  readonly dir: string;
  readonly place: Workplace;
  readonly data: CaseData;
  readonly readOnly: string | undefined;
  /** What was found and set right when it was opened. */
  readonly recovered: string[] = [];
  /** Throws CASE_READ_ONLY when used in a case that is open for reading. */
  readonly door: EvidenceDoor;
  readonly #ledger: Ledger;
  readonly #unlock: (() => Promise<void>) | undefined;
  readonly #file: Low<CaseData>;
  readonly #listeners = new Set<() => void>();
  #saving: NodeJS.Timeout | undefined;
  #saved: Promise<void> = Promise.resolve();
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    dir: string,
    place: Workplace,
    ledger: Ledger,
    data: CaseData,
    how: { unlock?: () => Promise<void>; readOnly?: string },
  ) {
    this.dir = dir;
    this.place = place;
    this.data = data;
    this.readOnly = how.readOnly;
    this.#ledger = ledger;
    this.#unlock = how.unlock;
    this.#file = new Low(new JSONFile<CaseData>(join(dir, 'case.json')), data);
    this.door = new EvidenceDoor({
      dir,
      lastExhibit: Math.max(0, ...data.exhibits.map((exhibit) => Number(exhibit.id.slice(1)))),
      announce: async (action, exhibit, text) => {
        await this.append(action, exhibit.id, { exhibit, how: text });
      },
      diskFull: () => releaseReserve(dir),
    });
  }

  /** Makes a case folder. It must not exist yet, or be empty; throws CASE_EXISTS. */
  static async create(input: NewCase, place: Workplace): Promise<CaseSession> {
    const dir = input.path;
    await mkdir(dir, { recursive: true }).catch((cause) => {
      throw new LadingError('BAD_INPUT', `The folder ${dir} cannot be made: ${cause.message}`, {
        advice: 'Choose a place where you may write.',
        cause,
      });
    });
    const there = await readdir(dir);
    if (there.length > 0) {
      throw new LadingError('CASE_EXISTS', `${dir} is not empty.`, {
        advice: there.includes(LEDGER_FILE)
          ? 'It is a case already: open it, or choose another folder.'
          : 'Choose a new or an empty folder for the case.',
      });
    }
    const unlock = await lockCase(dir);
    try {
      await mkdir(join(dir, EVIDENCE));
      await createLedger(join(dir, LEDGER_FILE));
      await syncFolder(dir);
      const { ledger } = await Ledger.open(join(dir, LEDGER_FILE), { write: true });
      const data = emptyCase();
      data.examiner = input.examiner;
      const session = new CaseSession(dir, place, ledger, data, { unlock });
      await holdReserve(dir);
      const { number, title, agency } = input;
      await session.append('case.opened', crypto.randomUUID(), {
        format: 1,
        number,
        title,
        agency: agency || undefined,
        tool: `${place.tool.name} ${place.tool.version}`,
      });
      await session.save();
      return session;
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /** Opens a case for writing, setting right what a crash left, or for reading where writing cannot be. */
  static async open(dir: string, place: Workplace): Promise<CaseSession> {
    const path = join(dir, LEDGER_FILE);
    await readFile(path).catch((cause) => {
      throw new LadingError('CASE_NOT_FOUND', `${dir} is not a case: it has no readable ${LEDGER_FILE}.`, {
        advice: 'Give the folder that holds ledger.jsonl and evidence/.',
        cause,
      });
    });
    let unlock: (() => Promise<void>) | undefined;
    let readOnly: string | undefined;
    try {
      unlock = await lockCase(dir);
    } catch (error) {
      readOnly = whyReadOnly(error, dir);
    }
    try {
      const data = emptyCase();
      const entries: Entry[] = [];
      const { ledger, torn } = await Ledger.open(path, {
        write: readOnly === undefined,
        onEntry: (entry) => {
          applyEntry(data, entry);
          if (/^(?:report|import)\./.test(entry.action)) entries.push(entry);
        },
      });
      const session = new CaseSession(dir, place, ledger, data, { unlock, readOnly });
      if (readOnly === undefined) await session.#setRight(torn, entries);
      return session;
    } catch (error) {
      await unlock?.();
      throw error;
    }
  }

  async #setRight(torn: Torn | undefined, reports: Entry[]): Promise<void> {
    await releaseReserve(this.dir);
    this.recovered.push(...(await recoverCase(this, torn, reports)));
    await holdReserve(this.dir);
    await this.save();
  }

  get head(): { seq: number; hash: string } {
    return this.data.head;
  }

  get who(): Who {
    return { examiner: this.data.examiner, workstation: this.place.workstation };
  }

  /** Adds an entry to the ledger; resolves once it is on disk and the case says so too. */
  async append<A extends Action>(action: A, subject: string, details: Details<A>): Promise<Entry> {
    if (this.readOnly !== undefined) {
      throw new LadingError('CASE_READ_ONLY', `The case is open for reading only. ${this.readOnly}`, {
        advice: 'Close it where it is being written and open it again.',
      });
    }
    const parsed = ACTIONS[action].parse(details) as Record<string, unknown>;
    const write = () => this.#ledger.append(this.who, action, subject, parsed);
    let entry: Entry;
    try {
      entry = await write();
    } catch (error) {
      if (asLadingError(error).code !== 'DISK_FULL') throw error;
      await releaseReserve(this.dir);
      entry = await write();
    }
    applyEntry(this.data, entry);
    this.#changed();
    return entry;
  }

  /** Runs work that numbers things or seals: one at a time, so that no two get one number. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work, work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** The ledger's entries from a number on, oldest first. */
  entries(from: number, limit: number): Promise<Entry[]> {
    return this.#ledger.read(from, limit);
  }

  get entryCount(): number {
    return this.#ledger.count;
  }

  /** An exhibit's whole record. Throws BAD_INPUT for a number that the case does not have. */
  async record(id: string): Promise<ExhibitRecord> {
    if (!this.data.exhibits.some((exhibit) => exhibit.id === id)) {
      throw new LadingError('BAD_INPUT', `The case has no exhibit ${id}.`, { advice: 'List the exhibits.' });
    }
    try {
      return ExhibitRecord.parse(JSON.parse(await readFile(join(this.dir, EVIDENCE, id, RECORD_FILE), 'utf8')));
    } catch (cause) {
      throw new LadingError('CASE_DAMAGED', `The record of ${id} cannot be read.`, {
        advice: 'Verify the case.',
        cause,
      });
    }
  }

  /** Every exhibit's record, in the order of their numbers. */
  async records(): Promise<ExhibitRecord[]> {
    const records: ExhibitRecord[] = [];
    for (const { id } of this.data.exhibits) records.push(await this.record(id));
    return records;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(): void {
    this.#saving ??= setTimeout(() => {
      void this.save().catch(() => undefined); // the ledger has it; the next save or the next open writes case.json
    }, SAVE_EVERY);
    for (const listener of this.#listeners) listener();
  }

  /** Writes case.json now. */
  save(): Promise<void> {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    if (this.readOnly !== undefined) return Promise.resolve();
    this.#saved = this.#saved.then(
      () => this.#file.write(),
      () => this.#file.write(),
    );
    return this.#saved;
  }

  /** The case as the window is told of it. */
  async toOpenCase(): Promise<OpenCase> {
    const disk = await statfs(this.dir).catch(() => undefined);
    return {
      path: this.dir,
      data: this.data,
      head: this.head,
      readOnly: this.readOnly,
      recovered: this.recovered,
      freeBytes: disk ? disk.bavail * disk.bsize : 0,
    };
  }

  async close(): Promise<void> {
    try {
      await this.save();
    } finally {
      await this.#ledger.close();
      if (this.readOnly === undefined) await releaseReserve(this.dir);
      await rm(join(this.dir, '.case.json.tmp'), { force: true }).catch(() => undefined);
      await this.#unlock?.();
    }
  }
}

function whyReadOnly(error: unknown, dir: string): string {
  if (error instanceof LadingError && error.code === 'CASE_LOCKED') return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return `${dir} cannot be written (${String(code)}).`;
  throw error;
}
