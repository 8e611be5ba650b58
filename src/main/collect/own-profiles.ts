import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { OwnProfile, type Profile } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import { safeFileName } from '../custody/names';
import type { Collector } from './collector';

/** A profile names collectors; larger files are none. */
const FILE_LIMIT = 1 << 20;
const SUFFIX = '.json';

/** Why a profile cannot be used with these collectors; undefined where it can. */
export function profileTrouble(profile: OwnProfile, collectors: readonly Collector[]): string | undefined {
  const byId = new Map(collectors.map((one) => [one.id, one]));
  const unknown = profile.collectors.filter((id) => !byId.has(id)).map((id) => visible(id, { max: 100 }));
  if (unknown.length > 0) return `It names ${unknown.join(', ')}, which this Lading does not have.`;
  if (new Set(profile.collectors).size < profile.collectors.length) return 'It names a collector twice.';
  for (const [id, input] of Object.entries(profile.inputs ?? {})) {
    if (!profile.collectors.includes(id)) {
      return `It tells ${visible(id, { max: 100 })} something, which is not among its collectors.`;
    }
    const parsed = byId.get(id)?.input?.safeParse(input);
    if (!parsed) return `It tells ${id} something, which takes nothing.`;
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return `What it tells ${id} is not right: ${visible(`${issue?.path.join('.')}: ${issue?.message}`, { max: 200 })}.`;
    }
  }
  return undefined;
}

/** Parses a profile's file. Throws BAD_INPUT that says what is wrong. */
export function parseProfile(text: string, name: string): OwnProfile {
  const shown = visible(name, { max: 200 });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new LadingError('BAD_INPUT', `${shown} is no profile: it is not JSON.`, { cause });
  }
  const parsed = OwnProfile.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = visible(`${issue?.path.join('.') || 'the whole'}: ${issue?.message}`, { max: 200 });
  throw new LadingError('BAD_INPUT', `${shown} is no profile: ${where}.`, {
    advice: 'A profile has id, title, description, collectors (their ids) and, where needed, inputs.',
  });
}

/**
 * The examiner's own profiles: one JSON file each, so that they can be copied to a colleague. They are read anew each time:
 * a file may be put there by hand. One that is broken is listed with its reason, never left out.
 */
export class OwnProfiles {
  readonly #dir: string;

  constructor(configDir: string) {
    this.#dir = join(configDir, 'profiles');
  }

  async list(collectors: readonly Collector[]): Promise<Profile[]> {
    return Promise.all((await this.#names()).map((name) => this.#read(name, collectors)));
  }

  async #read(name: string, collectors: readonly Collector[]): Promise<Profile> {
    try {
      const bytes = await readFile(join(this.#dir, name));
      if (bytes.length > FILE_LIMIT) throw new LadingError('BAD_INPUT', `${visible(name)} is too large for a profile.`);
      const profile = parseProfile(bytes.toString('utf8'), name);
      return { ...profile, own: true, unusable: profileTrouble(profile, collectors) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const id = name.slice(0, -SUFFIX.length);
      return { id, title: id, description: '', collectors: [], own: true, unusable: visible(reason, { max: 400 }) };
    }
  }

  /** Writes it so that a reader never sees half of it. Throws BAD_INPUT for what cannot be used. */
  async save(profile: OwnProfile, collectors: readonly Collector[], taken: readonly string[]): Promise<Profile> {
    if (taken.some((id) => same(id, profile.id))) {
      throw new LadingError('BAD_INPUT', `"${profile.id}" is a profile of Lading itself.`, {
        advice: 'Give yours another id.',
      });
    }
    const trouble = profileTrouble(profile, collectors);
    if (trouble) throw new LadingError('BAD_INPUT', `The profile "${profile.id}" cannot be used. ${trouble}`);
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    const path = join(this.#dir, fileOf(profile.id));
    await writeFile(`${path}.new`, `${JSON.stringify(profile, undefined, 2)}\n`);
    await rename(`${path}.new`, path);
    for (const name of await this.#named(profile.id, collectors)) {
      if (name !== fileOf(profile.id)) await rm(join(this.#dir, name));
    }
    return { ...profile, own: true };
  }

  /** Writes one that can be used to a new file, to be given away. Throws BAD_INPUT where that cannot be. */
  async share(id: string, to: string, collectors: readonly Collector[]): Promise<{ path: string }> {
    const found = (await this.list(collectors)).find((one) => same(one.id, id) && one.unusable === undefined);
    if (!found) {
      throw new LadingError('BAD_INPUT', `There is no own profile "${visible(id, { max: 80 })}" that can be used.`, {
        advice: '`lading profiles` lists them.',
      });
    }
    if (!isAbsolute(to)) throw new LadingError('BAD_INPUT', `${visible(to)} is no whole path.`);
    await refuseCase(to);
    const { title, description, inputs } = found;
    const text = `${JSON.stringify({ id: found.id, title, description, collectors: found.collectors, inputs }, undefined, 2)}\n`;
    await writeFile(to, text, { flag: 'wx' }).catch((cause) => {
      const there = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
      throw new LadingError('BAD_INPUT', `${visible(to)} ${there ? 'is there already' : 'cannot be written'}.`, {
        advice: there ? 'Choose another name; Lading replaces no file.' : 'Choose a folder that you may write to.',
        cause,
      });
    });
    return { path: to };
  }

  /** Throws BAD_INPUT where there is none of that id. */
  async remove(id: string, collectors: readonly Collector[]): Promise<void> {
    const names = await this.#named(id, collectors);
    if (names.length === 0) {
      throw new LadingError('BAD_INPUT', `There is no own profile "${visible(id, { max: 80 })}".`, {
        advice: '`lading profiles` lists them.',
      });
    }
    for (const name of names) await rm(join(this.#dir, name));
  }

  /** The files that hold a profile of this id: one that was copied here may be called as it likes. */
  async #named(id: string, collectors: readonly Collector[]): Promise<string[]> {
    const names = await this.#names();
    const read = await Promise.all(names.map((name) => this.#read(name, collectors)));
    return names.filter((_, i) => same(read[i]?.id ?? '', id));
  }

  async #names(): Promise<string[]> {
    const names = await readdir(this.#dir).catch(() => []);
    return names.filter((name) => name.toLowerCase().endsWith(SUFFIX)).sort();
  }
}

/** A file that is put into a case would count there as one that somebody added. */
async function refuseCase(to: string): Promise<void> {
  for (let dir = dirname(to); ; dir = dirname(dir)) {
    const isCase = await stat(join(dir, 'ledger.jsonl')).then(
      () => true,
      () => false,
    );
    if (isCase) {
      throw new LadingError('BAD_INPUT', `${visible(to)} is inside a case folder.`, {
        advice: 'Choose a place outside: nothing is added to a case but by its ledger.',
      });
    }
    if (dir === dirname(dir)) return;
  }
}

/** File systems of Windows and macOS make no difference between cases, so neither do ids. */
function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function fileOf(id: string): string {
  return safeFileName(`${id.toLowerCase()}${SUFFIX}`);
}
