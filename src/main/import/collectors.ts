import type { ImportKind } from '../../shared/contract/import';
import type { ExhibitKind, TargetRef } from '../../shared/domain';
import type { CaseSession } from '../cases/session';
import type { Provenance } from '../custody/record';

/** Goes up when what an import takes, or how, changes. */
const VERSION = '1.0.0';

/** What imports store: the things themselves, and members that were taken out of them. */
export type ImportCollector =
  | `import.${ImportKind}`
  | 'import.unread'
  | 'import.container-config'
  | 'import.container-hostconfig'
  | 'import.container-log'
  | 'import.container-local-log'
  | 'import.image-config'
  | 'import.engine-repositories'
  | 'import.engine-layers';

/** What a record of an import says that is known before the bytes flow. There is no host: nobody was connected to. */
export function provenanceOf(
  session: CaseSession,
  importId: string,
  collector: ImportCollector,
  target: TargetRef,
): Provenance {
  return {
    collector: { id: collector, version: VERSION },
    tool: session.place.tool,
    collection: importId,
    target,
    accesses: [],
    ...session.who,
  };
}

/** What the bytes are for viewers: a packed file is 'binary', whatever is in it. */
export function bytesKind(kind: ExhibitKind, packed: boolean): ExhibitKind {
  return packed ? 'binary' : kind;
}
