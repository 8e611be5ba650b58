import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { HostFacts, HostSpec } from '../shared/domain';
import { orpc } from './client';

export interface ConnectedHost {
  spec: HostSpec;
  facts: HostFacts;
}

/** The same text for the same way to reach a host. */
export function specKey(spec: HostSpec): string {
  return JSON.stringify([spec.address, spec.identity ?? '', spec.knownHosts ?? '', spec.sudo, spec.jump ?? '']);
}

const NONE: ConnectedHost[] = [];

/** The hosts connected now. Asked again every few seconds: a connection can break without anybody doing anything. */
export function useConnected(): { hosts: ConnectedHost[]; loaded: boolean; renew: () => Promise<void> } {
  const queries = useQueryClient();
  const { data } = useQuery(orpc.hosts.connected.queryOptions({ refetchInterval: 10_000 }));
  const renew = useCallback(() => queries.invalidateQueries({ queryKey: orpc.hosts.connected.key() }), [queries]);
  return { hosts: data ?? NONE, loaded: data !== undefined, renew };
}
