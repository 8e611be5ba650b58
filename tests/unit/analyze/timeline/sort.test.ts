import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderByTime } from '../../../../src/main/analyze/timeline/sort';

describe('the order of times', () => {
  it('is that of a stable sort', () => {
    const times = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 400 });
    fc.assert(
      fc.property(times, (given) => {
        const wanted = given.map((_, at) => at).sort((a, b) => (given[a] ?? 0) - (given[b] ?? 0) || a - b);
        expect([...orderByTime(Float64Array.from(given))]).toEqual(wanted);
      }),
    );
  });
});
