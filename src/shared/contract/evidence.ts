import { z } from 'zod';
import { Citation, ExhibitId, TargetRef } from '../domain';
import { base, InCase } from './base';

const Page = {
  offset: z.number().int().nonnegative().default(0),
  limit: z.number().int().positive().max(2000).default(200),
};

/** What makes a process stand out; each is a fact of the evidence, not yet a finding. */
export const PROCESS_MARKS = [
  'deleted', // its executable was deleted
  'memfd', // its executable never had a file
  'added', // its executable is not of the image
  'modified', // its executable is other than in the image
  'traced', // another process traces it
  'finding', // a finding rests on it
] as const;
export const ProcessMark = z.enum(PROCESS_MARKS);
export type ProcessMark = z.infer<typeof ProcessMark>;

/** One process, in however many exhibits it was seen. Times are UTC. */
export const ProcessRow = z.object({
  id: z.number(),
  parent: z.number().nullable(),
  depth: z.number(),
  /** Processes below it. */
  below: z.number(),
  host: z.string(),
  hostname: z.string().nullable(),
  /** Container id; null for what runs on the host itself. */
  container: z.string().nullable(),
  containerName: z.string().nullable(),
  pid: z.number(),
  /** Its number in the container. */
  inside: z.number().nullable(),
  ppid: z.number().nullable(),
  started: z.string().nullable(),
  comm: z.string(),
  command: z.string(),
  state: z.string().nullable(),
  uid: z.number().nullable(),
  euid: z.number().nullable(),
  user: z.string().nullable(),
  exe: z.string().nullable(),
  sha256: z.string().nullable(),
  /** 'image': as in the image; null: not known. */
  drift: z.enum(['added', 'modified', 'image']).nullable(),
  kernel: z.boolean(),
  threads: z.number().nullable(),
  /** Bytes. */
  rss: z.number().nullable(),
  sockets: z.number(),
  marks: z.array(ProcessMark),
  exhibit: ExhibitId,
  locator: z.string(),
});
export type ProcessRow = z.infer<typeof ProcessRow>;

/** One socket with who holds it. */
export const ConnectionRow = z.object({
  id: z.number(),
  target: TargetRef,
  host: z.string(),
  hostname: z.string().nullable(),
  netns: z.string().nullable(),
  protocol: z.string(),
  localAddress: z.string().nullable(),
  localPort: z.number().nullable(),
  remoteAddress: z.string().nullable(),
  remotePort: z.number().nullable(),
  state: z.string(),
  /** 'in' and 'out' are inferred: from what listens in the same namespace, and from the ports. */
  direction: z.string().nullable(),
  uid: z.number().nullable(),
  inode: z.number(),
  path: z.string().nullable(),
  holders: z.array(
    z.object({ process: z.number(), pid: z.number(), comm: z.string(), fd: z.number(), cite: Citation }),
  ),
  exhibit: ExhibitId,
  locator: z.string(),
});
export type ConnectionRow = z.infer<typeof ConnectionRow>;

/** A place where words were found. */
export const SearchHit = z.object({
  /** 'process', 'environ', 'socket', 'file', 'container', 'image', 'log', 'exhibit' … */
  kind: z.string(),
  /** For 'process' and 'environ': the process. */
  process: z.number().nullable(),
  target: TargetRef,
  exhibit: ExhibitId,
  title: z.string(),
  locator: z.string(),
  /** Some words around it; `from` and `to` are where the hit stands in it. */
  excerpt: z.string(),
  from: z.number(),
  to: z.number(),
});
export type SearchHit = z.infer<typeof SearchHit>;

/** One thing that is tied to what is explained. */
export const ExplainItem = z.object({
  text: z.string(),
  /** Red in the window, ! on the terminal. */
  notable: z.boolean().default(false),
  cites: z.array(Citation),
  /** What to ask `explain` for to go there. */
  about: z.string().optional(),
});
export type ExplainItem = z.infer<typeof ExplainItem>;

export const Explanation = z.object({
  about: z.string(),
  kind: z.enum(['process', 'path', 'address', 'hash', 'exhibit', 'container', 'words', 'nothing']),
  title: z.string(),
  sections: z.array(
    z.object({
      title: z.string(),
      items: z.array(ExplainItem),
      /** Items that are not listed. */
      more: z.number(),
    }),
  ),
});
export type Explanation = z.infer<typeof Explanation>;

export const evidence = {
  /**
   * Whether the index is of now's exhibits; begins to make it where it is not, and gives the task. `reasons` says in
   * sentences why it is not.
   */
  prepare: base.input(InCase).output(
    z.object({
      state: z.enum(['ready', 'stale', 'missing', 'damaged']),
      reasons: z.array(z.string()),
      task: z.string().nullable(),
    }),
  ),
  /** Processes in the order of the tree, parents before children. */
  processes: base
    .input(
      InCase.extend({
        /** Container id; 'host' for what runs on the host itself. */
        container: z.string().optional(),
        /** Part of name, command line or executable. */
        text: z.string().max(1000).optional(),
        /** Only what stands out. */
        notable: z.boolean().default(false),
        /** Only this process and those below it. */
        under: z.number().int().optional(),
        ...Page,
      }),
    )
    .output(
      z.object({
        rows: z.array(ProcessRow),
        total: z.number(),
        /** Of the whole case, for the filter. */
        containers: z.array(z.object({ id: z.string(), name: z.string(), processes: z.number() })),
      }),
    ),
  connections: base
    .input(
      InCase.extend({
        container: z.string().optional(),
        /** Part of an address, a path or a holder's name; or a port. */
        text: z.string().max(1000).optional(),
        /** Unix and netlink sockets too. */
        all: z.boolean().default(false),
        ...Page,
      }),
    )
    .output(z.object({ rows: z.array(ConnectionRow), total: z.number() })),
  /** Full text over all rows and over text in exhibits; at least three characters are found fast. `total` counts to 10,000. */
  search: base
    .input(InCase.extend({ text: z.string().min(1).max(1000), kinds: z.array(z.string()).optional(), ...Page }))
    .output(z.object({ hits: z.array(SearchHit), total: z.number() })),
  /** Everything tied to one thing: a PID, a path, an address, a SHA-256, an exhibit, a container, else words; 'process:7' is row 7. */
  explain: base.input(InCase.extend({ about: z.string().min(1).max(4096) })).output(Explanation),
};
