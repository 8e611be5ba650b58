import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach } from 'vitest';
import { sealCase } from '../../src/main/cases/seal-case';
import { CaseSession, type Workplace } from '../../src/main/cases/session';
import { KeyRing } from '../../src/main/custody/keys';
import type { Provenance } from '../../src/main/custody/record';
import type { TargetRef } from '../../src/shared/domain';

export const PLACE: Workplace = { workstation: 'ws', tool: { name: 'Lading', version: '0.0.0' } };
export const PASSPHRASE = 'correct horse battery';
export const WEB: TargetRef = { kind: 'container', id: 'c'.repeat(64), name: 'web' };

const dirs: string[] = [];

/** A folder of its own for a test, removed after it. */
export async function scratch(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lading-test-'));
  dirs.push(dir);
  return dir;
}

afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true });
});

/** A new case in a folder of its own. */
export async function newCase(number = 'T-1'): Promise<CaseSession> {
  const path = join(await scratch(), 'case');
  return CaseSession.create({ path, number, title: 'A test', examiner: 'A. Examiner' }, PLACE);
}

/** What a record says beyond bytes and times, for exhibits that a test makes. */
export function provenance(session: CaseSession, collection?: string): Provenance {
  return {
    collector: { id: 'test.bytes', version: '1' },
    tool: PLACE.tool,
    collection,
    host: { id: 'host-1', address: 'ssh://root@10.77.1.2', hostname: 'host1' },
    target: WEB,
    accesses: [],
    clockOffsetMs: -1500,
    ...session.who,
  };
}

/** Stores bytes through the door. */
export function store(session: CaseSession, file: string, bytes: string | Buffer, collection?: string) {
  return session.door.store(
    { file, kind: 'text', title: `The file ${file}` },
    provenance(session, collection),
    Readable.from([Buffer.from(bytes)]),
    () => ({ kind: 'api', method: 'GET', path: '/v1.45/info', status: 200 }),
  );
}

/** A key ring without a keychain, in a folder of its own. */
export async function keyRing(): Promise<KeyRing> {
  return new KeyRing(await scratch(), { get: () => undefined, set: () => false });
}

/** A sealed, closed case of three exhibits; gives its folder. */
export async function sealedCase(keys?: KeyRing): Promise<string> {
  const session = await newCase();
  await session.append('collection.begun', 'C1', { hosts: ['ssh://root@10.77.1.2'], plan: [] });
  for (const [name, text] of Object.entries({ 'a.txt': 'alpha', 'b.json': '{"b":1}', 'c.bin': '\u0000\u0001' })) {
    await store(session, name, text, 'C1');
  }
  await session.append('collection.ended', 'C1', { state: 'done', exhibits: 3, misses: 0, bytes: 14 });
  await sealCase(session, keys ?? (await keyRing()), PASSPHRASE);
  await session.close();
  return session.dir;
}
