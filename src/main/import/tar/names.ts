/**
 * A member's name made comparable: without './' and leading '/', without a final '/'. Undefined for one that climbs ('..')
 * or holds a NUL: such a name is shown, but matches nothing.
 */
export function plainName(name: string): string | undefined {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') || name.includes('\0') ? undefined : parts.join('/');
}
