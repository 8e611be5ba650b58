import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeFileName } from '../../../src/main/custody/names';

describe('safeFileName', () => {
  it('keeps a plain name', () => expect(safeFileName('inspect.json')).toBe('inspect.json'));

  it('gives for any text a name that Windows, macOS and Linux take', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('NUL', 'com1.txt', 'aux.', '...', 'a ', 'a.')),
        (text) => {
          const name = safeFileName(text);
          expect(name).toMatch(/^[A-Za-z0-9_-]/);
          expect(name).toMatch(/^[A-Za-z0-9._-]{1,97}$/);
          expect(name).not.toMatch(/[. ]$/);
          expect(name.split('.')[0]).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)$/i);
          expect(name).not.toMatch(/^(exhibit|begun)\.json$/i);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
