import { createGunzip } from 'node:zlib';
import type { ExhibitRecord } from '../../../shared/domain';
import { visible } from '../../../shared/visible';
import { type Reading, readListing } from '../files/listing';
import { readFrames } from '../formats/frames';
import { hostFilesOf } from '../formats/host-files';
import { HEAD_BYTES, logFormatOf } from '../formats/logs';
import { dockerApi } from '../formats/logs/docker-json';
import type { LogFormat } from '../formats/logs/record';
import type { LogPlace } from '../formats/logs/time';

/** A log in an exhibit: the whole of it, or a file in there. */
export interface LogSource {
  exhibit: ExhibitRecord;
  /** The file's name where it was, or the exhibit's title. Hostile text. */
  path: string;
  format: LogFormat;
  place: LogPlace;
  /** Bytes of the log, unpacked. */
  open(): AsyncIterable<Buffer>;
  /** The place in the exhibit; of a packed log all of it. */
  locate(record: { offset: number; length: number }): string;
}

/** Collectors whose frames hold logs, and what they call them. */
const FRAMES: Readonly<Record<string, RegExp>> = {
  'engine.journal': /^(?:log|journal)$/,
  'container.journal': /^journal$/,
  'host.audit': /^(?:log|journal)$/,
  'host.auth-log': /^(?:log|journal)$/,
  'host.logins': /^(?:wtmp|utmp|btmp|lastlog)$/,
  'host.histories': /^history$/,
  'host.kernel': /^log$/,
  'host.time-sync': /^log$/,
  'host.cron': /^log$/,
};
/** Exhibits that are one log. */
const WHOLE = new Set(['container.log-files', 'import.container-log', 'import.json-log', 'import.container-local-log']);
/** File systems as a container, or a volume, has them; layers of an image are older than it. */
const ARCHIVES = new Set(['container.upper', 'container.export', 'volume.content']);
/** Files of a file system that are logs. */
const LOG_PATH =
  /^\/(?:var\/log\/.+|(?:root|home\/[^/]+)\/\.[a-z_]*history|(?:root|home\/[^/]+)\/\.local\/share\/fish\/fish_history|run\/utmp)$/;
/** A packed log may become so long, in bytes. */
const UNPACKED_MAX = 4 * 1024 ** 3;
/** Frames above it are measured, not kept: names are short. */
const FRAME_KEPT = 16 * 1024;

/** Whether an exhibit may hold logs. */
export function holdsLogs({ collector, kind }: Pick<ExhibitRecord, 'collector' | 'kind'>): boolean {
  if (kind === 'docker log') return true;
  if (kind === 'frames') return Object.hasOwn(FRAMES, collector.id);
  if (kind === 'log' || kind === 'binary') return WHOLE.has(collector.id);
  return kind === 'tar' && ARCHIVES.has(collector.id);
}

/** The logs of an exhibit, in the order in which they lie in it. A file that no format fits is said, and left out. */
export async function* logSources(ctx: Reading, exhibit: ExhibitRecord): AsyncGenerator<LogSource> {
  const path = exhibit.file;
  if (exhibit.kind === 'docker log') {
    yield { ...base(exhibit, path), format: dockerApi, open: () => pieces(ctx, exhibit), locate: locator(0) };
  } else if (exhibit.kind === 'tar') {
    for (const { path: name, type, content } of await readListing(ctx, exhibit)) {
      if (type !== 'file' || !content || content.length === 0 || !LOG_PATH.test(name)) continue;
      if (content.exhibit !== exhibit.id) continue;
      const source = await sourceAt(ctx, exhibit, name, content);
      if (source) yield source;
    }
  } else if (exhibit.kind === 'frames') {
    const set = await readFrames(ctx.stream(exhibit), { keep: FRAME_KEPT });
    const { files, commands } = hostFilesOf(set);
    const wanted = FRAMES[exhibit.collector.id];
    for (const { as, path: name, content } of files) {
      if (!wanted?.test(as) || !content || content.length === 0) continue;
      const source = await sourceAt(ctx, exhibit, name, content);
      if (source) yield source;
      else ctx.unreadable(exhibit, `${visible(name, { max: 200 })} is no log of a kind that is known.`);
    }
    for (const { name, output } of commands.values()) {
      if (!wanted?.test(name) || !output || output.length === 0) continue;
      const source = await sourceAt(ctx, exhibit, name, output);
      if (source) yield source;
    }
  } else {
    const source = await sourceAt(ctx, exhibit, path, { offset: 0, length: exhibit.bytes });
    if (source) yield source;
    else ctx.unreadable(exhibit, `${visible(path, { max: 200 })} is no log of a kind that is known.`);
  }
}

function base(exhibit: ExhibitRecord, path: string): Pick<LogSource, 'exhibit' | 'path' | 'place'> {
  return { exhibit, path, place: { collected: Date.parse(exhibit.started.host ?? exhibit.started.local) } };
}

function locator(from: number): LogSource['locate'] {
  return ({ offset, length }) => `bytes:${from + offset}+${length}`;
}

interface Span {
  offset: number;
  length: number;
}

async function sourceAt(
  ctx: Reading,
  exhibit: ExhibitRecord,
  path: string,
  { offset, length }: Span,
): Promise<LogSource | undefined> {
  const end = offset + length;
  const start = await collect(
    pieces(ctx, exhibit, { start: offset, end: Math.min(end, offset + HEAD_BYTES) }),
    HEAD_BYTES,
  );
  const packed = start[0] === 0x1f && start[1] === 0x8b;
  const whole = () => pieces(ctx, exhibit, { start: offset, end });
  const open = packed ? () => unpacked(whole()) : whole;
  try {
    const head = packed ? await collect(open(), HEAD_BYTES) : start;
    const format = logFormatOf(path, head);
    if (!format) return undefined;
    const locate = packed ? () => `bytes:${offset}+${length}` : locator(offset);
    return { ...base(exhibit, path), format, open, locate };
  } catch (error) {
    if (!packed || !isZlib(error)) throw error;
    ctx.unreadable(exhibit, `${visible(path, { max: 200 })} cannot be unpacked: ${error.message}`);
    return undefined;
  }
}

/** What zlib says of broken input; anything else is no fault of the log. */
function isZlib(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^Z_/.test(error.code);
}

async function* pieces(
  ctx: Reading,
  exhibit: ExhibitRecord,
  range?: { start: number; end: number },
): AsyncGenerator<Buffer> {
  for await (const piece of ctx.stream(exhibit, range)) yield Buffer.isBuffer(piece) ? piece : Buffer.from(piece);
}

async function collect(source: AsyncIterable<Buffer>, most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const piece of source) {
    parts.push(piece);
    length += piece.length;
    if (length >= most) break;
  }
  return Buffer.concat(parts).subarray(0, most);
}

/** Ends quietly at what a bomb would swell to; the reader of the format says that the log ends in the middle. */
async function* unpacked(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const through = createGunzip();
  const feeding = (async () => {
    try {
      for await (const piece of source) {
        if (through.destroyed) return;
        if (!through.write(piece)) {
          await new Promise<void>((go) => {
            through.once('drain', go).once('close', go);
          });
        }
      }
      through.end();
    } catch (error) {
      through.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  })();
  let length = 0;
  try {
    for await (const piece of through as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > UNPACKED_MAX) return;
      yield piece;
    }
  } finally {
    through.destroy();
    await feeding;
  }
}
