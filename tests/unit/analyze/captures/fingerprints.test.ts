import { describe, expect, it } from 'vitest';
import { parseHandshake } from '../../../../src/main/analyze/formats/net/tls';

const u16 = (...values: number[]) => Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
const sized8 = (body: Buffer) => Buffer.concat([Buffer.from([body.length]), body]);
const sized16 = (body: Buffer) => Buffer.concat([u16(body.length), body]);

/** A ClientHello (RFC 8446 section 4.1.2) of such ciphers and extensions, in their order. */
function hello(version: number, ciphers: readonly number[], extensions?: readonly [number, Buffer][]): Buffer {
  const list = extensions?.map(([type, body]) => Buffer.concat([u16(type), sized16(body)]));
  const body = Buffer.concat([
    u16(version),
    Buffer.alloc(32, 7),
    sized8(Buffer.alloc(0)),
    sized16(u16(...ciphers)),
    sized8(Buffer.from([0])),
    ...(list ? [sized16(Buffer.concat(list))] : []),
  ]);
  return Buffer.concat([Buffer.from([1, 0]), u16(body.length), body]);
}

const client = (bytes: Buffer) => {
  const [one] = parseHandshake(bytes);
  if (one?.kind !== 'client') throw new Error('no ClientHello');
  return one;
};

const serverName = Buffer.concat([sized16(Buffer.concat([Buffer.from([0]), sized16(Buffer.from('a.example'))]))]);
const hex = (text: string) => text.split(',').map((one) => Number.parseInt(one, 16));

describe('fingerprints of TLS clients', () => {
  // the two examples of the README of salesforce/ja3
  it('JA3 is what its authors give for their examples', () => {
    const ciphers = [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4];
    const extensions: [number, Buffer][] = [
      [0, serverName],
      [10, sized16(u16(23, 24, 25))],
      [11, sized8(Buffer.from([0]))],
    ];
    expect(client(hello(769, ciphers, extensions)).ja3).toBe('ada70206e40642a3e4461f35503241d5');
    const old = client(hello(769, [4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99]));
    expect(old.ja3).toBe('de350869b8c85de67a350c8d186f11e6');
  });

  // the example of technical_details/JA4.md of FoxIO-LLC/ja4
  const ciphers = hex('1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035');
  const ja4 = (greased: boolean) => {
    const grease = greased ? [0x0a0a] : [];
    const versions = sized8(u16(...grease, 0x0304, 0x0303));
    const signatures = sized16(u16(...hex('0403,0804,0401,0503,0805,0501,0806,0601')));
    const alpn = sized16(Buffer.concat([sized8(Buffer.from('h2')), sized8(Buffer.from('http/1.1'))]));
    const bodies = new Map([
      [0x0000, serverName],
      [0x0010, alpn],
      [0x000d, signatures],
      [0x002b, versions],
      [0x000a, sized16(u16(...grease, 29, 23, 24))],
      [0x000b, sized8(Buffer.from([0]))],
    ]);
    const order = hex('001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015');
    const extensions = [...grease, ...order].map((type): [number, Buffer] => [
      type,
      bodies.get(type) ?? Buffer.alloc(0),
    ]);
    return client(hello(0x0303, [...grease, ...ciphers], extensions)).ja4;
  };

  it('JA4 is what its specification gives for its example, whatever the order and the reserved values', () => {
    expect(ja4(false)).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1');
    expect(ja4(true)).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1');
  });
});
