/**
 * OpenSSH's patterns (ssh_config(5) PATTERNS): `*` any run of characters, `?` exactly one. Iterative, so that a long
 * hostile pattern cannot take exponential time as a regular expression would.
 */
export function matchPattern(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    const char = pattern[p];
    if (char === '*') {
      star = p++;
      mark = t;
    } else if (char === '?' || (char !== undefined && char === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** A list of patterns: one must match, and none that begins with `!`. Letter case does not count. */
export function matchPatternList(patterns: readonly string[], text: string): boolean {
  const subject = text.toLowerCase();
  let matched = false;
  for (const raw of patterns) {
    const pattern = raw.toLowerCase();
    if (pattern.startsWith('!')) {
      if (matchPattern(pattern.slice(1), subject)) return false;
    } else if (matchPattern(pattern, subject)) matched = true;
  }
  return matched;
}
