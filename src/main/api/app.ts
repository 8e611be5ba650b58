import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { LadingError } from '../../shared/errors';
import { LEDGER_FILE } from '../custody/ledger';
import type { Services } from '../services';
import type { Implementer } from './kit';

export function appApi(os: Implementer, s: Services) {
  return {
    info: os.app.info.handler(() => ({
      version: s.place.tool.version,
      workstation: s.place.workstation,
      user: s.place.user,
      platform: process.platform,
      runtime: s.place.runtime,
      home: homedir(),
      window: s.window,
      openCase: s.openCase,
    })),
    settings: {
      get: os.app.settings.get.handler(() => s.settings.settings),
      set: os.app.settings.set.handler(({ input }) => s.settings.change(input)),
    },
    folders: os.app.folders.handler(async ({ input }) => {
      const path = resolve(input.path ?? homedir());
      const names = await readdir(path, { withFileTypes: true }).catch((cause) => {
        throw new LadingError('FILE_UNREADABLE', `The folder ${path} cannot be read: ${cause.message}`, { cause });
      });
      const folders = names.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
      const files = input.files ? names.filter((entry) => entry.isFile()) : [];
      const entries = await Promise.all(
        folders.map(async ({ name }) => ({
          name,
          path: join(path, name),
          folder: true,
          case: await readdir(join(path, name)).then(
            (inside) => inside.includes(LEDGER_FILE),
            () => false,
          ),
        })),
      );
      entries.push(...files.map(({ name }) => ({ name, path: join(path, name), folder: false, case: false })));
      entries.sort((a, b) => a.name.localeCompare(b.name, 'en'));
      const above = dirname(path);
      return { path, parent: above === path ? undefined : above, separator: sep, entries };
    }),
  };
}
