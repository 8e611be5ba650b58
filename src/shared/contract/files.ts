import { z } from 'zod';
import { ExhibitId, Sha256, TargetRef } from '../domain';
import { base, InCase } from './base';

/** What became of a file since the image; `unknown`: there is nothing to compare with. */
export const FileState = z.enum(['image', 'added', 'modified', 'metadata', 'deleted', 'opaque', 'unknown']);
export type FileState = z.infer<typeof FileState>;

/** A file system that can be looked at without extracting it. */
export const FileView = z.object({
  /** The same for the same exhibits: 'container:E0031', 'image:sha256:…', 'volume:E0040'. */
  key: z.string(),
  kind: z.enum(['container', 'image', 'volume']),
  target: TargetRef,
  /** The exhibit it is read from: of an image, the one that names its layers. */
  exhibit: ExhibitId,
  /** 'whole': every file is in the exhibit; 'upper': what is not in the image; 'layers': an image. */
  how: z.enum(['whole', 'upper', 'layers']),
  /** Every layer of the image is in the case, so that states rest on the image's own files. */
  complete: z.boolean(),
  hostname: z.string().nullable(),
  collection: z.string().nullable(),
  taken: z.string(),
  partial: z.boolean(),
  files: z.number(),
  /** Files that are not as in the image. */
  drift: z.number(),
  layers: z.array(z.object({ digest: z.string(), exhibit: ExhibitId.optional() })),
});
export type FileView = z.infer<typeof FileView>;

/** One file of a view. Times are UTC with as many digits as the archive has; null where it has none. */
export const FileRow = z.object({
  path: z.string(),
  /** The bytes of a path that is no UTF-8, as hex. */
  pathHex: z.string().optional(),
  type: z.string(),
  mode: z.number().nullable(),
  uid: z.number().nullable(),
  gid: z.number().nullable(),
  user: z.string().nullable(),
  group: z.string().nullable(),
  size: z.number().nullable(),
  mtime: z.string().nullable(),
  atime: z.string().nullable(),
  ctime: z.string().nullable(),
  link: z.string().nullable(),
  layer: z.string().nullable(),
  state: FileState,
  sha256: z.string().nullable(),
  package: z.string().nullable(),
  exhibit: ExhibitId,
  locator: z.string(),
  /** Its content can be read. */
  readable: z.boolean(),
});
export type FileRow = z.infer<typeof FileRow>;

/** What a modified file was in the image. */
export const FileBefore = z.object({
  type: z.string(),
  mode: z.number(),
  uid: z.number(),
  gid: z.number(),
  size: z.number(),
  mtime: z.string().nullable(),
  sha256: z.string().nullable(),
  link: z.string().nullable(),
  exhibit: ExhibitId,
  locator: z.string(),
  readable: z.boolean(),
});
export type FileBefore = z.infer<typeof FileBefore>;

export const FileDetail = FileRow.extend({
  view: z.string(),
  target: TargetRef,
  hardLink: z.string().nullable(),
  device: z.string().nullable(),
  /** Attribute values as hex. */
  xattrs: z.record(z.string(), z.string()),
  content: z.object({ exhibit: ExhibitId, locator: z.string() }).nullable(),
  /** What says the state, beside the row's own place: a whiteout, the engine's list. */
  stateAt: z.object({ exhibit: ExhibitId, locator: z.string() }).nullable(),
  was: FileBefore.nullable(),
});
export type FileDetail = z.infer<typeof FileDetail>;

export const FILE_SORTS = ['path', 'size', 'mtime', 'ctime', 'state'] as const;

const OfView = InCase.extend({ view: z.string().min(1) });
const OfFile = OfView.extend({
  path: z.string().min(1),
  /** 'image': as it was in the image, of a modified file. */
  version: z.enum(['now', 'image']).default('now'),
});
const Page = {
  offset: z.number().int().nonnegative().default(0),
  limit: z.number().int().positive().max(2000).default(200),
};

export const files = {
  /** What can be looked at. `stale` says in sentences why the index is not of now's exhibits; empty when it is. */
  views: base.input(InCase).output(z.object({ views: z.array(FileView), stale: z.array(z.string()) })),
  /** Files of a view: of one folder, or found anywhere below it; folders first unless sorted otherwise. */
  list: base
    .input(
      OfView.extend({
        /** Only what lies directly in this folder. */
        folder: z.string().optional(),
        /** Only folders. */
        foldersOnly: z.boolean().default(false),
        /** Part of the path, without regard to the case of ASCII letters. */
        text: z.string().max(1000).optional(),
        /** * and ? and [a-z], over the whole path; * takes slashes too. */
        glob: z.string().max(1000).optional(),
        sha256: Sha256.optional(),
        states: z.array(FileState).optional(),
        sort: z.enum(FILE_SORTS).default('path'),
        descending: z.boolean().default(false),
        ...Page,
      }),
    )
    .output(z.object({ rows: z.array(FileRow), total: z.number() })),
  get: base.input(OfView.extend({ path: z.string().min(1) })).output(FileDetail),
  /** A piece of a file's content, base64; at most 1 MiB a call. */
  read: base
    .input(
      OfFile.extend({ offset: z.number().int().nonnegative(), length: z.number().int().positive().max(1_048_576) }),
    )
    .output(z.object({ base64: z.string(), total: z.number() })),
  /** Offsets at which a text occurs in a file's content; as exhibits.find. */
  findIn: base
    .input(
      OfFile.extend({
        text: z.string().min(1).max(1000),
        from: z.number().int().nonnegative().default(0),
        limit: z.number().int().positive().max(10_000).default(1000),
      }),
    )
    .output(z.object({ hits: z.array(z.number()), more: z.boolean() })),
  /** Two views: what is only in one, or other in content or in rights. By hash where both have one, else size and time. */
  compare: base.input(InCase.extend({ left: z.string().min(1), right: z.string().min(1), ...Page })).output(
    z.object({
      rows: z.array(
        z.object({
          path: z.string(),
          what: z.enum(['only left', 'only right', 'content', 'metadata']),
          left: FileRow.optional(),
          right: FileRow.optional(),
        }),
      ),
      total: z.number(),
    }),
  ),
  /** Copies one file out of the case; the copy is hashed and in the ledger. */
  export: base
    .input(OfFile.extend({ to: z.string().min(1), reason: z.string().max(2000) }))
    .output(z.object({ path: z.string(), sha256: Sha256, bytes: z.number() })),
};
