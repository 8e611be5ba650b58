import { randomBytes } from 'node:crypto';
import { LadingError } from '../../shared/errors';

/** How commands become root on a host. */
export type Elevation =
  | { by: 'login' } // the user is root
  | { by: 'sudo' } // sudo asks for nothing
  | { by: 'sudo password'; password: () => string } // a function: nothing that prints or stores objects shows it
  | { by: 'nothing'; reason: string; advice: string };

/** A command as it is really run, and the talk with sudo that it begins with. */
export interface Elevated {
  argv: string[];
  talk?: SudoTalk;
}

/**
 * The argv to run as root. Throws ROOT_REQUIRED where there is no way. With a password, sudo is made to ask (-k) with a
 * prompt only we know, and a shell says when the command itself begins: so the password is sent only when sudo asks
 * for it, and can never become the input of the command, as it would where sudoers wants none for it.
 */
export function elevate(argv: readonly string[], elevation: Elevation): Elevated {
  switch (elevation.by) {
    case 'login':
      return { argv: [...argv] };
    case 'sudo':
      return { argv: ['sudo', '-n', '--', ...argv] };
    case 'sudo password': {
      const talk = new SudoTalk(elevation.password());
      const begin = ['sh', '-c', 'printf %s "$0" >&2; exec "$@"', talk.startMark];
      return { argv: ['sudo', '-k', '-S', '-p', talk.prompt, '--', ...begin, ...argv], talk };
    }
    case 'nothing':
      throw new LadingError('ROOT_REQUIRED', elevation.reason, { advice: elevation.advice });
  }
}

/** Watches stderr of a sudo: answers its prompt once, notices the command's begin, takes both marks out of the text. */
export class SudoTalk {
  readonly prompt = `[lading ${randomBytes(8).toString('hex')}] `;
  readonly startMark = `[begun ${randomBytes(8).toString('hex')}]`;
  readonly #password: string;
  #state: 'asking' | 'answered' | 'refused' | 'begun' = 'asking';
  #held = Buffer.alloc(0);
  onAsked: (answer: string) => void = () => undefined;
  onBegun: () => void = () => undefined;
  onRefused: () => void = () => undefined;

  constructor(password: string) {
    this.#password = password;
  }

  get begun(): boolean {
    return this.#state === 'begun';
  }

  /** Takes a piece of stderr, gives what of it is to be passed on. */
  filter(piece: Buffer): Buffer {
    if (this.#state === 'begun') return piece;
    let held = Buffer.concat([this.#held, piece]);
    const out: Buffer[] = [];
    for (;;) {
      const start = held.indexOf(this.startMark);
      const asked = held.indexOf(this.prompt);
      if (asked >= 0 && (start < 0 || asked < start)) {
        out.push(held.subarray(0, asked));
        held = held.subarray(asked + this.prompt.length);
        this.#asked();
      } else if (start >= 0) {
        out.push(held.subarray(0, start), held.subarray(start + this.startMark.length));
        this.#held = Buffer.alloc(0);
        this.#state = 'begun';
        this.onBegun();
        return Buffer.concat(out);
      } else break;
    }
    // The last bytes may be the beginning of a mark.
    const keep = Math.min(held.length, Math.max(this.prompt.length, this.startMark.length) - 1);
    out.push(held.subarray(0, held.length - keep));
    this.#held = Buffer.from(held.subarray(held.length - keep));
    return Buffer.concat(out);
  }

  /** What was held back when stderr ended. */
  rest(): Buffer {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    return rest;
  }

  #asked(): void {
    if (this.#state === 'asking') {
      this.#state = 'answered';
      this.onAsked(`${this.#password}\n`);
    } else if (this.#state === 'answered') {
      this.#state = 'refused';
      this.onRefused();
    }
  }
}
