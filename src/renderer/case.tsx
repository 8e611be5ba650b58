import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import type { OpenCase } from '../shared/domain';
import { client, isLasting, orpc, queryClient } from './client';
import { showError } from './errors';
import { navigate } from './navigate';

interface CaseState {
  open?: OpenCase;
  /** Takes up a case that `cases.open` or `cases.create` gave. */
  enter(opened: OpenCase): void;
  /** Gives the case back; false where the core refuses, because work on it is running. */
  leave(): Promise<boolean>;
}

const CaseContext = createContext<CaseState | undefined>(undefined);

/** Survives a reload of the tab, not the end of it. */
const KEPT = 'lading.case';
export const keptCase = (): string | undefined => window.sessionStorage.getItem(KEPT) ?? undefined;

/** Whether a query asks about this case. */
function isOf(queryKey: readonly unknown[], path: string): boolean {
  const [, options] = queryKey;
  if (typeof options !== 'object' || options === null || !('input' in options)) return false;
  const input = options.input;
  return typeof input === 'object' && input !== null && 'case' in input && input.case === path;
}

/** Asks again for all that is on screen of this case; settles when the answers are there. */
export function refreshCase(path: string): Promise<void> {
  return queryClient.invalidateQueries({
    predicate: (query) => isOf(query.queryKey, path) && !isLasting(query.queryKey),
  });
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Follows `cases.changes`. A collection changes a case many times a second: views ask again at the pace they can be drawn. */
async function follow(path: string, signal: AbortSignal): Promise<void> {
  let dirty = false;
  let refreshing = false;
  const refresh = async () => {
    dirty = true;
    if (refreshing) return;
    refreshing = true;
    while (dirty && !signal.aborted) {
      dirty = false;
      const begun = performance.now();
      await refreshCase(path);
      await pause(Math.max(300, 3 * (performance.now() - begun)));
    }
    refreshing = false;
  };
  while (!signal.aborted) {
    try {
      for await (const { seq } of await client.cases.changes({ case: path }, { signal })) {
        // The first one only tells where the case stands: most often there already.
        if (queryClient.getQueryData(orpc.cases.get.queryKey({ input: { case: path } }))?.head.seq !== seq)
          void refresh();
      }
    } catch {
      // The connection broke (the banner says so) or the case was closed: try again, quietly.
    }
    await pause(1000);
  }
}

export function CaseProvider({ children }: { children: ReactNode }) {
  const [path, setPath] = useState<string>();
  const queries = useQueryClient();

  const enter = useCallback(
    (opened: OpenCase) => {
      queries.setQueryData(orpc.cases.get.queryKey({ input: { case: opened.path } }), opened);
      window.sessionStorage.setItem(KEPT, opened.path);
      setPath(opened.path);
    },
    [queries],
  );

  const leave = useCallback(async () => {
    if (path === undefined) return true;
    try {
      await client.cases.close({ case: path });
    } catch (error) {
      showError(error, 'The case stays open');
      return false;
    }
    window.sessionStorage.removeItem(KEPT);
    setPath(undefined);
    navigate('');
    queries.removeQueries({ predicate: (query) => isOf(query.queryKey, path) });
    void queries.invalidateQueries({ queryKey: orpc.cases.recent.key() });
    return true;
  }, [path, queries]);

  const { data: open } = useQuery(
    orpc.cases.get.queryOptions({ input: { case: path ?? '' }, enabled: path !== undefined }),
  );

  useEffect(() => {
    if (path === undefined) return;
    const ending = new AbortController();
    void follow(path, ending.signal);
    return () => ending.abort();
  }, [path]);

  const value = useMemo(
    () => ({ open: path === undefined ? undefined : open, enter, leave }),
    [path, open, enter, leave],
  );
  return <CaseContext.Provider value={value}>{children}</CaseContext.Provider>;
}

/** The window's case, if one is open, and how to take one up or leave it. */
export function useCaseState(): CaseState {
  const state = useContext(CaseContext);
  if (!state) throw new Error('useCaseState outside CaseProvider');
  return state;
}

/**
 * The open case, always as it stands: `{ path, data, head, readOnly, recovered, freeBytes }`. Only for screens, which are
 * shown when there is one. `readOnly` says why nothing may be written.
 */
export function useCase(): OpenCase {
  const { open } = useCaseState();
  if (!open) throw new Error('useCase without an open case');
  return open;
}
