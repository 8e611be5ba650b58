import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resolveCitation } from '../../../../src/main/analyze/cite';
import { readRows } from '../../../../src/main/analyze/index/query';
import { withIndex } from '../../../../src/main/analyze/index/store';
import { connection, dns, ethernet, ip, pcap, udp } from '../../../kit/capture';
import { indexed } from '../index/kit';

const T = 1_700_000_000_000_000;
const FILE = pcap([
  { us: T, bytes: ethernet(ip('172.17.0.2', '10.0.0.53', 17, udp(5000, 53, dns(1, 'c2.example')))) },
  {
    us: T + 1000,
    bytes: ethernet(
      ip('10.0.0.53', '172.17.0.2', 17, udp(53, 5000, dns(1, 'c2.example', { answers: ['203.0.113.9'] }))),
    ),
  },
  {
    us: T + 2000,
    bytes: ethernet(ip('10.0.0.53', '172.17.0.2', 17, udp(53, 5000, dns(2, 'no.example', { code: 3 })))),
  },
  ...connection({ client: '172.17.0.2', server: '203.0.113.9', sport: 41000, dport: 80, us: T + 1e6 }, [
    { way: 'a', body: 'PUT /d.tgz\u202e HTTP/1.1\r\nHost: c2.example\r\nContent-Length: 3\r\n\r\nabc' },
    { way: 'b', body: 'HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n' },
  ]),
]);
const Event = z.object({
  us: z.number(),
  raw: z.string(),
  source: z.string(),
  what: z.string(),
  message: z.string(),
  exhibit: z.string(),
  locator: z.string(),
});
const SQL = 'SELECT us, raw, source, timestamp_desc AS what, message, exhibit, locator FROM events ORDER BY us, id';

describe('a capture on the timeline', () => {
  it('has first and last packets, questions, answers and requests, each at its packet', async () => {
    const { dir } = await indexed([{ collector: 'network.capture', kind: 'pcap', content: FILE }]);
    const events = withIndex(dir, (db) => readRows(db, Event, SQL));
    expect(events.map(({ us, what, message }) => [us - T, what, message])).toEqual([
      [0, 'First Packet', 'UDP 172.17.0.2:5000 → 10.0.0.53:53 begins'],
      [0, 'DNS Question', '172.17.0.2 asks 10.0.0.53 for A c2.example'],
      [1000, 'DNS Answer', '10.0.0.53 answers 172.17.0.2: A c2.example is 203.0.113.9'],
      [
        2000,
        'Last Packet',
        expect.stringMatching(/^UDP .* ends: 1 packets, 70 bytes sent; 2 packets, \d+ bytes received$/),
      ],
      [2000, 'DNS Answer', '10.0.0.53 answers 172.17.0.2: A no.example is error 3'],
      [1e6, 'First Packet', 'TCP 172.17.0.2:41000 → 203.0.113.9:80 begins'],
      [
        1e6 + 3000,
        'HTTP Request',
        expect.stringMatching(
          /^172\.17\.0\.2:41000 → 203\.0\.113\.9:80: PUT c2\.example\/d\.tgz.*, 3 bytes of body, status 201$/,
        ),
      ],
      [1e6 + 9000, 'Last Packet', expect.stringMatching(/^TCP .* ends: /)],
    ]);
    // what the request hides is shown
    expect(events.map(({ message }) => message).join('')).not.toContain('\u202e');
    expect(new Set(events.map(({ source }) => source))).toEqual(new Set(['packet']));
    const request = events.find(({ what }) => what === 'HTTP Request');
    if (!request) throw new Error('no request');
    expect((await resolveCitation(dir, request)).bytes?.includes('PUT /d.tgz')).toBe(true);
    for (const one of events) expect((await resolveCitation(dir, one)).bytes?.length).toBeGreaterThan(16);
  });

  it('gives the same rows again, and of damaged bytes those that could be read', async () => {
    const given = (content: Buffer) => [{ collector: 'network.capture', kind: 'pcap' as const, content }];
    const rows = async (content: Buffer) => {
      const { dir, faults } = await indexed(given(content));
      return { events: withIndex(dir, (db) => readRows(db, Event, SQL)), faults };
    };
    const whole = await rows(FILE);
    expect(await rows(FILE)).toEqual(whole);
    const cut = await rows(FILE.subarray(0, 300));
    expect(cut.events.length).toBeGreaterThan(0);
    expect(cut.events.length).toBeLessThan(whole.events.length);
    expect(cut.faults).toBeGreaterThan(0);
  });
});
