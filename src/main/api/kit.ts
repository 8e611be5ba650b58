import { implement, ORPCError } from '@orpc/server';
import { contract } from '../../shared/contract';
import { asLadingError } from '../../shared/errors';
import type { Services } from '../services';

/**
 * The contract, ready to be implemented. Whatever a call throws crosses as the one typed error; a fault of Lading itself
 * is told to the log with its stack, never to the window.
 */
export function implementer(services: Services) {
  return implement(contract).use(async ({ next, path }) => {
    try {
      return await next();
    } catch (thrown) {
      if (thrown instanceof ORPCError) throw thrown;
      const error = asLadingError(thrown);
      if (error.code === 'INTERNAL') services.log.error({ err: thrown, call: path.join('.') }, error.message);
      throw new ORPCError('LADING', { defined: true, message: error.message, data: error.toData() });
    }
  });
}

export type Implementer = ReturnType<typeof implementer>;
