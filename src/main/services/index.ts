import type { Logger } from 'pino';
import type { Workplace } from '../cases/session';
import type { SettingsStore } from '../cases/settings';
import type { Shelf } from '../cases/shelf';
import type { OwnProfiles } from '../collect/own-profiles';
import type { KeyRing } from '../custody/keys';
import type { Connections } from './connections';
import type { Tasks } from './tasks';

/** How the core is being looked at. */
export type WindowKind = 'electron' | 'browser' | 'none';

/** Everything the calls of the contract work with; app.ts makes it, the only place that constructs things. */
export interface Services {
  place: Workplace & { user: string; runtime: string };
  window: WindowKind;
  openCase?: string;
  configDir: string;
  log: Logger;
  settings: SettingsStore;
  shelf: Shelf;
  connections: Connections;
  profiles: OwnProfiles;
  keys: KeyRing;
  tasks: Tasks;
}
