import { z } from 'zod';
import type { Citation, TargetRef } from '../../../../../shared/domain';
import { visible } from '../../../../../shared/visible';
import { Conversation } from '../../../captures/query';
import { endText, isLocal } from '../../../formats/net/address';
import type { Db } from '../../../index/db';
import { readRows } from '../../../index/query';
import { type Hit, listed } from '../rule';
import { type DnsName, tunnelSigns } from './tunnel';

/** What an address belongs to, where the evidence says so. */
export type Owner = (address: string) => TargetRef | undefined;

/** An upload is worth a word from so many bytes on, and when so much more was sent than received. */
const UPLOAD_BYTES = 64 * 1024;
const UPLOAD_TIMES = 3;
/** An HTTP body that was sent out. */
const BODY_BYTES = 1024;
/** Intervals are regular from so many on, when they differ from their mean by less than this part of it. */
const BEACON_GAPS = 4;
const BEACON_SPREAD = 0.15;
/** Of one kind at most so many findings are made of a capture; the strongest first. */
const MOST = 100;

const bytes = (at: number, length: number) => `bytes:${at}+${length}`;

export interface Look {
  db: Db;
  exhibit: string;
  owner: Owner;
  /** Addresses of the capture's own side: containers and private networks are inside. */
  inside(address: string): boolean;
}

const cite = (look: Look, at: number, length: number): Citation => ({
  exhibit: look.exhibit,
  locator: bytes(at, length),
});
const places = (look: Look, one: Conversation): Citation[] => [
  cite(look, one.first_at, one.first_length),
  ...(one.top_length > 0 ? [cite(look, one.top_at, one.top_length)] : []),
  cite(look, one.last_at, one.last_length),
];

/** The inner end of a conversation with what it sent and received; undefined where both ends are inside or outside. */
function outward(look: Look, one: Conversation) {
  const [a, b] = [look.inside(one.a), look.inside(one.b)];
  if (a === b) return undefined;
  return a
    ? { from: one.a, to: one.b, port: one.b_port, sent: one.payload_ab, received: one.payload_ba, began: true }
    : { from: one.b, to: one.a, port: one.a_port, sent: one.payload_ba, received: one.payload_ab, began: false };
}

function who(look: Look, address: string): string {
  const name = look.owner(address)?.name;
  return name === undefined ? address : `${visible(name)} (${address})`;
}

function namesOf(look: Look, address: string): string {
  const rows = readRows(
    look.db,
    z.object({ name: z.string() }),
    'SELECT name FROM addresses WHERE address = ? ORDER BY us, name LIMIT 4',
    [address],
  );
  return rows.length === 0 ? '' : `, which DNS gave for ${listed(rows.map(({ name }) => visible(name, { max: 100 })))}`;
}

export function uploads(look: Look): Hit[] {
  const rows = readRows(
    look.db,
    Conversation,
    `SELECT * FROM conversations WHERE layer IN ('tcp', 'udp') AND max(payload_ab, payload_ba) >= ? ORDER BY max(payload_ab, payload_ba) DESC, id LIMIT 20000`,
    [UPLOAD_BYTES],
  );
  const hits: Hit[] = [];
  for (const one of rows) {
    const way = outward(look, one);
    if (!way || way.sent < UPLOAD_BYTES || way.sent < way.received * UPLOAD_TIMES) continue;
    // a server that answers is asked to send
    if (!way.began) continue;
    hits.push({
      claim: `${who(look, way.from)} sent ${way.sent} bytes to ${endText(way.to, way.port)}${namesOf(look, way.to)}, and received ${way.received}, in one ${one.layer.toUpperCase()} conversation that it began.`,
      cites: places(look, one),
      target: look.owner(way.from),
    });
    if (hits.length >= MOST) break;
  }
  return hits;
}

const Sent = z.object({
  at: z.number(),
  length: z.number(),
  client: z.string(),
  server: z.string(),
  server_port: z.number(),
  method: z.string(),
  host: z.string().nullable(),
  target: z.string().nullable(),
  request_bytes: z.number(),
});

