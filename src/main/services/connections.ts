import type { Access, HostFacts, HostSpec, Secrets, Target } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import type { CaseSession } from '../cases/session';
import { connectHost } from '../docker/connect';
import type { HostSession } from '../docker/session';
import { listTargets } from '../docker/targets';
import { withAccessLog } from '../hosts/access';

/**
 * The live connections to hosts. Inside a case each touch has a ledger entry before and after it; outside any case
 * (`lading hosts check`) there is no ledger and nothing is kept.
 */
export class Connections {
  readonly #configDir: string;
  /** `secrets` are what it was opened with, in memory only: a cut connection is made again without asking anybody. */
  readonly #live = new Map<string, { session: HostSession; case?: CaseSession; secrets?: Secrets }>();
  readonly #opening = new Map<string, Promise<HostSession>>();

  constructor(configDir: string) {
    this.#configDir = configDir;
  }

  /** The live connection to a host, or a new one. `trust` is the fingerprint of an unknown host's key, as compared. */
  async connect(
    inCase: CaseSession | undefined,
    spec: HostSpec,
    options: { secrets?: Secrets; trust?: string; signal?: AbortSignal } = {},
  ): Promise<HostSession> {
    const key = keyOf(inCase, spec);
    const live = this.#live.get(key);
    if (live && !live.session.host.lost.aborted) return live.session;
    const secrets = options.secrets ?? live?.secrets;
    const opening =
      this.#opening.get(key) ??
      this.#open(inCase, spec, { ...options, secrets, staleToolbox: live?.session.facts.toolbox?.path });
    this.#opening.set(key, opening);
    try {
      const session = await opening;
      this.#live.set(key, { session, case: inCase, secrets });
      return session;
    } finally {
      this.#opening.delete(key);
    }
  }

  async #open(
    inCase: CaseSession | undefined,
    spec: HostSpec,
    options: { secrets?: Secrets; trust?: string; signal?: AbortSignal; staleToolbox?: string },
  ): Promise<HostSession> {
    const accesses: Access[] = [];
    await inCase?.append('host.connect', spec.address, { spec });
    try {
      const session = await withAccessLog(accesses, () =>
        connectHost(spec, { ...options, configDir: this.#configDir }),
      );
      if (session.facts.hostKey && session.facts.hostKey.fingerprint === options.trust) {
        await inCase?.append('host.trusted', spec.address, { spec, fingerprint: session.facts.hostKey.fingerprint });
      }
      await inCase?.append('host.connected', session.facts.id, { spec, facts: session.facts, accesses });
      return session;
    } catch (error) {
      const reason = asLadingError(error);
      await inCase?.append('host.failed', spec.address, { spec, error: reason.toData(), accesses });
      throw reason;
    }
  }

  /** What can be collected there. */
  async targets(inCase: CaseSession | undefined, spec: HostSpec): Promise<Target[]> {
    const session = await this.connect(inCase, spec);
    const accesses: Access[] = [];
    await inCase?.append('host.list', session.facts.id, { spec });
    try {
      const targets = await withAccessLog(accesses, () => listTargets(session));
      await inCase?.append('host.listed', session.facts.id, { spec, targets: targets.length, accesses });
      return targets;
    } catch (error) {
      const reason = asLadingError(error);
      await inCase?.append('host.failed', session.facts.id, { spec, error: reason.toData(), accesses });
      throw reason;
    }
  }

  /** The live connection; throws HOST_UNREACHABLE where there is none. */
  get(inCase: CaseSession, spec: HostSpec): HostSession {
    const live = this.#live.get(keyOf(inCase, spec));
    if (live && !live.session.host.lost.aborted) return live.session;
    throw new LadingError('HOST_UNREACHABLE', `${spec.address} is not connected.`, { advice: 'Connect to it first.' });
  }

  connected(): { spec: HostSpec; facts: HostFacts }[] {
    return [...this.#live.values()]
      .filter(({ session }) => !session.host.lost.aborted)
      .map(({ session }) => ({ spec: session.spec, facts: session.facts }));
  }

  async disconnect(inCase: CaseSession | undefined, spec: HostSpec): Promise<void> {
    const key = keyOf(inCase, spec);
    const live = this.#live.get(key);
    this.#live.delete(key);
    if (!live) return;
    const accesses: Access[] = [];
    // A toolbox is taken away again, which touches the host; where it cannot be, the ledger has the reason in `accesses`.
    let failed: LadingError | undefined;
    try {
      await withAccessLog(accesses, () => live.session.close());
    } catch (error) {
      failed = asLadingError(error);
    }
    if (inCase && inCase.readOnly === undefined) {
      await inCase.append('host.disconnected', live.session.facts.id, { spec, accesses, error: failed?.toData() });
    }
  }

  /** Ends a case's connections, or all. */
  async close(inCase?: CaseSession): Promise<void> {
    for (const live of [...this.#live.values()]) {
      if (inCase && live.case !== inCase) continue;
      await this.disconnect(live.case, live.session.spec).catch(() => undefined);
    }
  }
}

function keyOf(inCase: CaseSession | undefined, spec: HostSpec): string {
  return JSON.stringify([
    inCase?.dir ?? '',
    spec.address,
    spec.identity,
    spec.knownHosts,
    spec.sudo,
    spec.jump,
    spec.toolbox,
  ]);
}
