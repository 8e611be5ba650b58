import { visible } from '../../../../../shared/visible';
import { odditiesOf } from '../odd-text';
import { listed } from '../rule';
import { type ConfigRule, text } from './container';

/** Names that people give have fewer characters; the engine's own have at most 30. */
const NAME_LONG = 64;
const BENIGN =
  'Colours for a terminal, texts of other systems, and values that were copied with what surrounded them. Whoever shows the text as it is shows something else than is there.';

/** Texts of the configuration that read otherwise than they are. */
const hiding: ConfigRule = {
  id: 'config.hiding-text',
  version: '1',
  title: 'A text of the configuration reads otherwise than it is',
  severity: 'low',
  confidence: 'certain',
  techniques: [],
  benign: BENIGN,
  check({ doc }) {
    const places = [
      { what: 'environment', where: 'Config.Env', parts: doc.list(text, 'Config', 'Env') },
      { what: 'label', where: 'Config.Labels', parts: doc.members(text, 'Config', 'Labels') },
      { what: 'word of its command', where: 'Config.Cmd', parts: doc.list(text, 'Config', 'Cmd') },
    ];
    return places.flatMap(({ what, where, parts }) => {
      const odd = parts.flatMap(({ key, value, cite }) => {
        const signs = [...odditiesOf(value, 'text'), ...(typeof key === 'string' ? odditiesOf(key, 'text') : [])];
        const name = typeof key === 'string' ? key : (value.split('=')[0] ?? '');
        return signs.length === 0 ? [] : [{ name: visible(name, { max: 60 }), signs, cite }];
      });
      if (odd.length === 0) return [];
      const says = [...new Set(odd.flatMap(({ signs }) => signs.map((sign) => sign.says)))];
      return [
        {
          claim: `${where} has ${odd.length === 1 ? 'a text' : `${odd.length} texts`} with ${listed(says)}, which may hide something from who reads it: ${what} ${listed(odd.map(({ name }) => name))}.`,
          techniques: [
            ...new Set(odd.flatMap(({ signs }) => signs.flatMap(({ technique }) => technique ?? []))),
          ].sort(),
          cites: odd.map(({ cite }) => cite),
        },
      ];
    });
  },
};

const longName: ConfigRule = {
  id: 'config.long-name',
  version: '1',
  title: 'The container has an unusually long name',
  severity: 'informational',
  confidence: 'certain',
  techniques: [],
  benign: 'Schedulers make names of several parts. Screens and tools cut long names, so that two of them look alike.',
  check({ doc }) {
    const name = doc.get(text, 'Name')?.replace(/^\//, '') ?? '';
    if (name.length <= NAME_LONG) return [];
    return [
      { claim: `Name has ${name.length} characters: ${visible(name, { max: 300 })}.`, cites: [doc.cite('Name')] },
    ];
  },
};

/** Rules on names and texts. */
export const oddRules: readonly ConfigRule[] = [hiding, longName];
