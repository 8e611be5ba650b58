import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultConfigDir, SettingsStore } from '../../../src/main/cases/settings';
import { newCase, scratch } from '../../kit/case';

describe('where settings rest', () => {
  it('is the place each system has for such', () => {
    const at = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform) => defaultConfigDir(env, platform, 'HOME');
    expect(at({}, 'linux')).toBe(join('HOME', '.config', 'lading'));
    expect(at({ XDG_CONFIG_HOME: 'xdg' }, 'linux')).toBe(join('xdg', 'lading'));
    expect(at({}, 'darwin')).toBe(join('HOME', 'Library', 'Application Support', 'Lading'));
    expect(at({ APPDATA: 'roaming' }, 'win32')).toBe(join('roaming', 'Lading'));
    expect(at({}, 'win32')).toBe(join('HOME', 'AppData', 'Roaming', 'Lading'));
    expect(at({ LADING_CONFIG: 'mine' }, 'win32')).toBe('mine');
  });
});

describe('settings and recent cases', () => {
  it('are kept, and a broken file is begun anew', async () => {
    const dir = await scratch();
    const session = await newCase('T-7');
    const open = await session.toOpenCase();
    const store = await SettingsStore.open(dir);
    await store.change({ examiner: 'R. Mora' });
    await store.remember(open);
    const again = await SettingsStore.open(dir);
    expect(again.settings).toMatchObject({ examiner: 'R. Mora', theme: 'auto' });
    expect(await again.recent()).toMatchObject([{ number: 'T-7', path: session.dir, present: true }]);
    await again.forget(session.dir);
    expect(await again.recent()).toEqual([]);
    await writeFile(join(dir, 'lading.json'), '{"settings":');
    expect((await SettingsStore.open(dir)).settings.examiner).toBe('');
    await session.close();
  });
});
