import { resolve } from 'node:path';
import type { NewCase } from '../../shared/contract/cases';
import { LadingError } from '../../shared/errors';
import { CaseSession, type Workplace } from './session';

/** The cases that are open in this process, by the absolute path of their folder. */
export class Shelf {
  readonly #place: Workplace;
  readonly #open = new Map<string, Promise<CaseSession>>();

  constructor(place: Workplace) {
    this.#place = place;
  }

  create(input: NewCase): Promise<CaseSession> {
    const path = resolve(input.path);
    if (this.#open.has(path)) {
      throw new LadingError('CASE_EXISTS', `${path} is a case already, and it is open.`, {
        advice: 'Choose another folder.',
      });
    }
    return this.#keep(path, CaseSession.create({ ...input, path }, this.#place));
  }

  /** The open case of that folder, opening it first where it is not. */
  open(path: string): Promise<CaseSession> {
    const full = resolve(path);
    return this.#open.get(full) ?? this.#keep(full, CaseSession.open(full, this.#place));
  }

  async close(path: string): Promise<void> {
    const full = resolve(path);
    const session = this.#open.get(full);
    this.#open.delete(full);
    await (await session)?.close();
  }

  async closeAll(): Promise<void> {
    for (const path of [...this.#open.keys()]) await this.close(path).catch(() => undefined);
  }

  async #keep(path: string, opening: Promise<CaseSession>): Promise<CaseSession> {
    this.#open.set(path, opening);
    try {
      return await opening;
    } catch (error) {
      if (this.#open.get(path) === opening) this.#open.delete(path);
      throw error;
    }
  }
}
