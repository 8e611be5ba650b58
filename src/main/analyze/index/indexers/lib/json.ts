import type { ExhibitRecord } from '../../../../../shared/domain';
import { asLadingError } from '../../../../../shared/errors';
import type { IndexContext } from '../../indexer';

/** The parsed JSON of an exhibit; undefined, and said so, where it is none, too large to be read at once, or changed. */
export async function jsonOf(ctx: IndexContext, exhibit: ExhibitRecord): Promise<unknown> {
  try {
    return JSON.parse((await ctx.read(exhibit)).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) {
      // the parser's own message quotes the text
      ctx.unreadable(exhibit, 'This is not JSON.');
      return undefined;
    }
    const known = asLadingError(error);
    if (known.code === 'CANCELLED' || known.code === 'DISK_FULL') throw error;
    ctx.unreadable(exhibit, known.message);
    return undefined;
  }
}
