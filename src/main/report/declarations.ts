import { z } from 'zod';
import { LadingError } from '../../shared/errors';

/** `resources/declarations/<id>.json`: declarations differ by country and change, so they are dated data. */
export const Declaration = z.object({
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string().min(1),
  jurisdiction: z.string().min(1),
  /** Goes up when the text changes. */
  version: z.string(),
  /** When the text was compared with its source. */
  checked: z.string().regex(/^\d{4}-\d\d-\d\d$/),
  /** Where the wording comes from: statute, rule, guidance. */
  source: z.string(),
  /** What the examiner has to see to before signing; shown in the window, not printed. */
  advice: z.string(),
  paragraphs: z.array(z.string()),
  /** What is to be filled in by hand under it. */
  fields: z.array(z.string()),
});
export type Declaration = z.infer<typeof Declaration>;

const files = import.meta.glob<unknown>('../../../resources/declarations/*.json', { eager: true, import: 'default' });

let cached: Declaration[] | undefined;

/** Every declaration there is, 'none' first, then by jurisdiction. */
export function listDeclarations(): Declaration[] {
  cached ??= Object.values(files)
    .map((file) => Declaration.parse(file))
    .sort((a, b) => rank(a).localeCompare(rank(b), 'en'));
  return cached;
}

/** The declaration with this id; throws BAD_INPUT for an unknown one. */
export function declarationById(id: string): Declaration {
  const found = listDeclarations().find((declaration) => declaration.id === id);
  if (found) return found;
  throw new LadingError('BAD_INPUT', `There is no declaration "${id}".`, {
    advice: `Choose one of: ${listDeclarations()
      .map((declaration) => declaration.id)
      .join(', ')}.`,
  });
}

function rank(declaration: Declaration): string {
  return declaration.id === 'none' ? '' : `${declaration.jurisdiction} ${declaration.title}`;
}
