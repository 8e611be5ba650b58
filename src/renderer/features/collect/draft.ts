import { useCallback, useState } from 'react';
import type { Selection } from '../../../shared/contract/collect';
import {
  type CollectorInfo,
  FOOTPRINTS,
  type Footprint,
  type HostSpec,
  type Plan,
  type Profile,
} from '../../../shared/domain';
import { type Entered, enteredInput, fieldsOf, readForm } from './fields';

/** What the examiner is putting together; survives leaving the screen, not the window. */
export interface Draft {
  /** specKeys of the hosts that are left out; every connected host is in. */
  without: string[];
  profile: string;
  /** Collectors of the examiner's own choice, instead of the profile. */
  own?: string[];
  /** Collectors of the profile that are left out. */
  leftOut: string[];
  /** What was entered in the forms of collectors, by their id; those without an entry are as they come. */
  entered: Record<string, Entered>;
  /** Ids of chosen targets; undefined means all. */
  targets?: string[];
  reason: string;
  plan?: Plan;
  /** The selection that the plan was made for. */
  planned?: Selection;
}

const EMPTY: Draft = { without: [], profile: 'triage', leftOut: [], entered: {}, reason: '' };
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

/** The collectors that are chosen, by their ids. */
export function chosenOf(draft: Draft, profile: Profile | undefined): string[] {
  return draft.own ?? (profile?.collectors ?? []).filter((id) => !draft.leftOut.includes(id));
}

/** What the chosen collectors are told, and those whose form has something wrong in it, by title. */
export function toldOf(
  draft: Draft,
  profile: Profile | undefined,
  catalogue: readonly CollectorInfo[],
): { inputs: Record<string, unknown>; wrong: string[] } {
  const inputs: Record<string, unknown> = {};
  const wrong: string[] = [];
  for (const id of chosenOf(draft, profile)) {
    const info = catalogue.find((one) => one.id === id);
    const fields = info?.input && fieldsOf(info.input);
    const entered = enteredFor(draft, profile, id);
    if (!info || !fields || Object.keys(entered).length === 0) continue;
    const { values, errors } = readForm(fields, entered);
    inputs[id] = values;
    if (Object.keys(errors).length > 0) wrong.push(info.title);
  }
  return { inputs, wrong };
}

/** What stands in a collector's form: what was entered, over what the profile says. */
export function enteredFor(draft: Draft, profile: Profile | undefined, id: string): Entered {
  return { ...(draft.own ? {} : enteredInput(profile?.inputs?.[id])), ...draft.entered[id] };
}

/** What the core is asked for. */
export function selectionOf(
  draft: Draft,
  hosts: HostSpec[],
  profile: Profile | undefined,
  inputs: Record<string, unknown>,
): Selection {
  const leftOut = draft.leftOut.filter((id) => profile?.collectors.includes(id));
  return {
    hosts,
    profile: draft.own ? undefined : draft.profile,
    collectors: draft.own,
    targets: draft.targets,
    inputs: Object.keys(inputs).length > 0 ? inputs : undefined,
    without: draft.own || leftOut.length === 0 ? undefined : leftOut,
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
