/** A folder name from a case number that Windows, macOS and Linux all take. */
export function caseFolderName(number: string): string {
  const name = number
    .trim()
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80);
  return /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name) ? `case-${name}` : name;
}

/** Joins with the separator that the parent uses. */
export function joinPath(parent: string, name: string): string {
  if (!name) return parent;
  const separator = parent.includes('\\') && !parent.includes('/') ? '\\' : '/';
  return parent.endsWith(separator) ? parent + name : parent + separator + name;
}
