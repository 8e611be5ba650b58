import { z } from 'zod';
import { base, InCase, TaskStarted } from './base';

/** What an import can be. All but a raw memory image, lists and rules are recognised by what is in them. */
export const IMPORT_KINDS = [
  'docker-save',
  'oci-archive',
  'docker-export',
  'docker-inspect',
  'json-log',
  'data-root',
  'containerd-root',
  'checkpoint',
  'uac',
  'pcap',
  'memory',
  'tar',
  'json',
  'known-bad',
  'known-good',
  'indicators',
  'yara-rules',
  'binary',
] as const;
export const ImportKind = z.enum(IMPORT_KINDS);
export type ImportKind = z.infer<typeof ImportKind>;

/** What became of one file or folder that was given. */
export const ImportedItem = z.object({
  path: z.string(),
  state: z.enum(['stored', 'partial', 'in the case already', 'failed']),
  kind: ImportKind.optional(),
  /** By what it was recognised, or that it was not. */
  why: z.string().optional(),
  /** The exhibit that holds it. */
  exhibit: z.string().optional(),
  /** Exhibits of single members that were taken out of it. */
  members: z.number(),
  sha256: z.string().optional(),
  bytes: z.number(),
  /** Why it is partial or failed, and whatever else was met. */
  notes: z.array(z.string()),
});
export type ImportedItem = z.infer<typeof ImportedItem>;

export const ImportResult = z.object({
  import: z.string(),
  exhibits: z.number(),
  referred: z.number(),
  partial: z.number(),
  failed: z.number(),
  bytes: z.number(),
  items: z.array(ImportedItem),
});
export type ImportResult = z.infer<typeof ImportResult>;

/** What one file or folder seems to be, before anything is stored. */
export const ImportLook = z.object({
  path: z.string(),
  folder: z.boolean(),
  /** Of a file. */
  bytes: z.number().optional(),
  kind: ImportKind.optional(),
  /** By what it was recognised, or that it was not. */
  why: z.string().optional(),
  /** What will happen, in sentences. */
  plan: z.array(z.string()),
  /** Why it cannot be imported. */
  problem: z.string().optional(),
});
export type ImportLook = z.infer<typeof ImportLook>;

export const imports = {
  /** The kinds, with what they are called. */
  kinds: base.output(z.array(z.object({ kind: ImportKind, title: z.string() }))),
  /** Looks at the beginnings of files and the names in folders: what they are, and what would happen. Stores nothing. */
  look: base
    .input(InCase.extend({ paths: z.array(z.string().min(1)).min(1).max(1000), kind: ImportKind.optional() }))
    .output(z.array(ImportLook)),
  /** Makes exhibits of files and folders of this machine, as a task; its result is an ImportResult. */
  start: base
    .input(
      InCase.extend({
        /** Absolute paths of files and folders. They are only read. */
        paths: z.array(z.string().min(1)).min(1).max(1000),
        /** What they are, where the examiner knows better than their content says. */
        kind: ImportKind.optional(),
        /** Who gave it, when and how. */
        from: z.string().max(2000).optional(),
        /** What else there is to say of it. */
        note: z.string().max(2000).optional(),
      }),
    )
    .output(TaskStarted),
};
