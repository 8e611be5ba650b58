import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createPrompter } from '../../../src/main/cli/prompt';

function terminal() {
  const raw: boolean[] = [];
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => raw.push(on) });
  const output = new PassThrough();
  let shown = '';
  output.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
  });
  const type = (text: string | Buffer) => setTimeout(() => input.write(text), 5);
  return { ask: createPrompter(input, output), type, input, raw, shown: () => shown };
}

describe('hidden questions', () => {
  it.each([
    ['hunter2\r', 'hunter2'],
    ['hunterx\u007f2\n', 'hunter2'],
    ['wrong\u0015right\r', 'right'],
    ['\u001b[200~pasted\u001b[201~\r', 'pasted'],
    ['a\u001b[Db\u001bOCc\r', 'abc'],
    ['p\u00e4ss\u{1f511}\u007f\r', 'p\u00e4ss'],
    ['\u007f\r', ''],
  ])('%j is the answer %j and is not shown', async (typed, answer) => {
    const t = terminal();
    t.type(typed);
    expect(await t.ask('Password: ', { hidden: true })).toBe(answer);
    expect(t.shown()).toBe('Password: \n');
    expect(t.raw).toEqual([true, false]);
  });

  it('takes a character that arrives in two pieces', async () => {
    const t = terminal();
    const bytes = Buffer.from('\u00e4\r');
    t.type(bytes.subarray(0, 1));
    setTimeout(() => t.input.write(bytes.subarray(1)), 20);
    expect(await t.ask('? ', { hidden: true })).toBe('\u00e4');
  });

  it.each(['abc\u0003', '\u0004'])('%j cancels and gives the terminal back', async (typed) => {
    const t = terminal();
    t.type(typed);
    await expect(t.ask('? ', { hidden: true })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(t.raw).toEqual([true, false]);
  });

  it('cancels when the terminal goes away', async () => {
    const t = terminal();
    setTimeout(() => t.input.end(), 5);
    await expect(t.ask('? ', { hidden: true })).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('questions', () => {
  it('come one after the other, with echo', async () => {
    const t = terminal();
    const both = Promise.all([t.ask('First? '), t.ask('Second? ', { hidden: true })]);
    t.type('one\r');
    setTimeout(() => t.input.write('two\r'), 60);
    expect(await both).toEqual(['one', 'two']);
    expect(t.shown().indexOf('Second?')).toBeGreaterThan(t.shown().indexOf('one'));
    expect(t.shown()).not.toContain('two');
  });

  it('an echoed one is cancelled by Ctrl-C, and the next can still be asked', async () => {
    const t = terminal();
    t.type('\u0003');
    await expect(t.ask('? ')).rejects.toMatchObject({ code: 'CANCELLED' });
    t.type('yes\r');
    expect(await t.ask('Again? ')).toBe('yes');
  });
});
