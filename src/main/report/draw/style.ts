/** How the report looks. Lengths in points (1/72 inch) on A4, origin at the top left. */
export const PAGE = { width: 595.28, height: 841.89, left: 62, right: 62, top: 82, bottom: 74 } as const;
export const BODY_WIDTH = PAGE.width - PAGE.left - PAGE.right;
export const BODY_BOTTOM = PAGE.height - PAGE.bottom;
export const BODY_HEIGHT = BODY_BOTTOM - PAGE.top;

/** All texts keep a contrast of at least 4.5 : 1 on white (WCAG 2.2, 1.4.3). */
export const COLOUR = {
  text: '#1b1f24',
  muted: '#59636e',
  accent: '#1f4e79',
  hairline: '#cfd6dd',
  rule: '#8a96a3',
  head: '#eef2f6',
  note: '#f5f7f9',
} as const;

export type Face = 'regular' | 'bold' | 'mono';

/** A way to set text: face, size and the height of its line, in points. */
export interface Setting {
  face: Face;
  size: number;
  leading: number;
}

export const TYPE = {
  body: { face: 'regular', size: 9.5, leading: 14.5 },
  lead: { face: 'regular', size: 10.5, leading: 16 },
  small: { face: 'regular', size: 8, leading: 12 },
  cell: { face: 'regular', size: 8.25, leading: 11.75 },
  cellSmall: { face: 'regular', size: 7.1, leading: 10.4 },
  label: { face: 'bold', size: 8.25, leading: 11.75 },
  tableHead: { face: 'bold', size: 7.6, leading: 10.8 },
  code: { face: 'mono', size: 7.6, leading: 11.6 },
  section: { face: 'bold', size: 16, leading: 21 },
  heading: { face: 'bold', size: 11, leading: 15 },
  running: { face: 'regular', size: 7.6, leading: 10 },
} as const satisfies Record<string, Setting>;

/** Monospaced letters look larger than others of their size. */
export const MONO_SCALE = 0.9;
