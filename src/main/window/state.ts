import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const Bounds = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(400),
  height: z.number().int().min(300),
});
const Stored = z.object({ bounds: Bounds.optional(), maximized: z.boolean().default(false) });

export type Rectangle = z.infer<typeof Bounds>;
export type WindowState = z.infer<typeof Stored>;

/** How the window was left; nothing when that is not known or not readable. */
export function readState(file: string): WindowState {
  try {
    return Stored.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return { maximized: false };
  }
}

/** Remembers it; a disk that refuses costs a convenience only. */
export function writeState(file: string, state: WindowState): void {
  try {
    writeFileSync(file, JSON.stringify(state));
  } catch {
    // Not worth a word to the examiner.
  }
}

/**
 * The bounds to open with: those kept, when enough of the title bar can be reached on a display that is there now;
 * else a size that fits the first one.
 */
export function fitBounds(kept: Rectangle | undefined, displays: readonly Rectangle[]): Partial<Rectangle> {
  const reachable =
    kept &&
    displays.some((display) => {
      const across = Math.min(kept.x + kept.width, display.x + display.width) - Math.max(kept.x, display.x);
      return across >= 100 && kept.y >= display.y - 8 && kept.y <= display.y + display.height - 60;
    });
  if (kept && reachable) return kept;
  const [first] = displays;
  return { width: Math.min(1440, first?.width ?? 1440), height: Math.min(920, first?.height ?? 920) };
}
