import type { HostFacts, HostSpec } from '../../shared/domain';
import type { Host } from '../hosts/host';
import type { Engine } from './engine';

/** A connected host with what it is and, where there is one, its engine. Made by docker/connect.ts. */
export interface HostSession {
  readonly spec: HostSpec;
  readonly host: Host;
  readonly facts: HostFacts;
  readonly engine?: Engine;
  close(): Promise<void>;
}
