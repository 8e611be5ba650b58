import type { Citation, ExhibitRecord } from '../../../../../shared/domain';
import type { AnalyzeContext } from '../../../analyzer';
import { frameLocator, readFrames } from '../../../formats/frames';
import { parseInet } from '../../../formats/proc-net';
import type { Indicator } from '../../../lists/indicator';
import { tokenScanner } from '../../../lists/tokens';
import { CITES_LIMIT } from '../rule';

/** Where one indicator stands in one exhibit. */
export interface Found {
  indicator: Indicator;
  exhibit: ExhibitRecord;
  count: number;
  /** The first of them. */
  cites: Citation[];
  /** In a table of sockets: as the other end of a connection, or as an own address. */
  socket: boolean;
}

/** Lists themselves, and bytes in which no word stands as text. */
const SKIPPED = new Set([
  'import.known-bad',
  'import.known-good',
  'import.indicators',
  'import.yara-rules',
  'image.layers',
  'image.save',
]);
const SOCKETS = new Set(['container.sockets', 'host.sockets', 'container.processes', 'host.processes']);
const TABLES = /^net\/((?:tcp|udp|udplite|raw)6?)$/;
/** Of addresses that stand as text beside a URL's host so many are looked at. */
const URLS_MAX = 2000;

/** Looks for addresses, domains, URLs and digests in every exhibit, as a stream. */
export async function searchExhibits(ctx: AnalyzeContext, indicators: readonly Indicator[]): Promise<Found[]> {
  const byWord = new Map<string, Indicator[]>();
  for (const indicator of indicators) {
    const word = wordOf(indicator);
    if (word === undefined) continue;
    const held = byWord.get(word);
    if (held) held.push(indicator);
    else byWord.set(word, [indicator]);
  }
  if (byWord.size === 0) return [];
  const found: Found[] = [];
  for (const exhibit of ctx.exhibits) {
    if (SKIPPED.has(exhibit.collector.id) || exhibit.kind === 'pcap') continue;
    found.push(...(await inExhibit(ctx, exhibit, byWord)));
  }
  return found;
}

/** The word by which an indicator is looked for; a name of a file is compared with names alone. */
function wordOf({ kind, value }: Indicator): string | undefined {
  if (kind === 'name') return undefined;
  if (kind !== 'url') return value;
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@\s]*@)?([^/:?#\s]+)/i.exec(value)?.[1]?.toLowerCase();
}

async function inExhibit(
  ctx: AnalyzeContext,
  exhibit: ExhibitRecord,
  byWord: ReadonlyMap<string, readonly Indicator[]>,
): Promise<Found[]> {
  const found = new Map<Indicator, Found>();
  const urls: { indicator: Indicator; offset: number; length: number }[] = [];
  const add = (indicator: Indicator, locator: string, socket: boolean) => {
    const held = found.get(indicator) ?? { indicator, exhibit, count: 0, cites: [], socket };
    found.set(indicator, held);
    held.count++;
    held.socket ||= socket;
    if (held.cites.length < CITES_LIMIT) held.cites.push({ exhibit: exhibit.id, locator });
  };
  const scanner = tokenScanner(
    (token) => byWord.has(token),
    ({ token, offset, length }) => {
      for (const indicator of byWord.get(token) ?? []) {
        if (indicator.kind === 'url') {
          if (urls.length < URLS_MAX) urls.push({ indicator, offset, length });
        } else add(indicator, `bytes:${offset}+${length}`, false);
      }
    },
  );
  for await (const piece of ctx.stream(exhibit)) scanner.push(Buffer.isBuffer(piece) ? piece : Buffer.from(piece));
  scanner.end();
  for (const { indicator, offset } of urls) {
    const before = indicator.value.toLowerCase().indexOf(wordOf(indicator) ?? '');
    const start = offset - before;
    if (start < 0) continue;
    const length = Buffer.byteLength(indicator.value);
    const bytes = await pieceOf(ctx, exhibit, start, length);
    if (bytes.equals(Buffer.from(indicator.value))) add(indicator, `bytes:${start}+${length}`, false);
  }
  if (exhibit.kind === 'frames' && SOCKETS.has(exhibit.collector.id)) {
    for (const frame of (await readFrames(ctx.stream(exhibit), { keep: 64 << 20 })).frames) {
      const protocol = TABLES.exec(frame.name)?.[1];
      if (protocol === undefined) continue;
      for (const row of parseInet(frame.body, protocol).rows) {
        const address = row.remoteAddress.replace(/^::ffff:/, '');
        for (const indicator of byWord.get(address) ?? []) add(indicator, frameLocator(frame, row), true);
      }
    }
  }
  return [...found.values()];
}

async function pieceOf(ctx: AnalyzeContext, exhibit: ExhibitRecord, start: number, length: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const piece of ctx.stream(exhibit, { start, end: start + length }))
    parts.push(Buffer.isBuffer(piece) ? piece : Buffer.from(piece));
  return Buffer.concat(parts);
}
