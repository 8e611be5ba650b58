import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureReader } from '../../../../src/main/analyze/formats/net/capture-file';
import { parseDns } from '../../../../src/main/analyze/formats/net/dns';
import { packetReader } from '../../../../src/main/analyze/formats/net/packet';
import { streamReader } from '../../../../src/main/analyze/formats/net/streams';
import type { TalkSink } from '../../../../src/main/analyze/formats/net/talk-types';
import { parseHandshake } from '../../../../src/main/analyze/formats/net/tls';
import { connection, dns, ethernet, ip, pcap, pcapng, udp } from '../../../kit/capture';
import { readCapture } from './read';

const T = 1_700_000_000_000_000;
const packets = [
  ...connection({ client: '10.0.0.1', server: '10.0.0.2', sport: 40000, dport: 80, us: T }, [
    { way: 'a', body: 'GET /a HTTP/1.1\r\nHost: web.example\r\nAuthorization: Basic dTpw\r\n\r\n' },
    { way: 'b', body: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n' },
  ]),
  ...connection({ client: '10.0.0.1', server: '10.0.0.2', sport: 40001, dport: 21, us: T }, [
    { way: 'b', body: '220 FTP\r\n' },
    { way: 'a', body: 'USER u\r\nPASS p\r\n' },
  ]),
  { us: T, bytes: ethernet(ip('10.0.0.1', '10.0.0.53', 17, udp(5000, 53, dns(1, 'c2.example')))) },
  {
    us: T,
    bytes: ethernet(ip('2001:db8::1', '2001:db8::2', 17, udp(53, 5000, dns(1, 'a.b', { answers: ['1.2.3.4'] })))),
  },
  { us: T, bytes: ethernet(ip('10.0.0.1', '10.0.0.2', 17, Buffer.alloc(40, 1), { id: 5, part: 0x2000 })) },
];
const FILES = [
  pcap(packets),
  pcap(packets, { little: false }),
  pcapng(packets, { drops: 3 }),
  pcapng(packets, { little: false, resolution: 9 }),
];

const mutated = fc
  .record({
    file: fc.constantFrom(...FILES),
    changes: fc.array(fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }), { maxLength: 12 }),
    cut: fc.option(fc.nat()),
    insert: fc.option(fc.record({ at: fc.nat(), bytes: fc.uint8Array({ maxLength: 40 }) })),
  })
  .map(({ file, changes, cut, insert }) => {
    let bytes = Buffer.from(file);
    for (const { at, value } of changes) bytes[at % bytes.length] = value;
    if (insert) {
      const at = insert.at % bytes.length;
      bytes = Buffer.concat([bytes.subarray(0, at), insert.bytes, bytes.subarray(at)]);
    }
    return cut === null ? bytes : bytes.subarray(0, cut % bytes.length);
  });

const DEAF: TalkSink = { http: () => {}, tls: () => {}, dns: () => {}, login: () => {}, file: () => {} };

/** Reads a capture in pieces of such a size, through every layer; gives what it says, and each packet's place. */
function readIn(bytes: Buffer, piece: number) {
  const places: string[] = [];
  const streams = streamReader(DEAF);
  const now = { us: 0, at: 0, length: 0 };
  const ends = () => ({ conversation: 1, a: { address: 'a', port: 1 }, b: { address: 'b', port: 80 }, closed: 0 });
  const reader = packetReader({
    ip: () => {},
    icmp: () => {},
    udp: (h) => void parseDns(h.bytes, h.from, h.to),
    tcp: (h) => {
      expect(h.from).toBeLessThanOrEqual(h.to);
      streams.segment(
        {
          conversation: h.sport ^ h.dport,
          turned: h.sport < h.dport,
          seq: h.seq,
          flags: h.flags,
          bytes: h.bytes,
          from: h.from,
          to: Math.min(h.to, h.from + h.carried),
          carried: h.carried,
          base: [undefined, undefined],
        },
        now,
        ends,
      );
    },
  });
  const file = captureReader((data, start, end, original, us, ns, at, length, link) => {
    places.push(`${at}+${length} ${us}.${ns} ${original} ${end - start}`);
    expect(at + length).toBeLessThanOrEqual(bytes.length);
    reader.read(data, start, end, link);
  });
  for (let at = 0; at < bytes.length; at += piece) file.push(bytes.subarray(at, at + piece));
  const info = file.end();
  streams.end(now);
  return { info, places };
}

describe('damaged captures', () => {
  it('are read without a crash, every byte counted as read or as not, the same in pieces of any size', () => {
    fc.assert(
      fc.property(mutated, fc.integer({ min: 1, max: 300 }), (bytes, piece) => {
        const whole = readIn(bytes, Math.max(1, bytes.length));
        expect(whole.info.read + whole.info.unreadable).toBe(bytes.length);
        expect(whole.info.packets).toBe(whole.places.length);
        if (whole.info.unreadable > 0) expect(whole.info.fault).toBeTruthy();
        expect(readIn(bytes, piece)).toEqual(whole);
      }),
      { numRuns: 4000 },
    );
  });

  it('say where they are cut off', () => {
    const [file] = FILES as [Buffer];
    const { info } = readIn(file.subarray(0, file.length - 5), 1000);
    expect(info.packets).toBe(packets.length - 1);
    expect(info.fault).toMatch(/cut off/);
    expect(info.unreadable).toBeGreaterThan(0);
  });

  it('say that bytes are no capture', () => {
    const { info } = readIn(Buffer.from('#!/bin/sh\nexit 0\n'), 5);
    expect(info).toMatchObject({ packets: 0, read: 0, unreadable: 17 });
    expect(info.fault).toMatch(/no capture/);
    expect(readIn(Buffer.alloc(0), 1).info.fault).toMatch(/no bytes/);
  });

  it('are written to a database whatever is in them', async () => {
    await fc.assert(
      fc.asyncProperty(mutated, async (bytes) => {
        const { facts } = await readCapture(bytes);
        expect(facts.read + facts.unreadable).toBe(bytes.length);
      }),
      { numRuns: 60 },
    );
  });
});

describe('hostile messages', () => {
  it('of DNS and TLS never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (data) => {
        const bytes = Buffer.from(data);
        parseDns(bytes, 0, bytes.length);
        for (const type of [1, 2, 11]) {
          const head = Buffer.from([type, 0, bytes.length >> 8, bytes.length & 255]);
          parseHandshake(Buffer.concat([head, bytes]));
        }
      }),
      { numRuns: 4000 },
    );
  });

  it('of DNS do not loop on a name that points at itself', () => {
    const message = dns(1, 'a.b');
    message[12] = 0xc0;
    message[13] = 12;
    expect(parseDns(message, 0, message.length)).toBeUndefined();
  });
});
