import { createInterface } from 'node:readline';
import { StringDecoder } from 'node:string_decoder';
import { LadingError } from '../../shared/errors';

/** What a prompt needs of a terminal's input. */
export interface TerminalInput extends NodeJS.ReadableStream {
  isTTY?: boolean;
  setRawMode?(on: boolean): unknown;
}

/**
 * Makes the function that asks a person one line. Hidden answers are not echoed, not even as stars, which would tell
 * their length. Questions queue: two hosts that ask at once do not mix.
 */
export function createPrompter(
  input: TerminalInput,
  output: NodeJS.WritableStream,
): (question: string, options?: { hidden?: boolean }) => Promise<string> {
  let last: Promise<unknown> = Promise.resolve();
  return (question, options = {}) => {
    const answer = last.then(() =>
      options.hidden ? askHidden(input, output, question) : askLine(input, output, question),
    );
    last = answer.catch(() => {});
    return answer;
  };
}

function cancelled(): LadingError {
  return new LadingError('CANCELLED', 'Cancelled by the examiner.');
}

function askLine(input: TerminalInput, output: NodeJS.WritableStream, question: string): Promise<string> {
  return new Promise((done, fail) => {
    const lines = createInterface({ input, output, terminal: input.isTTY === true });
    let answered = false;
    lines.on('SIGINT', () => lines.close());
    lines.once('close', () => {
      if (answered) return;
      output.write('\n');
      fail(cancelled());
    });
    lines.question(question, (answer) => {
      answered = true;
      lines.close();
      done(answer);
    });
  });
}

/** Keys that a terminal sends as sequences: arrows, paste marks (CSI and SS3, ECMA-48). */
const SEQUENCE = /\u001b(\[[0-9;?]*[ -/]*[@-~]|O[ -~])/g;

function askHidden(input: TerminalInput, output: NodeJS.WritableStream, question: string): Promise<string> {
  return new Promise((done, fail) => {
    const decoder = new StringDecoder('utf8');
    let typed: string[] = [];
    const end = (settle: () => void) => {
      input.off('data', take);
      input.off('end', gone);
      input.setRawMode?.(false);
      input.pause();
      output.write('\n');
      settle();
    };
    const gone = () => end(() => fail(cancelled()));
    const take = (chunk: Buffer | string) => {
      const text = (typeof chunk === 'string' ? chunk : decoder.write(chunk)).replace(SEQUENCE, '');
      for (const key of text) {
        if (key === '\r' || key === '\n') return end(() => done(typed.join('')));
        if (key === '\u0003') return end(() => fail(cancelled())); // Ctrl-C
        if (key === '\u0004' && typed.length === 0) return end(() => fail(cancelled())); // Ctrl-D
        if (key === '\u007f' || key === '\b') typed.pop();
        else if (key === '\u0015')
          typed = []; // Ctrl-U
        else if (key >= ' ') typed.push(key);
      }
    };
    output.write(question);
    input.setRawMode?.(true);
    input.on('data', take);
    input.once('end', gone);
    input.resume();
  });
}
