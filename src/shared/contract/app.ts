import { z } from 'zod';
import { base } from './base';

export const Settings = z.object({
  examiner: z.string().default(''),
  agency: z.string().default(''),
  theme: z.enum(['auto', 'light', 'dark']).default('auto'),
});
export type Settings = z.infer<typeof Settings>;

export const app = {
  /** What this Lading is and where it runs. */
  info: base.output(
    z.object({
      version: z.string(),
      workstation: z.string(),
      user: z.string(),
      platform: z.string(),
      runtime: z.string(),
      home: z.string(),
      /** 'electron' can open native dialogs; 'browser' cannot. */
      window: z.enum(['electron', 'browser', 'none']),
      /** The case given on the command line, opened at start. */
      openCase: z.string().optional(),
    }),
  ),
  settings: {
    get: base.output(Settings),
    set: base.input(Settings.partial()).output(Settings),
  },
  /** Folders, and `files` where asked for, below a path of this machine, for the in-window chooser; `parent` is absent at a root. */
  folders: base.input(z.object({ path: z.string().optional(), files: z.boolean().optional() })).output(
    z.object({
      path: z.string(),
      parent: z.string().optional(),
      separator: z.string(),
      entries: z.array(z.object({ name: z.string(), path: z.string(), folder: z.boolean(), case: z.boolean() })),
    }),
  ),
};
