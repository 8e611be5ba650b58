import { createORPCClient } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import { QueryClient } from '@tanstack/react-query';
import type { Contract } from '../shared/contract';
import { connection, lastingLink, watchConnection } from './connection';

/** The core, call by call as in shared/contract. */
export const client: ContractRouterClient<Contract> = createORPCClient(lastingLink);

/** Query and mutation options for TanStack Query: `useQuery(orpc.exhibits.list.queryOptions({ input: { case: path } }))`. */
export const orpc = createTanstackQueryUtils(client);

/**
 * Answers stay fresh until the case says that it changed (case.tsx): nothing is asked again for looking at it twice.
 * A failed call is not repeated behind the examiner's back: it may have touched a host.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: Number.POSITIVE_INFINITY, retry: false, refetchOnWindowFocus: false, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
});

/**
 * Never asked again by itself: evidence, which does not change; what costs much and is asked for by a button; and what
 * touches a host, because each touch is in the ledger (and would, through the change of the case, ask for the next).
 */
const LASTING = new Set([
  'exhibits.get',
  'exhibits.read',
  'exhibits.find',
  'report.preview',
  'hosts.targets',
  'collect.plan',
]);

/** Whether a query is one of those. */
export function isLasting(queryKey: readonly unknown[]): boolean {
  const [call] = queryKey;
  return !Array.isArray(call) || LASTING.has(call.join('.'));
}

/** After a lost connection everything else on screen may be old. */
let before = connection();
watchConnection(() => {
  if (before === 'lost' && connection() === 'open') {
    void queryClient.invalidateQueries({ predicate: (query) => !isLasting(query.queryKey) });
  }
  before = connection();
});
