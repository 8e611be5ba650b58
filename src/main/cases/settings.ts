import { mkdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Low } from 'lowdb';
import { JSONFile } from 'lowdb/node';
import { z } from 'zod';
import { Settings } from '../../shared/contract/app';
import { type OpenCase, RecentCase, VerifyResult } from '../../shared/domain';

/** Cases the start screen remembers. */
const REMEMBERED = 50;

/** Where this examiner's settings, key and known hosts rest. LADING_CONFIG overrides the system's place for such. */
export function defaultConfigDir(
  env: NodeJS.ProcessEnv = process.env,
  platform = process.platform,
  home = homedir(),
): string {
  if (env.LADING_CONFIG) return env.LADING_CONFIG;
  if (platform === 'win32') return join(env.APPDATA ?? join(home, 'AppData', 'Roaming'), 'Lading');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Lading');
  return join(env.XDG_CONFIG_HOME ?? join(home, '.config'), 'lading');
}

const Remembered = RecentCase.omit({ present: true, verified: true }).extend({ verify: VerifyResult.optional() });
const Stored = z.object({
  settings: Settings,
  recent: z.array(Remembered),
});
type Stored = z.infer<typeof Stored>;

/** Settings and recent cases of one examiner's account, in `lading.json`. A file that cannot be read is begun anew. */
export class SettingsStore {
  readonly #file: Low<Stored>;

  private constructor(file: Low<Stored>) {
    this.#file = file;
  }

  static async open(configDir: string): Promise<SettingsStore> {
    await mkdir(configDir, { recursive: true, mode: 0o700 });
    const empty: Stored = { settings: Settings.parse({}), recent: [] };
    const file = new Low(new JSONFile<Stored>(join(configDir, 'lading.json')), empty);
    try {
      await file.read();
      file.data = Stored.parse(file.data);
    } catch {
      file.data = empty;
    }
    return new SettingsStore(file);
  }

  get settings(): Settings {
    return this.#file.data.settings;
  }

  async change(change: Partial<Settings>): Promise<Settings> {
    this.#file.data.settings = { ...this.settings, ...change };
    await this.#file.write();
    return this.settings;
  }

  /** The cases opened here, last first. */
  async recent(): Promise<RecentCase[]> {
    return Promise.all(
      this.#file.data.recent.map(async ({ verify, ...one }) => ({
        ...one,
        present: (await stat(join(one.path, 'ledger.jsonl')).catch(() => undefined)) !== undefined,
        verified: verify && { ok: verify.ok, time: verify.time },
      })),
    );
  }

  async remember({ path, data }: Pick<OpenCase, 'path' | 'data'>): Promise<void> {
    const { recent } = this.#file.data;
    const held = recent.find((one) => one.path === path);
    const { number, title, examiner } = data;
    this.#file.data.recent = [
      { ...held, path, number, title, examiner, opened: new Date().toISOString() },
      ...recent.filter((one) => one !== held),
    ].slice(0, REMEMBERED);
    await this.#file.write();
  }

  async forget(path: string): Promise<void> {
    this.#file.data.recent = this.#file.data.recent.filter((one) => one.path !== path);
    await this.#file.write();
  }

  lastVerify(path: string): VerifyResult | undefined {
    return this.#file.data.recent.find((one) => one.path === path)?.verify;
  }

  async verified(path: string, verify: VerifyResult): Promise<void> {
    const held = this.#file.data.recent.find((one) => one.path === path);
    if (!held) return;
    held.verify = { ...verify, faults: verify.faults.slice(0, 1000) };
    await this.#file.write();
  }
}
