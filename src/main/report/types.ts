/**
 * What a report says, as plain data: made by model.ts, drawn by pdf.ts. Texts are already harmless to look at
 * (shared/visible.ts) and cut to a length that a page can carry.
 */
export interface ReportModel {
  /** 'Report of Examination'. */
  title: string;
  caseNumber: string;
  caseTitle: string;
  agency: string | undefined;
  examiner: string;
  /** ISO 8601, UTC. */
  date: string;
  tool: string;
  /** BCP 47 language of the fixed texts. */
  language: string;
  /** Label and value, for the title page. */
  cover: [string, Piece[]][];
  sections: ModelSection[];
}

export interface ModelSection {
  id: string;
  title: string;
  /** Begins on a page of its own. */
  apart: boolean;
  blocks: Block[];
}

/** A stretch of text in one look. */
export interface Piece {
  text: string;
  look?: Look;
  /** An anchor in this report to jump to. */
  to?: string;
}
export type Look = 'plain' | 'strong' | 'mono' | 'muted' | 'accent';

/** A paragraph within a table cell. */
export interface Line {
  pieces: Piece[];
  size?: 'normal' | 'small' | 'label';
}

export interface Column {
  title: string;
  /** Share of the width. */
  width: number;
  align?: 'left' | 'right';
}

export interface Row {
  /** Where links to this row lead. */
  anchor?: string;
  cells: Line[][];
}

export type Block =
  /** `keep`: points of room that what follows needs to stand below it on the same page. */
  | { kind: 'heading'; text: string; anchor?: string; outline?: boolean; keep?: number }
  | { kind: 'paragraph'; pieces: Piece[]; look?: 'lead' | 'small' | 'note' }
  | { kind: 'list'; items: Piece[][] }
  | { kind: 'code'; lines: string[] }
  /** Label and value, the label being the row's header. `head` names the two columns for a screen reader. */
  | { kind: 'facts'; caption: string; rows: [string, Line[]][] }
  | { kind: 'table'; caption: string; columns: Column[]; rows: Row[] }
  /** Empty lines to be filled in by hand. */
  | { kind: 'signature'; lines: { label: string; value?: string }[] };
