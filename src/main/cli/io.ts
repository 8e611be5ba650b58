import { StringDecoder } from 'node:string_decoder';
import { createPrompter } from './prompt';

/** Everything the command line touches of the world around it, so that tests can stand in its place. */
export interface Io {
  /** Data, to standard output; bytes as they are. */
  out(data: string | Uint8Array): void;
  /** Words and progress, to standard error. */
  err(text: string): void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** There is a person to ask: standard input and standard error are a terminal and --no-input was not given. */
  readonly canAsk: boolean;
  columns(): number;
  rows(): number;
  readonly env: Record<string, string | undefined>;
  readonly cwd: string;
  /** Asks the person; without echo for secrets. Throws CANCELLED on Ctrl-C. */
  ask(question: string, options?: { hidden?: boolean }): Promise<string>;
  /** All of standard input as text. */
  readInput(): Promise<string>;
  /** Calls back on Ctrl-C, SIGTERM and a closed terminal, until the function it gives is called. The last one in is asked. */
  onInterrupt(handler: () => void): () => void;
  /** Calls back when standard input ends, which is how a parent that has died is noticed. */
  onInputEnd(handler: () => void): void;
  /**
   * Where a person types: every byte as it is typed, and word of a new size, until the function it gives is called. Ctrl-C is a byte
   * then. Absent where standard input is no terminal.
   */
  typing?(onBytes: (bytes: Uint8Array) => void, onSize: () => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** The real one. */
export function processIo(options: { noInput?: boolean } = {}): Io {
  const { stdin, stdout, stderr } = process;
  // A reader that has gone (`lading … | head`) must not break off what is being done to a case.
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
  const handlers: (() => void)[] = [];
  const interrupted = () => handlers.at(-1)?.();
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    outIsTerminal: stdout.isTTY === true,
    errIsTerminal: stderr.isTTY === true,
    canAsk: stdin.isTTY === true && stderr.isTTY === true && !options.noInput,
    // A terminal that does not know its size says 0.
    columns: () => stderr.columns || stdout.columns || 100,
    rows: () => stderr.rows || 24,
    env: process.env,
    cwd: process.cwd(),
    ask: createPrompter(stdin, stderr),
    readInput: async () => {
      const decoder = new StringDecoder('utf8');
      let text = '';
      for await (const chunk of stdin) text += typeof chunk === 'string' ? chunk : decoder.write(chunk);
      return text + decoder.end();
    },
    onInterrupt: (handler) => {
      if (handlers.length === 0) for (const signal of SIGNALS) process.on(signal, interrupted);
      handlers.push(handler);
      return () => {
        const at = handlers.indexOf(handler);
        if (at >= 0) handlers.splice(at, 1);
        if (handlers.length === 0) for (const signal of SIGNALS) process.off(signal, interrupted);
      };
    },
    onInputEnd: (handler) => {
      stdin.once('end', handler);
      stdin.resume();
    },
    ...(stdin.isTTY === true &&
      !options.noInput && {
        typing: (onBytes, onSize) => {
          stdin.setRawMode(true);
          stdin.on('data', onBytes).resume();
          stdout.on('resize', onSize);
          return () => {
            stdin.off('data', onBytes).pause();
            stdin.setRawMode(false);
            stdout.off('resize', onSize);
          };
        },
      }),
    exit: (code) => process.exit(code),
  };
}

/** Windows knows SIGINT and SIGHUP (a closed console) only; listening for SIGTERM does no harm there. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
