import { useCallback, useState } from 'react';
import type { Selection } from '../../../shared/contract/collect';
import { FOOTPRINTS, type Footprint, type HostSpec, type Plan } from '../../../shared/domain';

/** What the examiner is putting together; survives leaving the screen, not the window. */
export interface Draft {
  /** specKeys of the hosts that are left out; every connected host is in. */
  without: string[];
  profile: string;
  /** Collectors of the examiner's own choice, instead of the profile. */
  own?: string[];
  /** Ids of chosen targets; undefined means all. */
  targets?: string[];
  reason: string;
  plan?: Plan;
  /** The selection that the plan was made for. */
  planned?: Selection;
}

const EMPTY: Draft = { without: [], profile: 'triage', reason: '' };
const kept = new Map<string, Draft>();

/** The case's draft, and how to change it. */
export function useDraft(path: string): [Draft, (change: Partial<Draft>) => void] {
  const [draft, setDraft] = useState<Draft>(() => kept.get(path) ?? EMPTY);
  const change = useCallback(
    (part: Partial<Draft>) =>
      setDraft((before) => {
        const after = { ...before, ...part };
        kept.set(path, after);
        return after;
      }),
    [path],
  );
  return [draft, change];
}

/** What the core is asked for. */
export function selectionOf(draft: Draft, hosts: HostSpec[]): Selection {
  return {
    hosts,
    profile: draft.own ? undefined : draft.profile,
    collectors: draft.own,
    targets: draft.targets,
  };
}

/** Beyond this a collection needs a deliberate yes. */
const FREE: Footprint = 'reads host';

/** Whether a footprint is beyond reading. */
export function isDeep(footprint: Footprint): boolean {
  return FOOTPRINTS.indexOf(footprint) > FOOTPRINTS.indexOf(FREE);
}

/** What a footprint means on the target, in a sentence. */
export const FOOTPRINT_WORDS: Record<Footprint, string> = {
  none: 'Read from the engine; leaves nothing.',
  'reads host': 'Reads files of the host; an access time may move.',
  'engine event': 'The engine writes an event of it; its list of events keeps only 256.',
  'runs in container': 'Runs a program inside the container: its processes, times and history change.',
  'pauses container': 'Stops the container while it lasts.',
  'writes on host': 'Writes files on the host.',
};
