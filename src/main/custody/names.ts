/** Names Windows keeps for devices, with or without an extension ("Naming Files, Paths, and Namespaces", Microsoft). */
const DEVICES = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])$/i;
/** Names the case folder uses beside an exhibit's file. */
const OURS = /^(exhibit|begun)\.json$/i;
const MAX = 96;

/**
 * A file name that every file system takes, made of any text: letters, digits, dot, dash, underscore; at most 96
 * characters with its extension kept. The text it was made of is in the exhibit's record.
 */
export function safeFileName(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[._]+/, '')
    .replace(/[._]+$/, '');
  const dot = plain.lastIndexOf('.');
  const extension = dot > 0 && plain.length - dot <= 12 ? plain.slice(dot) : '';
  const stem = plain.slice(0, plain.length - extension.length).slice(0, MAX - extension.length);
  const name = `${stem || 'file'}${extension}`;
  return DEVICES.test(stem) || OURS.test(name) ? `_${name}` : name;
}
