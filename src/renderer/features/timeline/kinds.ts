import type { TimelineKind } from '../../../shared/contract/timeline';

/** What each kind is called on screen, and its colour in both themes; the name stands beside the colour everywhere. */
export const KIND_WORDS: Record<TimelineKind, { name: string; colour: string }> = {
  engine: { name: 'Engine events', colour: '#4c7fb5' },
  log: { name: 'Logs', colour: '#8a96a3' },
  access: { name: 'Requests', colour: '#3d9a8b' },
  auth: { name: 'Authentication', colour: '#b5762a' },
  audit: { name: 'Audit', colour: '#8f6bb8' },
  login: { name: 'Logins', colour: '#c79a2e' },
  history: { name: 'Typed commands', colour: '#b2527f' },
  process: { name: 'Processes', colour: '#5d8f3c' },
  container: { name: 'Containers', colour: '#2f6f9f' },
  file: { name: 'Changed files', colour: '#c0603f' },
  'image-file': { name: 'Files of images', colour: '#a9a18f' },
  packet: { name: 'Packets', colour: '#4a9ab0' },
  memory: { name: 'Memory', colour: '#7a6a58' },
  examiner: { name: 'Examiner', colour: '#d03b7a' },
  other: { name: 'Other', colour: '#6d6d6d' },
};
