import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chainIds, hexOf } from '../../../../src/main/collect/fs/store';

const digest = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

describe('chain ids', () => {
  it('are those of the OCI image spec: the first is the diff id, each other the hash of the one before and its own', () => {
    const [a, b, c] = [digest('a'), digest('b'), digest('c')];
    const second = digest(`${a} ${b}`);
    expect(chainIds([a, b, c]).map((hex) => `sha256:${hex}`)).toEqual([a, second, digest(`${second} ${c}`)]);
    expect(chainIds([])).toEqual([]);
  });

  it.each([
    '',
    'sha256:',
    `sha256:${'a'.repeat(63)}`,
    `sha256:${'A'.repeat(64)}`,
    `sha256:../../${'a'.repeat(58)}`,
    'md5:00',
  ])('refuse what would become a path and is no digest: %j', (text) => {
    expect(() => hexOf(text)).toThrow(expect.objectContaining({ code: 'ENGINE_ERROR' }));
    expect(() => chainIds([text])).toThrow(expect.objectContaining({ code: 'ENGINE_ERROR' }));
  });
});
