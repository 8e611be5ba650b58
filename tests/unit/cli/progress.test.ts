import { describe, expect, it } from 'vitest';
import { createProgress, createRates, endedLine, runningLines } from '../../../src/main/cli/progress';
import type { TaskItem } from '../../../src/shared/domain';
import { fakeIo, task } from './kit';

const item = (key: string, state: TaskItem['state'], bytes: number, note?: string): TaskItem => ({
  key,
  label: `Logs · ${key}`,
  state,
  bytes,
  note,
});

/** What a terminal shows after the bytes given: only what progress uses (cursor up, erase below). */
function screen(text: string): string[] {
  let lines = [''];
  for (const part of text.split(/(\u001b\[\d*[A-Za-z]|\n|\r)/)) {
    const up = /^\u001b\[(\d+)A$/.exec(part);
    if (up)
      lines = lines
        .slice(0, Math.max(1, lines.length - Number(up[1])))
        .map((line, i, all) => (i === all.length - 1 ? '' : line));
    else if (part === '\n') lines.push('');
    else if (part === '\r' || part.startsWith('\u001b[')) continue;
    else lines[lines.length - 1] += part;
  }
  return lines.filter((line) => line !== '');
}

describe('progress', () => {
  it('tells the rate of the last moments in bytes a second', () => {
    const rate = createRates();
    expect(rate('a', 0, 0)).toBe(0);
    expect(rate('a', 1000, 1000)).toBe(1000);
    expect(rate('a', 1100, 1050)).toBe(1000);
    expect(rate('a', 3000, 2000)).toBeCloseTo(1000 * 0.6 + 2000 * 0.4);
    expect(rate('b', 500, 2000)).toBe(0);
  });

  it('fits the terminal, cuts long names, and says how many more there are', () => {
    const items = Array.from({ length: 30 }, (_, i) => item('x'.repeat(200) + i, 'running', 10));
    const lines = runningLines(task({ state: 'running', items }), () => 5, 60, 10);
    expect(lines).toHaveLength(8);
    expect(lines.at(-1)).toBe('  and 24 more');
    for (const line of lines) expect(line.length).toBeLessThan(60);
    expect(lines[1]).toMatch(/… {2}10 B {2}5 B\/s$/);
  });

  it('shows hostile labels and notes harmless', () => {
    expect(endedLine(item('a\u001b[2Jb\n', 'failed', 0, 'no\u0007'))).toBe('failed    Logs · a␛[2Jb␊  no␇');
  });

  it('redraws running lines in place and leaves ended ones above', () => {
    const io = fakeIo({ terminal: true, env: { NO_COLOR: '1' } });
    const progress = createProgress(io);
    progress.update(
      task({
        state: 'running',
        done: 0,
        total: 2,
        bytes: 0,
        items: [item('a', 'running', 0), item('b', 'waiting', 0)],
      }),
      0,
    );
    progress.update(
      task({
        state: 'running',
        done: 1,
        total: 2,
        bytes: 2000,
        items: [item('a', 'done', 2000), item('b', 'running', 0)],
      }),
      1000,
    );
    expect(screen(io.written.err)).toEqual([
      'done      Logs · a  2.0 kB',
      'Collect  1/2  2.0 kB  2.0 kB/s',
      '  Logs · b  0 B  0 B/s',
    ]);
    progress.update(task({ items: [item('a', 'done', 2000), item('b', 'partial', 5, 'cut off')] }), 2000);
    progress.finish();
    expect(screen(io.written.err)).toEqual(['done      Logs · a  2.0 kB', 'partial   Logs · b  5 B  cut off']);
  });

  it('writes plain lines, each once, where there is no terminal', () => {
    const io = fakeIo();
    const progress = createProgress(io);
    const one = task({ state: 'running', items: [item('a', 'done', 1), item('b', 'running', 0)] });
    progress.update(one, 0);
    progress.update(one, 1000);
    progress.finish();
    expect(io.written.err).toBe('Collect\ndone      Logs · a  1 B\n');
  });
});
