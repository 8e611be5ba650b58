import { describe, expect, it } from 'vitest';
import { integrity } from '../../../src/renderer/frame/IntegrityBadge';
import type { VerifyResult } from '../../../src/shared/domain';

const time = '2026-11-25T10:00:00.000Z';
const now = Date.parse('2026-11-25T10:07:00.000Z');
const result = (change: Partial<VerifyResult>): VerifyResult => ({
  ok: true,
  time,
  exhibits: 1,
  bytes: 1,
  entries: 8,
  seals: 0,
  head: { seq: 7, hash: '0'.repeat(64) },
  unsealed: null,
  faults: [],
  interrupted: [],
  ...change,
});

describe('integrity', () => {
  it('is good only for the ledger as it was verified', () => {
    expect(integrity(result({}), 7, now)).toEqual({ tone: 'good', words: 'Verified 7 min ago' });
    expect(integrity(result({}), 8, now)).toEqual({ tone: 'warn', words: '1 entry since verified' });
    expect(integrity(null, 7, now).tone).toBe('warn');
    expect(integrity(undefined, 7, now).tone).toBe('warn');
  });

  it('stays broken when the ledger goes on', () => {
    const fault = { kind: 'exhibit changed' as const, path: 'evidence/E0001/x', detail: '' };
    const broken = result({ ok: false, faults: [fault, fault] });
    expect(integrity(broken, 7, now)).toEqual({ tone: 'bad', words: 'BROKEN: 2 faults' });
    expect(integrity(broken, 99, now).tone).toBe('bad');
  });
});
