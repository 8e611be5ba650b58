import { describe, expect, it } from 'vitest';
import { wantedOf } from '../../../src/renderer/features/hosts/connect';
import type { ErrorData } from '../../../src/shared/errors';

const asks = (details?: Record<string, unknown>): ErrorData => ({ code: 'AUTH_REQUIRED', message: 'x', details });

describe('wantedOf', () => {
  it('reads one want or several, and prompts as text or with their echo', () => {
    expect(wantedOf(asks({ wants: 'passphrase' })).wants).toEqual(['passphrase']);
    expect(
      wantedOf(asks({ wants: ['password', 'answers'], prompts: ['Code: ', { prompt: 'Name: ', echo: true }] })),
    ).toEqual({
      wants: ['password', 'answers'],
      prompts: [
        { prompt: 'Code: ', echo: false },
        { prompt: 'Name: ', echo: true },
      ],
    });
  });

  it('asks for a password where the answer cannot be read', () => {
    for (const details of [undefined, {}, { wants: 7 }, { wants: [] }, { wants: 'password', prompts: 'x' }]) {
      expect(wantedOf(asks(details)).wants).toEqual(['password']);
    }
  });
});
