import {
  IconBinaryTree2,
  IconClipboardList,
  IconCpu,
  IconDownload,
  IconFileDescription,
  IconFlag,
  IconFolders,
  IconLayoutDashboard,
  IconLink,
  IconListCheck,
  IconNetwork,
  IconNotebook,
  IconServer2,
  IconTimeline,
  type TablerIcon,
} from '@tabler/icons-react';
import { type ComponentType, type LazyExoticComponent, lazy } from 'react';

export interface ScreenEntry {
  /** Its name in the hash route. */
  id: string;
  title: string;
  /** What one does there, for the palette and the rail's hint. */
  hint: string;
  icon: TablerIcon;
  component: LazyExoticComponent<ComponentType>;
}

/** The keys that open the screen at a place of the rail: Alt+1 … Alt+9, Alt+0, then the same with Shift. */
export function keysOf(index: number): string[] {
  const digit = String((index + 1) % 10);
  return index < 10 ? ['Alt', digit] : ['Alt', 'Shift', digit];
}

/** The screen that such keys open, by the key's place on the keyboard: with Alt or Shift its character is another one. */
export function screenOf(code: string, shift: boolean): ScreenEntry | undefined {
  const digit = /^Digit([0-9])$/.exec(code)?.[1];
  if (digit === undefined) return undefined;
  return screens[(digit === '0' ? 9 : Number(digit) - 1) + (shift ? 10 : 0)];
}

/** The rail, in its order. A screen is here when it exists. */
export const screens: ScreenEntry[] = [
  {
    id: 'overview',
    title: 'Overview',
    hint: 'What was collected, what is missing, what to do next',
    icon: IconLayoutDashboard,
    component: lazy(() => import('./features/overview')),
  },
  {
    id: 'hosts',
    title: 'Hosts',
    hint: 'Connect to the machines that evidence is taken from',
    icon: IconServer2,
    component: lazy(() => import('./features/hosts')),
  },
  {
    id: 'collect',
    title: 'Collect',
    hint: 'Plan a collection, run it, watch it',
    icon: IconDownload,
    component: lazy(() => import('./features/collect')),
  },
  {
    id: 'exhibits',
    title: 'Exhibits',
    hint: 'Look at the evidence',
    icon: IconClipboardList,
    component: lazy(() => import('./features/exhibits')),
  },
  {
    id: 'files',
    title: 'Files',
    hint: 'File systems as they were, without extracting them',
    icon: IconFolders,
    component: lazy(() => import('./features/files')),
  },
  {
    id: 'processes',
    title: 'Processes',
    hint: 'What ran, from which file, with which sockets',
    icon: IconBinaryTree2,
    component: lazy(() => import('./features/processes')),
  },
  {
    id: 'network',
    title: 'Network',
    hint: 'Who talked to whom, what was asked and sent, packets',
    icon: IconNetwork,
    component: lazy(() => import('./features/network')),
  },
  {
    id: 'memory',
    title: 'Memory',
    hint: 'What was in memory, at which address, of which process',
    icon: IconCpu,
    component: lazy(() => import('./features/memory')),
  },
  {
    id: 'timeline',
    title: 'Timeline',
    hint: 'What happened when, on one axis',
    icon: IconTimeline,
    component: lazy(() => import('./features/timeline')),
  },
  {
    id: 'findings',
    title: 'Findings',
    hint: 'What the evidence says, to confirm or dismiss',
    icon: IconFlag,
    component: lazy(() => import('./features/findings')),
  },
  {
    id: 'investigations',
    title: 'Investigations',
    hint: 'Checklists of questions, answered from the evidence',
    icon: IconListCheck,
    component: lazy(() => import('./features/investigations')),
  },
  {
    id: 'notes',
    title: 'Notes',
    hint: 'Contemporaneous notes',
    icon: IconNotebook,
    component: lazy(() => import('./features/notes')),
  },
  {
    id: 'custody',
    title: 'Custody',
    hint: 'The ledger: verify, seal, hand over',
    icon: IconLink,
    component: lazy(() => import('./features/custody')),
  },
  {
    id: 'report',
    title: 'Report',
    hint: 'Write, preview and export the report',
    icon: IconFileDescription,
    component: lazy(() => import('./features/report')),
  },
];
