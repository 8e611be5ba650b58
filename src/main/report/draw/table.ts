import type { Column, Line, Row } from '../types';
import type { Element } from './canvas';
import { drawLines, type Flow } from './flow';
import { BODY_HEIGHT, BODY_WIDTH, COLOUR, PAGE, TYPE } from './style';
import { type TextLine, wrap } from './wrap';

const PAD = { x: 5, top: 4, bottom: 4.5 } as const;
/** A row that would take more than this share of a page is split where it stands; a smaller one moves to the next page. */
const KEEP = 0.33;

interface Place {
  x: number;
  width: number;
  align: 'left' | 'right';
}

/** A table: its head repeats on each page, its rows are kept whole where that is sensible and split where it is not. */
export async function drawTable(
  flow: Flow,
  parent: Element,
  caption: string,
  columns: Column[],
  rows: Row[],
): Promise<void> {
  const places = placesOf(columns);
  const table = parent.child('Table', { title: caption });
  const head = places.map((place, i) =>
    wrap(flow.fonts, [{ text: columns[i]?.title ?? '' }], TYPE.tableHead, inner(place)),
  );
  const headHeight = tallest(head) + PAD.top + PAD.bottom;
  const first = rows[0] && cellsOf(flow, rows[0], places);
  flow.need(headHeight + Math.min(first ? rowHeight(first) : 0, BODY_HEIGHT * KEEP));
  drawHead(flow, table.child('THead'), head, places, headHeight);
  const body = table.child('TBody');
  for (const row of rows) {
    await flow.breathe();
    drawRow(flow, body.child('TR'), row, places, () => drawHead(flow, undefined, head, places, headHeight));
  }
  table.end();
  flow.gap(12);
}

/** Height of what drawFacts draws, were the page endless. */
export function factsHeight(flow: Flow, rows: [string, Line[]][]): number {
  return rows.reduce((sum, row) => sum + rowHeight(cellsOf(flow, factsRow(row), FACTS)), 0);
}

/** Label and value: each row's label is its header. */
export function drawFacts(flow: Flow, parent: Element, caption: string, rows: [string, Line[]][]): void {
  const table = parent.child('Table', { title: caption });
  const [firstRow] = rows;
  if (firstRow) flow.need(30);
  rule(flow);
  for (const row of rows) drawRow(flow, table.child('TR'), factsRow(row), FACTS, () => rule(flow), 'TH');
  table.end();
  flow.gap(12);
}

const FACTS = placesOf([
  { title: '', width: 23 },
  { title: '', width: 77 },
]);

function factsRow([label, lines]: [string, Line[]]): Row {
  return { cells: [[{ pieces: [{ text: label }], size: 'label' }], lines] };
}

function placesOf(columns: Column[]): Place[] {
  const sum = columns.reduce((all, column) => all + column.width, 0);
  let x: number = PAGE.left;
  return columns.map((column) => {
    const width = (column.width / sum) * BODY_WIDTH;
    const place: Place = { x, width, align: column.align ?? 'left' };
    x += width;
    return place;
  });
}

function inner(place: Place): number {
  return place.width - 2 * PAD.x;
}

function cellsOf(flow: Flow, row: Row, places: Place[]): TextLine[][] {
  return places.map((place, i) =>
    (row.cells[i] ?? []).flatMap((line) => {
      const setting = line.size === 'small' ? TYPE.cellSmall : line.size === 'label' ? TYPE.label : TYPE.cell;
      return wrap(flow.fonts, line.pieces, setting, inner(place));
    }),
  );
}

function tallest(cells: TextLine[][]): number {
  return Math.max(0, ...cells.map(height));
}

function height(lines: readonly TextLine[]): number {
  return lines.reduce((sum, line) => sum + line.leading, 0);
}

function rowHeight(cells: TextLine[][]): number {
  return tallest(cells) + PAD.top + PAD.bottom;
}

/** The first time as header cells; on further pages the head is no content, so that it is not read out again. */
function drawHead(flow: Flow, head: Element | undefined, cells: TextLine[][], places: Place[], tall: number): void {
  const top = flow.y;
  flow.canvas.artifact((pen) => {
    pen.fill(PAGE.left, top, BODY_WIDTH, tall, COLOUR.head);
    pen.rule(PAGE.left, top + tall, BODY_WIDTH, COLOUR.rule, 0.7);
    if (head) return;
    for (const [i, place] of places.entries()) {
      let y = top + PAD.top;
      for (const line of cells[i] ?? []) {
        let x = startOf(place, line);
        for (const run of line.runs) {
          pen.text(run, x, y + line.ascent);
          x += run.width;
        }
        y += line.leading;
      }
    }
  }, 'Layout');
  if (head) {
    const row = head.child('TR');
    for (const [i, place] of places.entries()) {
      drawCell(row.child('TH', { scope: 'Column' }), cells[i] ?? [], place, top + PAD.top);
    }
    head.end();
  }
  flow.y += tall;
}

function drawRow(
  flow: Flow,
  tr: Element,
  row: Row,
  places: Place[],
  again: () => void,
  first: 'TH' | 'TD' = 'TD',
): void {
  const cells = cellsOf(flow, row, places);
  const total = rowHeight(cells);
  const least = Math.min(total, PAD.top + PAD.bottom + 4 * TYPE.cell.leading);
  if (flow.room < (total <= BODY_HEIGHT * KEEP ? total : least)) {
    flow.newPage();
    again();
  }
  if (row.anchor) flow.canvas.anchor(row.anchor, flow.y);
  const elements = places.map((_, i) =>
    i === 0 && first === 'TH' ? tr.child('TH', { scope: 'Row' }) : tr.child('TD'),
  );
  const next = cells.map(() => 0);
  for (;;) {
    const top = flow.y + PAD.top;
    const room = flow.room - PAD.top - PAD.bottom;
    let used = 0;
    for (const [i, place] of places.entries()) {
      const lines = cells[i] ?? [];
      const from = next[i] ?? 0;
      let tall = 0;
      let end = from;
      for (let line = lines[end]; line && tall + line.leading <= room; line = lines[++end]) tall += line.leading;
      const element = elements[i];
      if (element && end > from) drawCell(element, lines.slice(from, end), place, top);
      next[i] = end;
      used = Math.max(used, tall);
    }
    flow.y += used + PAD.top + PAD.bottom;
    rule(flow);
    if (next.every((end, i) => end >= (cells[i]?.length ?? 0))) break;
    flow.newPage();
    again();
  }
  tr.end();
}

function drawCell(element: Element, lines: readonly TextLine[], place: Place, top: number): void {
  if (place.align === 'left') {
    drawLines(element, lines, place.x + PAD.x, top);
    return;
  }
  let y = top;
  for (const line of lines) y += drawLines(element, [line], startOf(place, line), y);
}

function startOf(place: Place, line: TextLine): number {
  return place.align === 'left' ? place.x + PAD.x : place.x + place.width - PAD.x - line.width;
}

function rule(flow: Flow): void {
  const { y } = flow;
  flow.canvas.artifact((pen) => pen.rule(PAGE.left, y, BODY_WIDTH, COLOUR.hairline), 'Layout');
}
