import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveReader } from '../../src/main/analyze/formats/fs-archive';
import type { FsEntry } from '../../src/main/analyze/formats/fs-entry';
import type { App } from '../../src/main/app';
import type { ExhibitRecord, HostSpec, Task } from '../../src/shared/domain';

/** What a collection is asked for, beside case and host. */
export interface Asked {
  profile?: string;
  collectors?: string[];
  targets?: string[];
  inputs?: Record<string, unknown>;
  without?: string[];
}

/** A case on disk with a connected host, collected into by the calls that window and command line use. */
export interface LabCase {
  path: string;
  collect(asked: Asked): Promise<Task>;
  /** Records of all exhibits, in their order. */
  records(): Promise<ExhibitRecord[]>;
  bytes(record: ExhibitRecord): Promise<Buffer>;
  misses(): Promise<{ collector: string; target: { name: string }; outcome: string; reason: string }[]>;
  close(): Promise<void>;
}

/** Opens a new case in `path` and connects the host. */
export async function labCase(app: App, path: string, host: HostSpec): Promise<LabCase> {
  const { client } = app;
  await client.cases.create({ path, number: 'LAB', title: 'Lab', examiner: 'T. Tester' });
  await client.hosts.connect({ case: path, host });
  return {
    path,
    async collect(asked) {
      const { task } = await client.collect.start({
        case: path,
        hosts: [host],
        reason: 'test',
        acceptFootprint: true,
        ...asked,
      });
      for await (const now of await client.tasks.watch({ id: task })) if (now.state !== 'running') return now;
      return client.tasks.get({ id: task });
    },
    async records() {
      const all = await client.exhibits.list({ case: path });
      return Promise.all(all.map(({ id }) => client.exhibits.get({ case: path, id })));
    },
    bytes: (record) => readFile(join(path, 'evidence', record.id, record.file)),
    async misses() {
      const { data } = await client.cases.get({ case: path });
      return data.collections.flatMap((one) => one.misses);
    },
    close: async () => void (await client.cases.close({ case: path })),
  };
}

/** A member of an archive with its content. */
export interface Member {
  entry: FsEntry;
  content: Buffer;
}

/** Every member of a tar, by its path in the file system as text. */
export function members(bytes: Buffer): { all: Map<string, Member>; faults: string[] } {
  const all = new Map<string, Member>();
  const faults: string[] = [];
  let pieces: Buffer[] = [];
  const reader = archiveReader('E0001', {
    entry: () => {
      pieces = [];
    },
    content: (piece) => void pieces.push(Buffer.from(piece)),
    ended: (entry) => void all.set(entry.path, { entry, content: Buffer.concat(pieces) }),
    fault: (offset, reason) => void faults.push(`${offset}: ${reason}`),
  });
  reader.push(bytes);
  reader.end();
  return { all, faults };
}