export function httpUploads(look: Look): Hit[] {
  const rows = readRows(
    look.db,
    Sent,
    `SELECT at, length, client, server, server_port, method, host, target, request_bytes FROM http
      WHERE method IN ('PUT', 'POST', 'PATCH') AND request_bytes >= ? ORDER BY request_bytes DESC, id LIMIT 20000`,
    [BODY_BYTES],
  );
  return rows
    .filter(({ client, server }) => look.inside(client) && !look.inside(server))
    .slice(0, MOST)
    .map((one) => ({
      claim: `${who(look, one.client)} sent a body of ${one.request_bytes} bytes by ${one.method} ${visible(`${one.host ?? ''}${one.target ?? ''}`, { max: 300 })} to ${endText(one.server, one.server_port)}.`,
      cites: [cite(look, one.at, one.length)],
      target: look.owner(one.client),
    }));
}

export function beacons(look: Look): Hit[] {
  const inOne = readRows(
    look.db,
    Conversation,
    `SELECT * FROM conversations WHERE layer IN ('tcp', 'udp') AND gaps >= ? AND gap_mean >= 1e6 AND gap_squares / gaps <= gap_mean * gap_mean * ? ORDER BY gaps DESC, id LIMIT 2000`,
    [BEACON_GAPS, BEACON_SPREAD ** 2],
  );
  const hits: Hit[] = [];
  for (const one of inOne) {
    const way = outward(look, one);
    if (!way?.began) continue;
    hits.push({
      claim: `${who(look, way.from)} sent to ${endText(way.to, way.port)}${namesOf(look, way.to)} ${one.gaps + 1} times in one connection, ${seconds(one.gap_mean)} apart on average, with a standard deviation of ${seconds(Math.sqrt(one.gap_squares / one.gaps))}.`,
      cites: places(look, one),
      target: look.owner(way.from),
    });
  }
  for (const hit of repeated(look)) hits.push(hit);
  return hits.slice(0, MOST);
}

const Start = z.object({
  a: z.string(),
  b: z.string(),
  b_port: z.number(),
  first: z.number(),
  first_at: z.number(),
  first_length: z.number(),
});
type Start = z.infer<typeof Start>;

