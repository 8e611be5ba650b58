import { describe, expect, it } from 'vitest';
import { crc64 } from '../../../../src/main/analyze/formats/crc64';

const of = (...pieces: string[]) => {
  const sum = crc64();
  for (const piece of pieces) sum.update(Buffer.from(piece));
  return sum.hex();
};

describe('crc64', () => {
  // Go's own test of hash/crc64 (crc64_test.go, golden, ISO)
  it.each([
    ['', '0000000000000000'],
    ['a', '3420000000000000'],
    ['ab', '36c4200000000000'],
    ['abc', '3776c42000000000'],
    ['123456789', 'b90956c775a41001'],
  ])('gives for %j what Go gives', (text, sum) => {
    expect(of(text)).toBe(sum);
  });

  it('does not care how the bytes come', () => {
    expect(of('ab', '', 'c')).toBe(of('abc'));
    expect(of('acb')).not.toBe(of('abc'));
  });
});
