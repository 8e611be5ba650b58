/**
 * JSON (RFC 8259) as it was written: numbers keep their own text (JSON.parse rounds 18446744073709551615), and a key that
 * occurs twice is kept twice. Depth and all bytes are checked.
 */
export type JsonNode =
  | { type: 'object'; entries: { key: string; value: JsonNode }[] }
  | { type: 'array'; items: JsonNode[] }
  | { type: 'string'; value: string }
  | { type: 'number' | 'literal'; text: string };

export class JsonSyntaxError extends Error {
  /** Characters from the start. */
  readonly at: number;
  constructor(what: string, at: number) {
    super(`${what} at character ${at}`);
    this.name = 'JsonSyntaxError';
    this.at = at;
  }
}

const MAX_DEPTH = 500;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;

/** Parses a whole text; throws JsonSyntaxError with the place. */
export function parseJson(text: string): JsonNode {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const skip = () => {
    SPACE.lastIndex = at;
    SPACE.test(text);
    at = SPACE.lastIndex;
  };
  const fail = (what: string): never => {
    throw new JsonSyntaxError(at >= text.length ? 'The text ends too early' : what, at);
  };
  const string = (): string => {
    const start = at;
    let escaped = false;
    for (at += 1; ; at += 1) {
      const code = text.charCodeAt(at);
      if (Number.isNaN(code)) fail('Unended string');
      if (code === 0x22) break;
      if (code < 0x20) fail('Control character in a string');
      if (code === 0x5c) {
        escaped = true;
        at += 1;
      }
    }
    at += 1;
    if (!escaped) return text.slice(start + 1, at - 1);
    try {
      return String(JSON.parse(text.slice(start, at)));
    } catch {
      at = start;
      return fail('Wrong escape in a string');
    }
  };
  const value = (depth: number): JsonNode => {
    if (depth > MAX_DEPTH) fail(`Nested deeper than ${MAX_DEPTH}`);
    skip();
    const char = text[at];
    if (char === '{') return object(depth);
    if (char === '[') return array(depth);
    if (char === '"') return { type: 'string', value: string() };
    for (const literal of ['true', 'false', 'null']) {
      if (text.startsWith(literal, at)) {
        at += literal.length;
        return { type: 'literal', text: literal };
      }
    }
    NUMBER.lastIndex = at;
    const number = NUMBER.exec(text)?.[0];
    if (number === undefined) return fail('No JSON value');
    at += number.length;
    return { type: 'number', text: number };
  };
  const object = (depth: number): JsonNode => {
    const entries: { key: string; value: JsonNode }[] = [];
    at += 1;
    skip();
    if (text[at] === '}') {
      at += 1;
      return { type: 'object', entries };
    }
    for (;;) {
      skip();
      if (text[at] !== '"') fail('No key');
      const key = string();
      skip();
      if (text[at] !== ':') fail('No colon');
      at += 1;
      entries.push({ key, value: value(depth + 1) });
      skip();
      if (text[at] === '}') break;
      if (text[at] !== ',') fail('No comma');
      at += 1;
    }
    at += 1;
    return { type: 'object', entries };
  };
  const array = (depth: number): JsonNode => {
    const items: JsonNode[] = [];
    at += 1;
    skip();
    if (text[at] === ']') {
      at += 1;
      return { type: 'array', items };
    }
    for (;;) {
      items.push(value(depth + 1));
      skip();
      if (text[at] === ']') break;
      if (text[at] !== ',') fail('No comma');
      at += 1;
    }
    at += 1;
    return { type: 'array', items };
  };
  const root = value(0);
  skip();
  if (at < text.length) throw new JsonSyntaxError('Something follows the value', at);
  return root;
}

export function childrenOf(node: JsonNode): { key: string; value: JsonNode }[] {
  if (node.type === 'object') return node.entries;
  if (node.type === 'array') return node.items.map((value, index) => ({ key: String(index), value }));
  return [];
}

export function isBranch(node: JsonNode): boolean {
  return (node.type === 'object' && node.entries.length > 0) || (node.type === 'array' && node.items.length > 0);
}
