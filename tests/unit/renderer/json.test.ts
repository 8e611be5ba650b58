import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonNode, JsonSyntaxError, parseJson } from '../../../src/renderer/components/json/parse';
import { ancestors, findInTree, flatten, openTo, pathOfPointer } from '../../../src/renderer/components/json/rows';

/** Back to a value, the way JSON.parse would have made it. */
function toValue(node: JsonNode): unknown {
  if (node.type === 'object') return Object.fromEntries(node.entries.map(({ key, value }) => [key, toValue(value)]));
  if (node.type === 'array') return node.items.map(toValue);
  return node.type === 'string' ? node.value : JSON.parse(node.text);
}

describe('parseJson', () => {
  it('reads whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(JSON.stringify(toValue(parseJson(text)))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('keeps the text of numbers that a double would round', () => {
    expect(parseJson('[18446744073709551615, 1.0, -0]')).toEqual({
      type: 'array',
      items: [
        { type: 'number', text: '18446744073709551615' },
        { type: 'number', text: '1.0' },
        { type: 'number', text: '-0' },
      ],
    });
  });

  it('keeps both of two entries with one key, and marks the one that a parser drops', () => {
    const root = parseJson('{"a":1,"b":2,"a":3}');
    const rows = flatten(root, new Set(['']));
    expect(rows.map(({ key, shadowed }) => [key, shadowed])).toEqual([
      [undefined, false],
      ['a', true],
      ['b', false],
      ['a', false],
    ]);
    expect(pathOfPointer(root, '/a')).toBe('2');
  });

  it.each([
    ['', 0],
    ['{"a":1', 6],
    ['{"a" 1}', 5],
    ['[1,]', 3],
    ['[01]', 2],
    ['"\n"', 1],
    ['"\\x"', 0],
    ['{} {}', 3],
    ['nul', 0],
    ["{'a':1}", 1],
  ])('refuses %j and says where', (text, at) => {
    expect(() => parseJson(text)).toThrow(JsonSyntaxError);
    try {
      parseJson(text);
    } catch (error) {
      expect(error instanceof JsonSyntaxError && error.at).toBe(at);
    }
  });

  it('refuses a depth that would end the stack', () => {
    expect(() => parseJson('['.repeat(100_000))).toThrow(/Nested deeper/);
  });
});

describe('the tree', () => {
  const root = parseJson('{"a/b":{"~":[10,{"x":"Needle"}]},"c":null}');

  it('finds the place of an RFC 6901 pointer, and none where there is none', () => {
    expect(pathOfPointer(root, '/a~1b/~0/1/x')).toBe('0.0.1.0');
    expect(pathOfPointer(root, '')).toBe('');
    for (const wrong of ['/nothing', '/a~1b/~0/2', '/a~1b/~0/01', '/a~1b/~0/-1', '/c/d']) {
      expect(pathOfPointer(root, wrong)).toBeUndefined();
    }
  });

  it('shows what is open, each line with its pointer', () => {
    const open = new Set(ancestors('0.0.1.0'));
    expect(flatten(root, open).map((row) => row.pointer)).toEqual([
      '',
      '/a~1b',
      '/a~1b/~0',
      '/a~1b/~0/0',
      '/a~1b/~0/1',
      '/a~1b/~0/1/x',
      '/c',
    ]);
    expect(flatten(root, openTo(root, 1))).toHaveLength(3);
  });

  it('finds keys and values without regard to case', () => {
    expect(findInTree(root, 'nEEDle')).toEqual(['0.0.1.0']);
    expect(findInTree(root, 'A/B')).toEqual(['0']);
    expect(findInTree(root, 'absent')).toEqual([]);
  });
});
