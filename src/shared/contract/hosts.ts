import { z } from 'zod';
import { HostFacts, HostSpec, HostSuggestion, Secrets, Target } from '../domain';
import { base } from './base';

/** `case` is absent for a look at a host outside any case (`lading hosts check`); then nothing is in a ledger. */
const OnHost = z.object({ case: z.string().optional(), host: HostSpec });

export const hosts = {
  /** Local engine, ~/.ssh/config, docker contexts. */
  suggestions: base.output(z.array(HostSuggestion)),
  /**
   * Connects (or takes the live connection) and reads facts. Fails with HOST_KEY_UNKNOWN (details: algorithm,
   * fingerprint) before anything is sent, HOST_KEY_CHANGED, AUTH_REQUIRED (details: wants, prompts) …; call again with
   * `trust` set to the compared fingerprint, or with secrets.
   */
  connect: base.input(OnHost.extend({ secrets: Secrets.optional(), trust: z.string().optional() })).output(HostFacts),
  targets: base.input(OnHost).output(z.array(Target)),
  disconnect: base.input(OnHost).output(z.void()),
  /** Addresses that are connected now, with what they said at connect. */
  connected: base.output(z.array(z.object({ spec: HostSpec, facts: HostFacts }))),
};
