import { ORPCError } from '@orpc/client';
import { describe, expect, it } from 'vitest';
import { toErrorData } from '../../../src/renderer/errors';
import { LadingError } from '../../../src/shared/errors';

describe('toErrorData', () => {
  it('gives the words of a LADING error as they crossed', () => {
    const data = { code: 'DISK_FULL', message: 'The disk is full.', advice: 'Free space.', details: { path: '/x' } };
    expect(toErrorData(new ORPCError('LADING', { defined: true, data }))).toEqual(data);
  });

  it("gives a LadingError's words, and those of a task's error", () => {
    const error = new LadingError('TIMED_OUT', 'Too slow.', { advice: 'Wait.' });
    expect(toErrorData(error)).toMatchObject({ code: 'TIMED_OUT', message: 'Too slow.', advice: 'Wait.' });
    expect(toErrorData({ code: 'TIMED_OUT', message: 'Too slow.' })).toMatchObject({ code: 'TIMED_OUT' });
  });

  it('does not take a foreign code for one of its own', () => {
    expect(toErrorData(new ORPCError('LADING', { data: { code: 'MADE_UP', message: 'x' } })).code).toBe('INTERNAL');
  });

  it('names the field that was refused', () => {
    const error = new ORPCError('BAD_REQUEST', { data: { issues: [{ path: ['number'], message: 'Too long' }] } });
    expect(toErrorData(error)).toEqual({
      code: 'BAD_INPUT',
      message: 'Lading refused what was entered: number: Too long.',
    });
  });

  it('tells a broken connection from a fault', () => {
    expect(toErrorData(new Error('Cannot send message, WebSocket is not open.')).code).toBe('CONNECTION_LOST');
    expect(toErrorData(new TypeError('x is undefined'))).toEqual({ code: 'INTERNAL', message: 'x is undefined' });
    expect(toErrorData('odd')).toEqual({ code: 'INTERNAL', message: 'odd' });
  });
});
