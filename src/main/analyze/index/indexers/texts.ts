import type { ExhibitRecord } from '../../../../shared/domain';
import { defineIndexer, type IndexContext } from '../indexer';

/** Of one exhibit so many bytes are made searchable; the rest is said to be left out. */
const BYTES_MAX = 64 * 1024 * 1024;
/** A row of text: many lines, so that a million short lines are no million rows; a hit opens at its line. */
const ROW_BYTES = 4096;

/** Holes of a file and padding: one stands for all, as nobody looks for them and each would be three letters to index. */
const NULS = /\0{2,}/g;

/** Text of exhibits, so that anything in them is found: JSON, logs, output of commands. Frames have rows of their own. */
export default defineIndexer({
  id: 'texts',
  version: '2',
  title: 'Text in exhibits',
  accepts: ({ kind }) => kind === 'json' || kind === 'jsonl' || kind === 'text' || kind === 'log',
  async index(ctx, exhibits) {
    for (const exhibit of exhibits) {
      await ctx.pause();
      await write(ctx, exhibit);
    }
  },
});

/** Cuts at line feeds where there are any, and never within a character of UTF-8. */
async function write(ctx: IndexContext, exhibit: ExhibitRecord): Promise<void> {
  let pending: Buffer = Buffer.alloc(0);
  let at = 0;
  let rows = 0;
  const put = (end: number) => {
    const body = pending.toString('utf8', 0, end);
    if (/[^\0\s]/.test(body)) {
      ctx.rows.text({
        exhibit: exhibit.id,
        locator: `bytes:${at}+${end}`,
        kind: 'exhibit',
        body: body.replace(NULS, '\0'),
      });
      rows++;
    }
    at += end;
    pending = pending.subarray(end);
  };
  for await (const chunk of ctx.stream(exhibit)) {
    if (at >= BYTES_MAX) continue; // read to its end all the same: its digest is checked there
    const piece = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    pending = pending.length === 0 ? piece : Buffer.concat([pending, piece]);
    while (pending.length > ROW_BYTES && at < BYTES_MAX) {
      put(cutAt(pending));
      if (rows % 1000 === 999) await ctx.pause();
    }
  }
  if (at >= BYTES_MAX) {
    ctx.unreadable(exhibit, `Only its first ${BYTES_MAX} bytes are in the full-text search.`);
  } else if (pending.length > 0) put(pending.length);
}

function cutAt(bytes: Buffer): number {
  const feed = bytes.lastIndexOf(10, ROW_BYTES - 1);
  if (feed > 0) return feed + 1;
  let end = ROW_BYTES;
  // 10xxxxxx is no first byte of a character
  while (end > ROW_BYTES - 4 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}
