/** Where a key moves to in a list of `count` rows, from `index` (-1: nowhere yet), with `page` rows in sight. */
export function moveByKey(key: string, index: number, count: number, page: number): number | undefined {
  const to = ((): number | undefined => {
    switch (key) {
      case 'ArrowDown':
      case 'j':
        return index + 1;
      case 'ArrowUp':
      case 'k':
        return index - 1;
      case 'PageDown':
        return index + page;
      case 'PageUp':
        return index - page;
      case 'Home':
        return 0;
      case 'End':
        return count - 1;
      default:
        return undefined;
    }
  })();
  return to === undefined || count === 0 ? undefined : Math.min(Math.max(to, 0), count - 1);
}
