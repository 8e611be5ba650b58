import type { MemoryExhibit } from '../../shared/contract/memory';
import type { ExhibitRecord } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import type { Db } from '../analyze/index/db';
import { indexState, withIndex } from '../analyze/index/store';
import { memoryCandidates } from '../analyze/memory/candidates';
import { carvables } from '../analyze/memory/carve';
import { filesOfHash, processOfSpace, socketsOf } from '../analyze/memory/joined';
import { hexAddress, type MemorySpace, readSpace } from '../analyze/memory/layout';
import { holdsMemory, type OpenMemory, openMemory } from '../analyze/memory/open';
import { searchMemory } from '../analyze/memory/search';
import { mayBeBash, typedCommands } from '../analyze/memory/shell-history';
import { memoryTexts } from '../analyze/memory/strings';
import type { CaseSession } from '../cases/session';
import type { Services } from '../services';
import type { Implementer } from './kit';
import { carveOut } from './memory-carve';
import {
  brokenShape,
  candidateShape,
  carvedShape,
  exhibitShape,
  heldOfRegion,
  heldPlaces,
  hitShape,
  summaryFields,
  textShape,
} from './memory-shapes';
import { volatilityApi } from './memory-volatility';

/** Bytes that one call looks at, so that the caller can show how far it is and cancel. */
const BUDGET = 256 << 20;

export function memoryApi(os: Implementer, s: Services) {
  return {
    exhibits: os.memory.exhibits.handler(async ({ input, signal }) => {
      const session = await s.shelf.open(input.case);
      const found: MemoryExhibit[] = [];
      for (const record of (await session.records()).filter(holdsMemory)) {
        const about = summaryFields(record);
        try {
          const memory = await openMemory(session.dir, record, signal);
          if (!memory) continue;
          found.push(exhibitShape(about, memory));
          await memory.close();
        } catch (error) {
          found.push(brokenShape(about, asLadingError(error).message));
        }
      }
      return found;
    }),
    regions: os.memory.regions.handler(({ input }) =>
      withMemory(s, input, async ({ memory }) => {
        const space = spaceOf(memory, input.space);
        return space.regions.map((region) => ({
          start: hexAddress(region.start),
          end: hexAddress(region.end),
          perms: region.perms,
          kind: region.kind,
          name: region.name,
          deleted: region.deleted,
          size: Number(region.end - region.start),
          held: heldOfRegion(space, region),
        }));
      }),
    ),
    read: os.memory.read.handler(({ input }) =>
      withMemory(s, input, async ({ memory }) => {
        const space = spaceOf(memory, input.space);
        const address = BigInt(input.address);
        const { bytes, held } = await readSpace(memory.source, space, address, input.length);
        return { base64: bytes.toString('base64'), held: heldPlaces(space, address, held, memory.unpacked) };
      }),
    ),
    search: os.memory.search.handler(({ input, signal }) =>
      withMemory(s, input, async ({ memory }) => {
        const { hits, next, done, total } = await searchMemory(memory, input.query, scanOf(memory, input, signal));
        const { query } = input;
        const terms = query.kind === 'text' ? query.terms : [query.kind === 'hex' ? query.hex : query.pattern];
        return { hits: hits.map((hit) => hitShape(hit, terms, memory.unpacked)), next: next ?? null, done, total };
      }),
    ),
    strings: os.memory.strings.handler(({ input, signal }) =>
      withMemory(s, input, async ({ memory }) => {
        const { least, containing } = input;
        const page = await memoryTexts(memory, { ...scanOf(memory, input, signal), least, containing });
        const { texts, next, done, total } = page;
        return { texts: texts.map((text) => textShape(text, memory.unpacked)), next: next ?? null, done, total };
      }),
    ),
    candidates: os.memory.candidates.handler(({ input, signal }) =>
      withMemory(s, input, async ({ memory }) => {
        const kinds = input.kinds && new Set(input.kinds);
        const page = await memoryCandidates(memory, { ...scanOf(memory, input, signal), kinds });
        const { candidates, next, done, total } = page;
        const shapes = candidates.map((one) => candidateShape(one, memory.unpacked, input.reveal));
        return { candidates: shapes, next: next ?? null, done, total };
      }),
    ),
    commands: os.memory.commands.handler(({ input, signal }) =>
      withMemory(s, input, async ({ memory }) => {
        const asked =
          input.space === undefined ? memory.layout.spaces.filter(mayBeBash) : [spaceOf(memory, input.space)];
        const all = [];
        for (const space of asked) all.push(...(await typedCommands(memory, space, signal)));
        return all.map(({ space, address, entry, time, command }) => ({
          space: space.id,
          address: hexAddress(address),
          entry: hexAddress(entry),
          time,
          command,
        }));
      }),
    ),
    carved: os.memory.carved.handler(({ input, signal }) =>
      withMemory(s, input, async ({ session, memory }) => {
        const all = await carvables(memory, signal);
        const same = indexed(session, (db) => all.map(({ sha256 }) => filesOfHash(db, sha256))) ?? [];
        return all.map((one, i) => carvedShape(one, same[i] ?? []));
      }),
    ),
    carve: os.memory.carve.handler(({ input, signal }) =>
      withMemory(s, input, ({ session, memory, record }) => carveOut(session, record, memory, input, signal)),
    ),
    process: os.memory.process.handler(({ input }) =>
      withMemory(s, input, async ({ session, memory, record }) => {
        const space = spaceOf(memory, input.space);
        const known = indexed(session, (db) => {
          const process = processOfSpace(db, record, memory.layout.form, space);
          return { process: process ?? null, sockets: process ? socketsOf(db, process.id) : [] };
        });
        const own = space.sockets.map(({ protocol, local, remote, state }) => ({ protocol, local, remote, state }));
        return {
          process: known?.process ?? null,
          sockets: own.length > 0 ? own : (known?.sockets ?? []),
          open: space.open,
          environment: space.environment ?? [],
        };
      }),
    ),
    volatility: volatilityApi(os, s),
  };
}

