import { hostname, userInfo } from 'node:os';
import { createRouterClient } from '@orpc/server';
import { pino } from 'pino';
import packageJson from '../../package.json';
import { appApi } from './api/app';
import { casesApi } from './api/cases';
import { collectApi } from './api/collect';
import { custodyApi } from './api/custody';
import { evidenceApi } from './api/evidence';
import { exhibitsApi } from './api/exhibits';
import { filesApi } from './api/files';
import { findingsApi } from './api/findings';
import { hostsApi } from './api/hosts';
import { importApi } from './api/import';
import { investigationsApi } from './api/investigations';
import { implementer } from './api/kit';
import { liveApi } from './api/live';
import { memoryApi } from './api/memory';
import { networkApi } from './api/network';
import { notesApi } from './api/notes';
import { reportApi } from './api/report';
import { tasksApi } from './api/tasks';
import { timelineApi } from './api/timeline';
import { defaultConfigDir, SettingsStore } from './cases/settings';
import { Shelf } from './cases/shelf';
import { OwnProfiles } from './collect/own-profiles';
import { KeyRing, systemKeychain } from './custody/keys';
import type { Services, WindowKind } from './services';
import { Connections } from './services/connections';
import { Tasks } from './services/tasks';

export interface AppOptions {
  /** Where settings, the signing key and known hosts rest; the account's usual place when absent. */
  configDir?: string;
  window: WindowKind;
  /** A case folder to show at start. */
  openCase?: string;
}

/**
 * Builds the core: the services and the calls over them. The window, the command line and the tests all drive this.
 * `close` cancels what runs, keeps what arrived, ends the connections and gives the cases back.
 */
export async function createApp(options: AppOptions) {
  const configDir = options.configDir ?? defaultConfigDir();
  const place = {
    workstation: hostname(),
    tool: { name: 'Lading', version: packageJson.version },
    user: userName(),
    runtime: process.versions.electron
      ? `Electron ${process.versions.electron}, Node ${process.versions.node}`
      : `Node ${process.versions.node}`,
  };
  const services: Services = {
    place,
    window: options.window,
    openCase: options.openCase,
    configDir,
    log: pino({ level: process.env.LADING_LOG ?? 'error' }, pino.destination({ dest: 2, sync: true })),
    settings: await SettingsStore.open(configDir),
    shelf: new Shelf(place),
    connections: new Connections(configDir),
    profiles: new OwnProfiles(configDir),
    keys: new KeyRing(configDir, await systemKeychain()),
    tasks: new Tasks(),
  };
  const os = implementer(services);
  const router = os.router({
    app: appApi(os, services),
    cases: casesApi(os, services),
    hosts: hostsApi(os, services),
    collect: collectApi(os, services),
    import: importApi(os, services),
    exhibits: exhibitsApi(os, services),
    evidence: evidenceApi(os, services),
    files: filesApi(os, services),
    findings: findingsApi(os, services),
    investigations: investigationsApi(os, services),
    live: liveApi(os),
    memory: memoryApi(os, services),
    network: networkApi(os, services),
    notes: notesApi(os, services),
    custody: custodyApi(os, services),
    report: reportApi(os, services),
    tasks: tasksApi(os, services),
    timeline: timelineApi(os, services),
  });
  return {
    router,
    client: createRouterClient(router),
    /** What still runs, for a window that is asked to close. */
    running: () => services.tasks.running(),
    close: async () => {
      await services.tasks.close();
      await services.connections.close();
      await services.shelf.closeAll();
    },
  };
}

export type App = Awaited<ReturnType<typeof createApp>>;

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
