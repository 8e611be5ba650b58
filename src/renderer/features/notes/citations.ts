import { exhibitRoute, href, routeTo } from '../../navigate';

/**
 * Citations in a note's text: `@E0012`, with a place after it if there is one (`@E0012 line:3`), and `#F3` or `#F1a2b3c4d`.
 * A place ends at the next blank; a full stop or comma at its end belongs to the sentence.
 */
const CITATION = /@(E\d{4,})\b(?: (json:\/[^\s]*[^\s.,;:!?)]|line:\d+|bytes:\d+\+\d+))?|#(F(?:[0-9a-f]{6,}|\d+))\b/g;

/** A piece of text, with the window's route where it is a citation. */
export interface Piece {
  text: string;
  to?: string;
}

/** Splits a text at its citations. */
export function splitCitations(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(CITATION)) {
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    const [whole, exhibit, locator, finding] = match;
    const to = exhibit !== undefined ? exhibitRoute(exhibit, locator) : routeTo('findings', finding);
    pieces.push({ text: whole, to: href(to) });
    end = match.index + whole.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/** As much of a Markdown tree (mdast) as is looked at here. */
interface MarkdownNode {
  type: string;
  value?: string;
  url?: string;
  children?: MarkdownNode[];
}

/** Makes links of the citations in a Markdown tree; code and existing links stay as they are. */
export function linkCitations(node: MarkdownNode): void {
  if (node.type === 'link' || node.children === undefined) return;
  node.children = node.children.flatMap((child) => {
    if (child.type !== 'text' || child.value === undefined) {
      linkCitations(child);
      return [child];
    }
    return splitCitations(child.value).map(({ text, to }): MarkdownNode => {
      const words: MarkdownNode = { type: 'text', value: text };
      return to === undefined ? words : { type: 'link', url: to, children: [words] };
    });
  });
}

/** For react-markdown's `remarkPlugins`. */
export const citationPlugin = () => linkCitations;
