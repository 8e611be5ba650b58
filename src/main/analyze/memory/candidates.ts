import { createHash } from 'node:crypto';
import { CARD_LEAST, cardsIn } from './cards';
import { fastMatcher } from './fast-terms';
import type { MemorySpace } from './layout';
import type { OpenMemory } from './open';
import { extent, type Piece, pieces, stretches } from './scan';
import { termMatcher, textTerms } from './terms';
import { type ScanEngine, withEngine } from './wasm/engine';

export const CANDIDATE_KINDS = ['private key', 'token', 'password', 'card number', 'URL'] as const;
export type CandidateKind = (typeof CANDIDATE_KINDS)[number];

/** What looks like a secret or an address; whether it is one, the examiner decides. */
export interface Candidate {
  kind: CandidateKind;
  /** What it looks like: 'AWS access key id', 'OPENSSH PRIVATE KEY', the name before the =. */
  what: string;
  value: string;
  encoding: 'bytes' | 'utf16le';
  space: MemorySpace;
  address: bigint;
  offset: number;
  length: number;
  /** Places where the same value stands, this one included. */
  count: number;
}

export interface CandidatePage {
  candidates: Candidate[];
  next?: number;
  done: number;
  total: number;
}

/** What each begins with, by which memory is searched, and its form; every pattern is linear. `at` is where the value begins before the anchor. */
const FORMS: readonly { anchors: string[]; kind: CandidateKind; what: string; form: RegExp; back?: number }[] = [
  {
    anchors: ['-----BEGIN '],
    kind: 'private key',
    what: '',
    form: /-----BEGIN ([A-Z ]{0,30}PRIVATE KEY)-----[A-Za-z0-9+/=\s:,-]{0,8000}?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|(?![A-Za-z0-9+/=\s:,-]))/y,
  },
  {
    anchors: ['AKIA', 'ASIA'],
    kind: 'token',
    what: 'AWS access key id',
    form: /(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])/y,
  },
  {
    anchors: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    kind: 'token',
    what: 'GitHub token',
    form: /gh[pousr]_[A-Za-z0-9]{36,255}/y,
  },
  { anchors: ['github_pat_'], kind: 'token', what: 'GitHub token', form: /github_pat_[A-Za-z0-9_]{50,255}/y },
  { anchors: ['glpat-'], kind: 'token', what: 'GitLab token', form: /glpat-[A-Za-z0-9_-]{20,255}/y },
  {
    anchors: ['xoxa-', 'xoxb-', 'xoxe-', 'xoxp-', 'xoxr-', 'xoxs-'],
    kind: 'token',
    what: 'Slack token',
    form: /xox[abeprs]-[A-Za-z0-9-]{10,255}/y,
  },
  { anchors: ['AIza'], kind: 'token', what: 'Google API key', form: /AIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])/y },
  { anchors: ['sk_live_', 'rk_live_'], kind: 'token', what: 'Stripe key', form: /[rs]k_live_[0-9A-Za-z]{16,255}/y },
  { anchors: ['npm_'], kind: 'token', what: 'npm token', form: /npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/y },
  { anchors: ['dckr_pat_'], kind: 'token', what: 'Docker Hub token', form: /dckr_pat_[A-Za-z0-9_-]{20,255}/y },
  {
    anchors: ['eyJ'],
    kind: 'token',
    what: 'JSON Web Token',
    form: /eyJ[\w-]{8,2000}\.eyJ[\w-]{8,4000}\.[\w-]{0,2000}/y,
  },
  {
    anchors: ['uthorization: '],
    kind: 'token',
    what: 'Authorization header',
    form: /uthorization: (?:Bearer|Basic|Token) ([\w+/=.~-]{8,4000})/iy,
  },
  {
    anchors: [
      'passwd=',
      'password=',
      'passphrase=',
      'secret=',
      'token=',
      'apikey=',
      'api_key=',
      'secret_key=',
      'access_key=',
      'private_key=',
    ],
    kind: 'password',
    what: '',
    form: /([A-Za-z][\w.-]{0,60})=(?!\$|\{|%|\/|(?:null|none|true|false|yes|no)\b)([\x21-\x7e]{4,256})/iy,
    back: 48,
  },
  {
    anchors: ['://'],
    kind: 'URL',
    what: 'URL',
    form: /[a-z][a-z0-9+.-]{1,20}:\/\/[\w.~:/?#[\]@!$&'()*+,;=%-]{4,2000}/iy,
    back: 20,
  },
];

const ANCHORS = FORMS.flatMap(({ anchors }, form) => anchors.map((text) => ({ form, text })));
const LONGEST = 12_000;
/** URL schemes of which memory is full without meaning anything. */
const NO_SCHEME = /^(?:xmlns|urn|about):/i;

export interface CandidateOptions {
  spaces?: ReadonlySet<string>;
  kinds?: ReadonlySet<CandidateKind>;
  from?: number;
  limit: number;
  budget?: number;
  signal?: AbortSignal;
}

/** Looks for what may be keys, tokens, passwords, card numbers, URLs; the same value is given once a page, with how often it stands there. */
export function memoryCandidates(memory: OpenMemory, options: CandidateOptions): Promise<CandidatePage> {
  return withEngine((engine) => candidatesWith(engine, memory, options));
}

async function candidatesWith(
  engine: ScanEngine | undefined,
  memory: OpenMemory,
  options: CandidateOptions,
): Promise<CandidatePage> {
  const wanted = (kind: CandidateKind) => !options.kinds || options.kinds.has(kind);
  const chosen = ANCHORS.filter(({ form }) => wanted((FORMS[form] as (typeof FORMS)[number]).kind));
  const terms = textTerms(
    chosen.map(({ text }) => text),
    true,
  );
  const matcher = terms.length === 0 ? undefined : engine ? fastMatcher(terms, true, engine) : termMatcher(terms, true);
  const all = stretches(memory.layout, options.spaces);
  const total = extent(all);
  const found = new Map<string, Candidate>();
  let looked = 0;
  const add = (one: Omit<Candidate, 'count' | 'space'>, piece: Piece) => {
    const key = createHash('sha256').update(`${one.kind}\0${one.value}`).digest('base64');
    const held = found.get(key);
    if (held) held.count += 1;
    else found.set(key, { ...one, space: piece.stretch.space, count: 1 });
  };
  for await (const piece of pieces(memory.source, all, {
    ahead: LONGEST,
    from: options.from,
    signal: options.signal,
    slots: engine?.slots,
  })) {
    const start = piece.offset + piece.from;
    if (found.size >= options.limit || (options.budget !== undefined && looked >= options.budget)) {
      return { candidates: [...found.values()], next: start, done: extent(all, start), total };
    }
    const { bytes, from, own } = piece;
    matcher?.scan(bytes, from, bytes.length, (at, { term, wide }) => {
      if (at >= own) return false;
      const form = FORMS[chosen[term]?.form ?? 0] as (typeof FORMS)[number];
      const one = formAt(bytes, at, form, wide);
      if (one) add({ ...one, address: piece.address + BigInt(one.at), offset: piece.offset + one.at }, piece);
      return true;
    });
    if (wanted('card number')) {
      for (const [begin, end] of engine ? printable(engine, piece) : [[from, own] as const]) {
        for (const { at, length, value } of cardsIn(bytes, begin, end)) {
          const place = { address: piece.address + BigInt(at), offset: piece.offset + at, length };
          add({ kind: 'card number', what: 'card number (Luhn)', value, encoding: 'bytes', ...place }, piece);
        }
      }
    }
    looked += own - from;
    await new Promise(setImmediate);
  }
  return { candidates: [...found.values()], done: total, total };
}

/** Where a card's number may stand: bytes that show, as many as the shortest has, and what touches the piece's borders. */
function printable(engine: ScanEngine, { bytes, from, own }: Piece): (readonly [number, number])[] {
  const base = engine.hold(bytes);
  const runs = engine.runs(base + from, base + own, CARD_LEAST, engine.out);
  return Array.from({ length: runs }, (_, i) => [
    (engine.found[2 * i] as number) - base,
    (engine.found[2 * i + 1] as number) - base,
  ]);
}

function formAt(bytes: Buffer, anchor: number, { kind, what, form, back = 0 }: (typeof FORMS)[number], wide: boolean) {
  const unit = wide ? 2 : 1;
  let begin = anchor;
  // what stands before the anchor: a scheme, the rest of a name
  while (begin - unit >= 0 && anchor - begin < back * unit && nameByte(bytes, begin - unit, wide)) begin -= unit;
  const text = bytes.toString(wide ? 'utf16le' : 'latin1', begin, Math.min(bytes.length, begin + LONGEST));
  form.lastIndex = 0;
  const match = form.exec(text);
  if (!match) return undefined;
  if (kind === 'URL' && NO_SCHEME.test(match[0])) return undefined;
  const value = kind === 'password' ? (match[2] ?? '') : what === 'Authorization header' ? (match[1] ?? '') : match[0];
  const skip = match[0].length - value.length;
  return {
    kind,
    what: what !== '' ? what : (match[1] ?? ''),
    value,
    encoding: wide ? ('utf16le' as const) : ('bytes' as const),
    at: begin + (kind === 'private key' ? 0 : skip * unit),
    length: value.length * unit,
  };
}

function nameByte(bytes: Buffer, at: number, wide: boolean): boolean {
  const byte = bytes[at] as number;
  if (wide && bytes[at + 1] !== 0) return false;
  const letter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  return letter || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f || byte === 0x2d || byte === 0x2e || byte === 0x2b;
}
