import type { Readable } from 'node:stream';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import type { CollectContext } from '../collector';

/** Opened as root without touching the access time where dd can (GNU); else with head. */
const READ = `
if dd if=/proc/version of=/dev/null iflag=noatime,count_bytes count=1 status=none 2>/dev/null; then
  exec dd if="$1" iflag=noatime,fullblock,count_bytes bs=1048576 count="$2" status=none
fi
exec head -c "$2" "$1"
`;

/**
 * A small file that the engine keeps, as root: a pointer that says where evidence lies, no evidence itself. Undefined where there is
 * none. Throws COMMAND_FAILED for a failure or for more than `limit` bytes.
 */
export async function readHostFile(ctx: CollectContext, path: string, limit: number): Promise<Buffer | undefined> {
  const run = await ctx.host.exec(['sh', '-c', READ, 'lading', path, String(limit + 1)], {
    asRoot: true,
    signal: ctx.signal,
  });
  const [bytes, words, exit] = await Promise.all([
    atMost(run.stdout, limit + 1),
    atMost(run.stderr, 1 << 16),
    run.done,
  ]);
  const said = visible(words.toString('utf8').trim(), { max: 300 });
  if (exit.code !== 0) {
    if (/no such file/i.test(said)) return undefined;
    throw new LadingError('COMMAND_FAILED', `${visible(path, { max: 300 })} could not be read: ${said}`);
  }
  if (bytes.length > limit) {
    throw new LadingError('COMMAND_FAILED', `${visible(path, { max: 300 })} is larger than ${limit} bytes.`);
  }
  return bytes;
}

/** Reads a stream to its end and keeps its first bytes. */
export async function atMost(stream: Readable, limit: number): Promise<Buffer> {
  const kept: Buffer[] = [];
  let have = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    if (have < limit) kept.push(piece.subarray(0, limit - have));
    have += piece.length;
  }
  return Buffer.concat(kept);
}
