import type { z } from 'zod';
import type { ExhibitRecord } from '../../../../../shared/domain';
import { asLadingError } from '../../../../../shared/errors';
import type { IndexContext } from '../../indexer';

/**
 * An exhibit of JSON as the schema has it; undefined, and said so, where it is none, too large to be read at once, changed, or
 * of another form, which `what` names: 'configuration of a container'.
 */
export async function jsonOf<T>(
  ctx: IndexContext,
  exhibit: ExhibitRecord,
  schema: z.ZodType<T>,
  what: string,
): Promise<T | undefined> {
  let value: unknown;
  try {
    value = JSON.parse((await ctx.read(exhibit)).toString('utf8'));
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
  const said = schema.safeParse(value);
  if (!said.success) ctx.unreadable(exhibit, `This is no ${what}.`);
  return said.data;
}
