/**
 * What of a hostile program's output may reach the examiner's own terminal: text, and the sequences of ECMA-48 and xterm
 * (ctlseqs) that move the cursor, erase, colour and scroll. Everything else is refused and counted: what writes the
 * clipboard or the title, opens links, prints, makes the terminal answer as if the examiner had typed, or switches it into a mode in
 * which it sends more than keys. The exhibit keeps all of it.
 */

/** Kinds of sequences that were refused. */
export type Refused =
  | 'clipboard'
  | 'title'
  | 'operating system command'
  | 'device control'
  | 'query'
  | 'mode'
  | 'other';

export interface TerminalFilter {
  /** Gives what of a piece may be shown; a sequence that goes on in the next piece is held back. */
  push(piece: Uint8Array): string;
  /** How many of each kind were refused until now. */
  readonly refused: ReadonlyMap<Refused, number>;
}

/** Modes of DECSET that change only what is seen: cursor keys, wrap, cursor, both screens, bracketed paste. */
const PRIVATE_MODES = new Set(['1', '5', '6', '7', '12', '25', '47', '1047', '1048', '1049', '2004', '2026']);
/** Insert mode; new line mode would change what the Enter key sends. */
const MODES = new Set(['4']);
/** CSI without intermediates that move, erase, insert, delete, scroll, colour. */
const PLAIN_FINALS = new Set('@ABCDEFGHIJKLMPSTXZ`adefgmrsu');
/** ESC and one letter: save and restore the cursor, index, next line, tab stop, reverse index, keypad. */
const ESCAPES = new Set('78DEHM=>');
const CHARSETS = new Set('AB012');
/** No sequence that is allowed is longer. */
const LONGEST = 64;
/** A string (OSC, DCS…) that does not end within so many characters is over: what follows is text again, still filtered. */
const STRING_LIMIT = 1 << 20;

type State = 'text' | 'escape' | 'csi' | 'charset' | 'string';

/** A filter for one session, with its state from piece to piece. */
export function terminalFilter(): TerminalFilter {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const refused = new Map<Refused, number>();
  let state: State = 'text';
  let held = '';
  let length = 0;
  let stringStart = '';
  let wasEscape = false;

  const refuse = (kind: Refused): '' => {
    refused.set(kind, (refused.get(kind) ?? 0) + 1);
    state = 'text';
    held = '';
    return '';
  };
  const beginString = (introducer: string): '' => {
    state = 'string';
    held = introducer;
    stringStart = '';
    length = 0;
    wasEscape = false;
    return '';
  };
  const endString = () => refuse(stringKind(held, stringStart));

  /** One character; gives what may be shown. */
  const take = (char: string): string => {
    const code = char.codePointAt(0) ?? 0;
    switch (state) {
      case 'string': {
        length += 1;
        if (wasEscape && char === '\\') return endString();
        if (char === '\x1b') wasEscape = true;
        else {
          // Any other sequence after ESC ends the string, as terminals have it.
          if (wasEscape) {
            endString();
            state = 'escape';
            held = '\x1b';
            return take(char);
          }
          if (char === '\x9c' || (char === '\x07' && held === ']') || code === 0x18 || code === 0x1a) {
            return endString();
          }
          if (stringStart.length < 8) stringStart += char;
        }
        if (length > STRING_LIMIT) endString();
        return '';
      }
      case 'escape':
        if (char === '[') {
          state = 'csi';
          held = '\x1b[';
          return '';
        }
        if (']PX^_'.includes(char)) return beginString(char);
        // intermediates of a longer escape sequence (ECMA-35)
        if (code >= 0x20 && code <= 0x2f) {
          state = 'charset';
          held += char;
          return '';
        }
        if (ESCAPES.has(char)) {
          state = 'text';
          held = '';
          return `\x1b${char}`;
        }
        if (char === '\x1b') return '';
        refuse(char === 'Z' ? 'query' : 'other');
        return code < 0x20 || code >= 0x7f ? take(char) : '';
      case 'charset': {
        const whole = held + char;
        if (code >= 0x20 && code <= 0x2f && whole.length < LONGEST) {
          held = whole;
          return '';
        }
        if ((held === '\x1b(' || held === '\x1b)') && CHARSETS.has(char)) {
          state = 'text';
          held = '';
          return whole;
        }
        refuse('other');
        return code < 0x20 || code >= 0x7f ? take(char) : '';
      }
      case 'csi': {
        // A control character within would be carried out by a terminal: here it ends the sequence.
        if (code < 0x20 || code > 0x7e) {
          refuse('other');
          return take(char);
        }
        held += char;
        if (code < 0x40) {
          if (held.length > LONGEST) refuse('other');
          return '';
        }
        const kind = csiKind(held);
        if (kind) return refuse(kind);
        const whole = held;
        state = 'text';
        held = '';
        return whole;
      }
      default:
        if (char === '\x1b') {
          state = 'escape';
          held = char;
          return '';
        }
        if (code >= 0x80 && code <= 0x9f) return c1(code);
        if (code >= 0x20 && code !== 0x7f) return char;
        if ('\x07\b\t\n\v\f\r'.includes(char)) return char;
        // ENQ makes a terminal answer, SO and SI change the letters; the others show nothing.
        if (code === 0x05) refuse('query');
        return '';
    }
  };

  /** An eight-bit control character, which some terminals carry out: the strings are swallowed to their end. */
  const c1 = (code: number): string => {
    const string = { 144: 'P', 152: 'X', 157: ']', 158: '^', 159: '_' }[code];
    if (string) beginString(string);
    else if (code === 0x9b) {
      state = 'csi';
      held = '\x1b[';
    } else refuse(code === 0x9a ? 'query' : 'other');
    return '';
  };

  return {
    refused,
    push(piece) {
      let shown = '';
      for (const char of decoder.decode(piece, { stream: true })) shown += take(char);
      return shown;
    },
  };
}

function stringKind(introducer: string, start: string): Refused {
  if (introducer !== ']') return 'device control';
  if (/^52;/.test(start)) return 'clipboard';
  return /^[0-2lLI]/.test(start) && /^([0-2];|[lLI])/.test(start) ? 'title' : 'operating system command';
}

/** Why a whole CSI sequence is refused; undefined where it may be shown. */
function csiKind(sequence: string): Refused | undefined {
  const [, prefix = '', parameters = '', between = '', final = ''] =
    /^\x1b\[([<=>?]?)([0-9:;]*)([ -/]*)(.)$/.exec(sequence) ?? [];
  if (final === '') return 'other';
  // A program may ask for millions of lines to be inserted or a character to be repeated: a terminal would hang.
  if (/\d{5}/.test(parameters)) return 'other';
  if ('hl'.includes(final) && between === '') {
    const allowed = prefix === '?' ? PRIVATE_MODES : prefix === '' ? MODES : new Set<string>();
    return parameters.split(';').every((mode) => allowed.has(mode)) ? undefined : 'mode';
  }
  if (prefix === '' && between === '' && PLAIN_FINALS.has(final)) return undefined;
  if (prefix === '' && /^\d*$/.test(parameters) && between === ' ' && final === 'q') return undefined; // shape of the cursor
  if (prefix === '' && parameters === '' && between === '!' && final === 'p') return undefined; // soft reset
  if (final === 't') return /^2[23](;|$)/.test(parameters) ? 'title' : 'query';
  return 'cnpqxuy'.includes(final) ? 'query' : 'other';
}

/** What was refused, in words; empty where nothing was. */
export function refusedText(refused: ReadonlyMap<Refused, number>): string {
  return [...refused].map(([kind, times]) => `${kind} ×${times}`).join(', ');
}
