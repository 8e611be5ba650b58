import { container, expect } from '../look.mjs';

/**
 * One planted thing. `techniques`: ATT&CK ids, any of which names it rightly. `where`: see ../../truth.ts.
 * `check(seen)` throws what is wrong; `pid(seen)` gives its process where it is one.
 */
export const made = (id, kind, container, techniques, what, where, check, pid) => ({
  id,
  kind,
  container,
  techniques,
  what,
  where,
  check,
  pid,
});

export const utf8 = (buffer) => buffer.toString('utf8');

/** Throws unless the container's environment has this line. */
export const env = (seen, name, line) =>
  expect(container(seen, name).Config.Env.includes(line), `no ${line.slice(0, 40)} in the environment`);
