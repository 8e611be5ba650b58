import type { Citation, ExhibitRecord } from '../../../shared/domain';
import { visible } from '../../../shared/visible';
import { type AnalyzeContext, defineAnalyzer } from '../analyzer';
import { elfStarts, withoutFile } from '../memory/carve';
import {
  type ByteSource,
  hexAddress,
  type MemoryLayout,
  type MemorySpace,
  type Region,
  segmentFrom,
} from '../memory/layout';
import { holdsMemory, layoutOf } from '../memory/open';
import { eachExhibit, listed, type Rule, report } from './lib/rule';

export const memoryRwx: Rule = {
  id: 'memory.writable-executable',
  version: '1',
  title: 'Memory that can be written and executed',
  severity: 'medium',
  confidence: 'possible',
  techniques: ['T1055'],
  benign: 'A runtime that compiles while it runs (Java, JavaScript, .NET, PCRE) has such memory.',
};

export const memoryElf: Rule = {
  id: 'memory.program-without-file',
  version: '1',
  title: 'A program in memory that came from no file',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1055', 'T1620'],
  benign:
    'A program that reads other programs (a scanner, a debugger, a package manager) holds their bytes in its memory, not executable.',
};

export const memoryGone: Rule = {
  id: 'memory.runs-deleted-file',
  version: '1',
  title: 'A process executes a file that is on no disk',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1620', 'T1070.004'],
  benign:
    'The file was replaced by an update while the process went on, or a runtime uses memfd_create(2) for code that it makes.',
};

export const memoryHeld: Rule = {
  id: 'memory.deleted-open-file',
  version: '1',
  title: 'A deleted file that a process still has open',
  severity: 'low',
  confidence: 'certain',
  techniques: ['T1070.004'],
  benign: 'Programs delete temporary files right after they open them.',
};

/** Every rule of this file. */
export const memoryRules: readonly Rule[] = [memoryRwx, memoryElf, memoryGone, memoryHeld];

/** Bytes that a citation of memory shows. */
const CITED = 4096;
/** Places that a claim names. */
const NAMED = 8;

/** Injected code, programs without a file, deleted files: in process cores and checkpoints. */
export default defineAnalyzer({
  id: 'memory',
  version: '1',
  title: 'Memory of processes',
  accepts: holdsMemory,
  analyze: (ctx, exhibits) =>
    eachExhibit(ctx, exhibits, async (exhibit) => {
      const source = sourceOf(ctx, exhibit);
      const head = await source.read(0, 3);
      if (head[0] === 0x1f && head[1] === 0x8b) {
        ctx.unreadable(
          exhibit,
          'A packed checkpoint: its places cannot be cited. Import the unpacked archive to have it analysed.',
        );
        return;
      }
      const layout = await layoutOf(source, exhibit);
      if (!layout || layout.spaces.every(({ kind }) => kind === 'physical')) return;
      for (const fault of layout.faults) ctx.unreadable(exhibit, fault);
      // Read once from end to end: a file that is not what was collected is refused before a finding rests on it.
      for await (const _ of ctx.stream(exhibit));
      for (const space of layout.spaces)
        if (space.kind === 'process') await oneSpace(ctx, exhibit, layout, source, space);
      heldFiles(ctx, exhibit, layout);
    }),
});

function sourceOf(ctx: AnalyzeContext, exhibit: ExhibitRecord): ByteSource {
  return {
    size: exhibit.bytes,
    async read(offset, length) {
      const end = Math.min(exhibit.bytes, offset + length);
      const pieces: Buffer[] = [];
      if (end > offset)
        for await (const piece of ctx.stream(exhibit, { start: offset, end })) pieces.push(Buffer.from(piece));
      return Buffer.concat(pieces);
    },
  };
}

const words = ({ pid, comm }: MemorySpace) => `Process ${pid ?? '?'} (${visible(comm ?? '?', { max: 40 })})`;
const place = ({ start, end, perms, name }: Region) =>
  `${hexAddress(start)}–${hexAddress(end)} ${perms}${name === '' ? '' : ` ${visible(name, { max: 100 })}`}`;

/** The bytes at an address, where the exhibit has them. */
function citeAt(exhibit: ExhibitRecord, space: MemorySpace, start: bigint, end: bigint): Citation {
  const segment = space.segments[segmentFrom(space.segments, start)];
  if (!segment || segment.address >= end) return { exhibit: exhibit.id, locator: 'whole' };
  const from = segment.address > start ? segment.address : start;
  const skip = Number(from - segment.address);
  const length = Math.min(CITED, segment.length - skip, Number(end - from));
  return { exhibit: exhibit.id, locator: `bytes:${segment.offset + skip}+${length}` };
}

async function oneSpace(
  ctx: AnalyzeContext,
  exhibit: ExhibitRecord,
  { form }: MemoryLayout,
  source: ByteSource,
  space: MemorySpace,
) {
  const cite = ({ start, end }: Region) => citeAt(exhibit, space, start, end);
  const all = (rule: Rule, regions: readonly Region[], says: string) => {
    if (regions.length === 0) return;
    report(ctx, rule, exhibit.target, {
      claim: `${words(space)} ${says}: ${listed(regions.map(place), NAMED)}.`,
      cites: regions.map(cite),
    });
  };
  all(
    memoryRwx,
    space.regions.filter((one) => withoutFile(one) && /^rwx/.test(one.perms)),
    'has memory of no file that can be written and executed',
  );
  const gone = space.regions.filter(
    (one) => one.perms[2] === 'x' && (one.kind === 'memfd' || (one.kind === 'file' && one.deleted)),
  );
  all(memoryGone, gone, 'executes code of a file that is on no disk');
  const memory = {
    layout: { form, spaces: [space], files: [], faults: [] },
    source,
    unpacked: false,
    close: async () => {},
  };
  for (const region of space.regions.filter(withoutFile)) {
    const starts = await elfStarts(memory, space, region);
    if (starts.length === 0) continue;
    const runs = region.perms[2] === 'x';
    report(ctx, memoryElf, exhibit.target, {
      claim: `${words(space)} has the beginning of an ELF program at ${listed(starts.map(hexAddress), NAMED)}, in ${place(region)}, which is no file's memory.`,
      cites: starts.map((start) => citeAt(exhibit, space, start, region.end)),
      // not executable: it may be data that the process reads
      ...(runs ? {} : { severity: 'low' as const, confidence: 'possible' as const }),
    });
  }
}

function heldFiles(ctx: AnalyzeContext, exhibit: ExhibitRecord, { files }: MemoryLayout): void {
  for (const { kind, name, size, pieces, pids } of files) {
    const [first] = pieces;
    if (kind !== 'ghost' || !first) continue;
    const who = pids.length === 0 ? 'A process' : `Process ${listed(pids.map(String))}`;
    report(ctx, memoryHeld, exhibit.target, {
      claim: `${who} had ${visible(name, { max: 300 })} (${size} bytes) open, which was deleted; the checkpoint holds its content.`,
      cites: [{ exhibit: exhibit.id, locator: `bytes:${first.offset}+${first.length}` }],
    });
  }
}