/** Connections that are made anew at regular intervals. */
function repeated(look: Look): Hit[] {
  const rows = readRows(
    look.db,
    Start,
    `SELECT a, b, b_port, first, first_at, first_length FROM conversations WHERE layer = 'tcp' AND (a, b, b_port) IN
      (SELECT a, b, b_port FROM conversations WHERE layer = 'tcp' GROUP BY a, b, b_port HAVING count(*) BETWEEN ? AND 5000)
      ORDER BY a, b, b_port, first LIMIT 200000`,
    [BEACON_GAPS + 1],
  );
  const groups = new Map<string, Start[]>();
  for (const row of rows) {
    if (!look.inside(row.a) || look.inside(row.b)) continue;
    const key = `${row.a} ${row.b} ${row.b_port}`;
    const group = groups.get(key) ?? [];
    group.push(row);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap((group) => {
    const gaps = group.slice(1).map(({ first }, i) => first - (group[i] as Start).first);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const spread = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    const [one] = group;
    if (!one || gaps.length < BEACON_GAPS || mean < 1e6 || spread > mean * BEACON_SPREAD) return [];
    return [
      {
        claim: `${who(look, one.a)} connected to ${endText(one.b, one.b_port)}${namesOf(look, one.b)} ${group.length} times, ${seconds(mean)} apart on average, with a standard deviation of ${seconds(spread)}.`,
        cites: group.slice(0, 20).map(({ first_at, first_length }) => cite(look, first_at, first_length)),
        target: look.owner(one.a),
      },
    ];
  });
}

const seconds = (us: number) => `${(us / 1e6).toFixed(us < 1e7 ? 2 : 1)} s`;

const Question = z.object({
  name: z.string(),
  source: z.string(),
  type: z.string(),
  at: z.number(),
  length: z.number(),
});

export function tunnels(look: Look): Hit[] {
  const rows = readRows(
    look.db,
    Question,
    `SELECT name, source, type, min(at) AS at, length FROM dns WHERE response = 0 AND protocol <> 'mdns' GROUP BY name, source, type ORDER BY min(id) LIMIT 500000`,
  );
  const groups = new Map<string, DnsName[]>();
  for (const row of rows) {
    const labels = row.name.split('.');
    if (labels.length < 3) continue;
    const key = `${row.source} ${labels.slice(-2).join('.').toLowerCase()}`;
    const group = groups.get(key) ?? [];
    group.push(row);
    groups.set(key, group);
  }
  return [...groups]
    .flatMap(([key, names]) => {
      const signs = tunnelSigns(names);
      if (!signs) return [];
      const [source = '', domain = ''] = key.split(' ');
      const first = signs.names[0];
      const example = first ? `, as ${visible(first.name, { max: 120 })}` : '';
      return [
        {
          claim: `${who(look, source)} asked for ${signs.names.length} different ${signs.names.length === 1 ? 'name' : 'names'} below ${visible(domain, { max: 100 })} that ${signs.why}${example}.`,
          cites: signs.names.slice(0, 20).map(({ at, length }) => cite(look, at, length)),
          target: look.owner(source),
          confidence: signs.strong ? ('likely' as const) : undefined,
        },
      ];
    })
    .slice(0, MOST);
}

const Login = z.object({
  at: z.number(),
  length: z.number(),
  client: z.string(),
  server: z.string(),
  server_port: z.number(),
  protocol: z.string(),
  way: z.string(),
  user: z.string(),
  secret_length: z.number(),
});

export function logins(look: Look): Hit[] {
  const rows = readRows(
    look.db,
    Login,
    'SELECT * FROM logins GROUP BY client, server, server_port, protocol, user ORDER BY min(id) LIMIT ?',
    [MOST],
  );
  return rows.map((one) => ({
    claim: `${who(look, one.client)} logged in at ${endText(one.server, one.server_port)} by ${one.protocol} ${one.way} as ${visible(one.user, { max: 100 })}, with a secret of ${one.secret_length} characters that the capture shows.`,
    cites: [cite(look, one.at, one.length)],
    target: look.owner(one.client),
  }));
}

/** Connections that were answered, to addresses that no DNS answer in the capture gave. */
export function unasked(look: Look): Hit[] {
  const any = z
    .object({ n: z.number() })
    .parse(look.db.prepare('SELECT count(*) AS n FROM dns WHERE response = 1').get()).n;
  // without any lookup in it the capture says nothing of names
  if (any === 0) return [];
  const rows = readRows(
    look.db,
    Conversation,
    `SELECT * FROM conversations c WHERE layer = 'tcp' AND payload_ab > 0 AND NOT EXISTS (SELECT 1 FROM addresses d WHERE d.address = c.b)
      GROUP BY a, b, b_port ORDER BY min(id) LIMIT 5000`,
  );
  return rows
    .flatMap((one) => {
      const way = outward(look, one);
      if (!way?.began) return [];
      return [
        {
          claim: `${who(look, way.from)} began a connection to ${endText(way.to, way.port)} and sent ${way.sent} bytes; no DNS answer in the capture gives that address.`,
          cites: places(look, one),
          target: look.owner(way.from),
        },
      ];
    })
    .slice(0, MOST);
}

/** Inside: what a container has, and what no router of the internet knows. */
export function insideOf(containers: ReadonlySet<string>): (address: string) => boolean {
  // where containers' addresses are known, other private ones are other machines
  return containers.size > 0
    ? (address) => containers.has(address) || /^127\.|^::1$|^22[4-9]\.|^23\d\.|^255\.|^ff/i.test(address)
    : isLocal;
}
