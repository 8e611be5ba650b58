/** What makes a text read otherwise than it is, or harms whoever shows or uses it carelessly. */
export interface Oddity {
  /** What it has: 'control characters'. */
  says: string;
  /** It hides something from who reads it; else it is only hard to handle. */
  hides: boolean;
  technique?: string;
}

interface Sign extends Oddity {
  fits(text: string): boolean;
}

/** A name, which has one line; or a text of several lines, as a value of the environment may be. */
export type TextKind = 'name' | 'text';

const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const CONTROL_IN_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;
/** UAX #9: overrides and isolates. The marks U+200E, U+200F and U+061C stand in ordinary Hebrew and Arabic text. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/;
/** Not the joiners U+200C and U+200D, which scripts and emoji need. */
const INVISIBLE = /[\u00ad\u180e\u200b\u2028\u2029\u2060-\u2064\ufeff\u{e0000}-\u{e007f}\ufff9-\ufffb]/u;
/** A byte that is no UTF-8: as formats/fs-path.ts and Node's decoder write it. */
const NO_UTF8 = /[\u{10fe80}-\u{10feff}\ufffd]/u;
/** Letters of Cyrillic or Greek that look like Latin ones; odd in one word with Latin letters. */
const ALIKE = 'аеорсухіѕјһԁԛԝАВЕКМНОРСТХІЅЈαονρτικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ';
const WORD = /[\p{L}\p{M}]+/gu;
const FOREIGN = /[\p{Script=Cyrillic}\p{Script=Greek}]/u;
const LATIN = /\p{Script=Latin}/u;

function lookAlike(text: string): boolean {
  if (!FOREIGN.test(text)) return false;
  return [...text.matchAll(WORD)].some(
    ([word]) => LATIN.test(word) && [...word].some((letter) => ALIKE.includes(letter)),
  );
}

const HIDING = (kind: TextKind): readonly Sign[] => [
  {
    says: 'control characters',
    hides: true,
    fits: (text) => (kind === 'name' ? CONTROL : CONTROL_IN_TEXT).test(text),
  },
  {
    says: 'a change of the direction in which it is shown',
    hides: true,
    technique: 'T1036.002',
    fits: (text) => TURNS.test(text),
  },
  { says: 'characters that are not shown', hides: true, fits: (text) => INVISIBLE.test(text) },
  { says: 'bytes that are no UTF-8', hides: true, fits: (text) => NO_UTF8.test(text) },
  { says: 'letters that look like others', hides: true, technique: 'T1036.005', fits: lookAlike },
];

const NAMES: readonly Sign[] = [
  { says: 'a blank at one end', hides: true, technique: 'T1036.006', fits: (text) => /^\s|\s$/.test(text) },
  { says: 'nothing but dots', hides: true, technique: 'T1036.005', fits: (text) => /^\.{3,}$/.test(text) },
];

const HARD: readonly Sign[] = [
  { says: 'what a careless script would run', hides: false, fits: (text) => /\$\(|`|[;|]\s*[A-Za-z]/.test(text) },
  { says: 'what reads as HTML', hides: false, fits: (text) => /<\w[^<]*>/.test(text) },
];

const HARD_NAMES: readonly Sign[] = [
  { says: 'a beginning that reads as an option', hides: false, fits: (text) => /^-./.test(text) },
  { says: 'a \\, which parts folders on Windows', hides: false, fits: (text) => text.includes('\\') },
  { says: 'nearly the greatest length', hides: false, fits: (text) => Buffer.byteLength(text) > 240 },
];

/** What is odd in a text; those that hide something first. A `text` may have several lines, and is not read as a command. */
export function odditiesOf(text: string, kind: TextKind = 'name'): Oddity[] {
  const signs = kind === 'name' ? [...HIDING(kind), ...NAMES, ...HARD, ...HARD_NAMES] : HIDING(kind);
  return signs.filter(({ fits }) => fits(text));
}