interface Opened {
  session: CaseSession;
  record: ExhibitRecord;
  memory: OpenMemory;
}

/** Opens an exhibit of memory for one call. Throws BAD_INPUT for an exhibit that is none. */
async function withMemory<T>(
  s: Services,
  input: { case: string; exhibit: string },
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  const session = await s.shelf.open(input.case);
  const record = (await session.records()).find(({ id }) => id === input.exhibit);
  const memory = record && holdsMemory(record) ? await openMemory(session.dir, record) : undefined;
  if (!record || !memory) {
    throw new LadingError('BAD_INPUT', `${input.exhibit} is no exhibit of memory.`, {
      advice: 'Exhibits of memory are process cores, checkpoints, and images of a host’s memory.',
    });
  }
  try {
    return await work({ session, record, memory });
  } finally {
    await memory.close();
  }
}

function spaceOf({ layout }: OpenMemory, id: string): MemorySpace {
  const space = layout.spaces.find((one) => one.id === id);
  if (space) return space;
  throw new LadingError('BAD_INPUT', `There is no address space ${JSON.stringify(id)}.`, {
    advice: `There are: ${layout.spaces
      .slice(0, 20)
      .map((one) => one.id)
      .join(', ')}.`,
  });
}

function scanOf(
  memory: OpenMemory,
  input: { space?: string; from?: number; limit: number },
  signal: AbortSignal | undefined,
) {
  const spaces = input.space === undefined ? undefined : new Set([spaceOf(memory, input.space).id]);
  return { spaces, from: input.from, limit: input.limit, budget: BUDGET, signal };
}

/** What the index says, where there is one that can be read: memory is looked at without one too. */
function indexed<T>(session: CaseSession, work: (db: Db) => T): T | undefined {
  const { state } = indexState(session.dir, session.data.exhibits);
  return state === 'ready' || state === 'stale' ? withIndex(session.dir, work) : undefined;
}
