import { hasHidden } from '../../../../../shared/visible';
import type { LogEntry } from '../../../formats/docker-log';
import { commandSigns } from '../commands';
import type { Hit, Rule } from '../rule';
import { shown } from '../secrets';
import { type Fitting, gather, type LogRule } from './rule';

/** '12 entries, the first of 2026-…Z: "…"'. */
function told({ count, cites }: Fitting, first: LogEntry, what: string): Pick<Hit, 'claim' | 'cites'> {
  const number = count === 1 ? 'One entry' : `${count} entries`;
  const when = first.time ? ` of ${shown(first.time, 40)}` : '';
  return { claim: `${number} of the log ${what}; the first${when}: "${shown(first.text, 400)}".`, cites };
}

/** A request as web servers and proxies log it. */
const REQUEST = /\b(?:GET|POST|PUT|DELETE|HEAD|OPTIONS|PATCH)\s{1,3}(\S.{0,8000}?)(?:\s{1,3}HTTP\/\d|["']|$)/;

/** Undoes percent-encoding twice, as far as it can be undone: intruders encode twice to get past filters. */
function decoded(text: string): string {
  let plain = text;
  for (let round = 0; round < 2; round++) {
    plain = plain.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
  return plain.replaceAll('+', ' ');
}

const PROGRAM =
  '(?:\\S{0,40}\\/)?(?:exec\\s{1,3})?(?:\\S{0,40}\\/)?(?:ba|da|z)?(?:sh|curl|wget|nc|ncat|id|whoami|uname|cat|ls|python[\\d.]*|perl|php|busybox|chmod|rm|echo|ping|nslookup)';

/** Ways in that a request shows by itself. */
const ATTACKS: readonly RegExp[] = [
  new RegExp(`(?:[;|&\`\\n]|\\$\\(|\\$\\{IFS\\})\\s{0,5}${PROGRAM}(?:\\s|\\$|\`|\\)|;|$)`),
  /(?:\.\.[/\\]){2,}/,
  /\/etc\/(?:passwd|shadow)\b|\/proc\/self\/environ\b/,
  /\$\{(?:jndi|lower|upper|env|::-)\b/i,
  /\bunion\s{1,5}(?:all\s{1,5})?select\b|\bor\s{1,3}1\s{0,3}=\s{0,3}1\b|\bsleep\(\d|\bbenchmark\(\d/i,
  /<\?php|\bphp:\/\/(?:input|filter)|\ballow_url_include\b|\bauto_prepend_file\b/i,
  /\bclass\.module\.classLoader\b|\bOgnlContext\b|T\(java\.lang\.Runtime\)/,
  /\{\{.{0,100}(?:__class__|config|self|request)\b/,
];

function attack(entry: LogEntry): boolean {
  const request = REQUEST.exec(entry.text)?.[1];
  if (request === undefined) return false;
  const plain = decoded(request);
  return ATTACKS.some((pattern) => pattern.test(plain)) || commandSigns(plain).length > 0;
}

const BASE = { version: '1', confidence: 'possible' } as const satisfies Partial<Rule>;

export const requestAttack: LogRule = {
  ...BASE,
  id: 'logs.request-attack',
  title: 'A request tries to break into the service',
  severity: 'medium',
  techniques: ['T1190'],
  benign:
    'Scanners try such requests on every address, mostly without success; the log does not say whether one worked.',
  begin: () =>
    gather(attack, (fitting, first) =>
      told(fitting, first, `${fitting.count === 1 ? 'shows' : 'show'} a request of an attack's form`),
    ),
};

export const shellOutput: LogRule = {
  ...BASE,
  id: 'logs.shell-output',
  title: 'The log holds what a shell answered',
  severity: 'medium',
  techniques: ['T1059.004', 'T1033'],
  benign: 'Start scripts print who they run as.',
  begin: () =>
    gather(
      ({ text }) => /\buid=\d{1,10}\([\w.$-]{1,64}\) gid=\d{1,10}\(/.test(text),
      (fitting, first) =>
        told(fitting, first, `${fitting.count === 1 ? 'holds' : 'hold'} the answer of the command id`),
    ),
};

export const minerOutput: LogRule = {
  ...BASE,
  id: 'logs.miner',
  title: 'The log speaks of a mining pool',
  severity: 'high',
  techniques: ['T1496.001'],
  benign: 'A service whose business is mining.',
  begin: () =>
    gather(
      ({ text }) =>
        /\bstratum\d?\+(?:tcp|ssl|tls):\/\/|\bnew job from \S{1,100} diff \d|\bspeed 10s\/60s\/15m\b/.test(text),
      (fitting, first) => told(fitting, first, `${fitting.count === 1 ? 'speaks' : 'speak'} of mining`),
    ),
};

export const controlSequences: LogRule = {
  ...BASE,
  id: 'logs.control-sequences',
  title: 'The log holds sequences that change what a terminal shows',
  severity: 'low',
  confidence: 'certain',
  techniques: ['T1036'],
  benign: 'Programs that believe to write to a terminal colour their lines.',
  begin: () =>
    gather(
      // colours alone (SGR) are everyday; titles, cursor moves, links and bidirectional overrides are not
      ({ text }) =>
        hasHidden(text.replace(/\u001b\[[\d;:]{0,40}m/g, '').replace(/[\t\r]/g, '')) &&
        /[\u001b\u009b\u009d\u0008\u202a-\u202e\u2066-\u2069]/.test(text),
      (fitting, first) =>
        told(fitting, first, `${fitting.count === 1 ? 'holds' : 'hold'} control sequences beyond colours`),
    ),
};

/** Every rule of this file. */
export const contentRules: readonly LogRule[] = [requestAttack, shellOutput, minerOutput, controlSequences];
