import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endWith, watchItem } from '../../../src/main/collect/watch';
import type { Access } from '../../../src/shared/domain';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('watching an item', () => {
  it('gives its place away once when it is silent for 5 s, and ends it after the time it has', async () => {
    const onIdle = vi.fn();
    const watched = watchItem({ address: 'h', stallMs: 20_000, accesses: [] }, onIdle);
    await vi.advanceTimersByTimeAsync(4500);
    expect(onIdle).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1000);
    expect(onIdle).toHaveBeenCalledOnce();
    expect(watched.stalled.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(15_500);
    expect(onIdle).toHaveBeenCalledOnce();
    expect(watched.stalled.reason).toMatchObject({ code: 'TIMED_OUT', message: expect.stringContaining('for 20 s') });
  });

  it('takes bytes, words and calls for signs of life', async () => {
    const accesses: Access[] = [];
    const watched = watchItem({ address: 'h', stallMs: 3000, accesses }, () => undefined);
    for (let i = 0; i < 10; i++) {
      await vi.advanceTimersByTimeAsync(2000);
      if (i % 2 === 0) watched.alive();
      else accesses.push({ at: '2026-11-25T00:00:00.000Z', via: 'engine', what: ['GET', '/x'], bytes: 1 } as never);
    }
    expect(watched.stalled.aborted).toBe(false);
    watched.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(watched.stalled.aborted).toBe(false);
  });
});

describe('waiting for work that may be ended', () => {
  const never = new Promise<void>(() => undefined);

  it('gives the outcome of work that ends, also shortly after it was told to', async () => {
    const stop = new AbortController();
    await expect(endWith(Promise.resolve(), stop.signal, { storing: () => false })).resolves.toBeUndefined();
    const work = new Promise<void>((_, reject) => setTimeout(() => reject(new Error('its own')), 6000));
    const waiting = endWith(work, stop.signal, { storing: () => false, graceMs: 3000 });
    const seen = expect(waiting).rejects.toThrow('its own');
    await vi.advanceTimersByTimeAsync(5000);
    stop.abort(new Error('stop'));
    await vi.advanceTimersByTimeAsync(2000);
    await seen;
  });

  it('leaves work behind that does not heed it, but not while something is being stored', async () => {
    const stop = new AbortController();
    let storing = true;
    const ended = vi.fn();
    const waiting = endWith(never, stop.signal, { storing: () => storing, graceMs: 20 });
    waiting.catch(ended);
    stop.abort(new Error('stop'));
    vi.useRealTimers(); // timers/promises is not faked
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(ended).not.toHaveBeenCalled();
    storing = false;
    await expect(waiting).rejects.toThrow('stop');
  });
});
