import {
  IconBinaryTree2,
  IconClipboardList,
  IconDownload,
  IconFileDescription,
  IconFlag,
  IconFolders,
  IconLayoutDashboard,
  IconLink,
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

/** The rail, in its order; Alt+1, Alt+2, … open them. A screen is here when it exists. */
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
