import type { FileState, FileView } from '../../shared/contract/files';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import type { Client, Context } from './context';
import { usageError } from './errors';
import { targetText } from './format';

/** Options of `lading files`. */
export interface FilesOptions {
  view?: string;
  target?: string;
  state?: FileState[];
  text?: string;
  glob?: string;
  sha256?: string;
  image?: boolean;
  to?: string;
  reason?: string;
  json?: boolean;
  csv?: boolean;
}

/** Every file system of the index; what the index does not have yet is said on standard error. Throws NOT_POSSIBLE for none. */
export async function viewsOf(context: Context, client: Client, path: string): Promise<FileView[]> {
  const { views, stale } = await client.files.views({ case: path });
  for (const reason of stale) context.io.err(`The index is not of now: ${visible(reason)} Run \`lading analyze\`.\n`);
  if (views.length > 0) return views;
  throw new LadingError('NOT_POSSIBLE', 'The index of the case has no file system.', {
    advice:
      'Collect container.export, container.upper or image.layers, or import an export; then run `lading analyze`.',
  });
}

/** The one that the options name; without them the only one there is. Throws BAD_INPUT where that is not one. */
export async function chosenView(
  context: Context,
  client: Client,
  path: string,
  options: Pick<FilesOptions, 'view' | 'target'>,
): Promise<FileView> {
  const views = (await viewsOf(context, client, path)).filter(
    ({ key, target }) =>
      (options.view === undefined || key === options.view) &&
      (options.target === undefined ||
        target.name === options.target ||
        target.id.replace(/^sha256:/, '').startsWith(options.target.replace(/^sha256:/, ''))),
  );
  const [only] = views;
  if (only && views.length === 1) return only;
  const them = views.map(({ key, target }) => `\n  ${visible(key)}  ${targetText(target)}`).join('');
  throw usageError(
    only ? `Say which file system with --view:${them}` : 'There is no such file system; see `lading files CASE views`.',
  );
}
