import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellsOf, csvRows } from '../../../../src/main/analyze/lists/csv';
import { kindOf } from '../../../../src/main/analyze/lists/indicator';
import { tokenScanner } from '../../../../src/main/analyze/lists/tokens';

function scan(bytes: Buffer, words: readonly string[], step = bytes.length || 1) {
  const hits: string[] = [];
  const scanner = tokenScanner(
    (token) => words.includes(token),
    ({ token, offset, length }) => {
      hits.push(`${token}@${offset}`);
      // the place is that of the word, whatever its case
      expect(bytes.toString('latin1', offset, offset + length).toLowerCase()).toBe(token);
    },
  );
  for (let at = 0; at < bytes.length; at += step) scanner.push(bytes.subarray(at, at + step));
  scanner.end();
  return hits;
}

describe('the scanner of words', () => {
  const text = Buffer.from(
    'x=Bad.Example, dst:10.1.2.3:443 (www.bad.example) ::ffff:10.1.2.3. fe80::1 bad.example.org\0bad.example',
  );
  const words = ['bad.example', '10.1.2.3', 'fe80::1'];
  const all = ['bad.example@2', '10.1.2.3@19', 'bad.example@37', '10.1.2.3@57', 'fe80::1@67', 'bad.example@91'];

  it('finds each where it stands, and not inside another', () => expect(scan(text, words)).toEqual(all));

  it('finds the same however the bytes come', () => {
    for (let step = 1; step <= text.length; step++) expect(scan(text, words, step)).toEqual(all);
  });

  it('never throws, and finds a word between any other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 50 }), (noise, step) => {
        const bytes = Buffer.concat([Buffer.from(noise), Buffer.from(' bad.example '), Buffer.from(noise)]);
        expect(scan(bytes, ['bad.example'], step)).toContain(`bad.example@${noise.length + 1}`);
      }),
    );
  });

  it('takes time in proportion for hostile bytes', () => {
    const begun = performance.now();
    for (const piece of ['a', 'a.', ':', 'a:']) scan(Buffer.alloc(4 << 20, piece), ['bad.example'], 65536);
    expect(performance.now() - begun).toBeLessThan(5000);
  });
});

describe('a table', () => {
  it('takes cells apart as RFC 4180 says', () => {
    expect(cellsOf('a,"b, ""c""",,d')).toEqual(['a', 'b, "c"', '', 'd']);
    expect(cellsOf('aa  file name')).toEqual(['aa', 'file', 'name']);
  });

  it('gives places, whatever the pieces, and drops a line without end', async () => {
    const bytes = Buffer.from('# c\nab,1\r\n\ncd,2');
    for (const step of [1, 3, 100]) {
      const pieces = (async function* () {
        for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
      })();
      const places: string[] = [];
      for await (const { offset, length } of csvRows(pieces))
        places.push(bytes.toString('utf8', offset, offset + length));
      expect(places).toEqual(['ab,1', 'cd,2']);
    }
    const endless = (async function* () {
      for (let i = 0; i < 40; i++) yield Buffer.alloc(1 << 16, 'a');
      yield Buffer.from('\nok\n');
    })();
    const rows: string[] = [];
    for await (const { cells } of csvRows(endless)) rows.push(cells.join());
    expect(rows.at(-1)).toBe('ok');
    expect(rows.every((row) => row.length <= 1 << 20)).toBe(true);
  });
});

describe('an entry', () => {
  it.each([
    ['1[.]2[.]3[.]4', 'address 1.2.3.4'],
    ['1.2.3.4:443', 'address 1.2.3.4'],
    ['10.0.0.0/32', 'address 10.0.0.0'],
    ['2001:DB8::1', 'address 2001:db8::1'],
    ['Bad[dot]Example.COM', 'domain bad.example.com'],
    ['hxxps://bad.example/x', 'url https://bad.example/x'],
    ['D41D8CD98F00B204E9800998ECF8427E', 'md5 d41d8cd98f00b204e9800998ecf8427e'],
    ['/tmp/.x', 'name /tmp/.x'],
    ['999.1.1.1', undefined],
    ['hello', undefined],
    ['127.0.0.1', undefined],
    ['', undefined],
  ])('%s is %s', (text, is) => {
    const found = kindOf(text);
    expect(found && `${found.kind} ${found.value}`).toBe(is);
  });
});
