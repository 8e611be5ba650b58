import { z } from 'zod';
import { visible } from '../../../../../shared/visible';
import { Conversation } from '../../../captures/query/conversations';
import { endText } from '../../../formats/net/address';
import { readRows } from '../../../index/query';
import type { Hit } from '../rule';
import { tunnelSigns } from './tunnel';
import { cite, heldBy, type Look, namesOf, outward, places, who } from './who';

/** An upload is worth a word from so many bytes on, and when so much more was sent than received. */
const UPLOAD_BYTES = 64 * 1024;
const UPLOAD_TIMES = 3;
/** An HTTP body that was sent out. */
const BODY_BYTES = 1024;
/** Of one kind at most so many findings are made of a capture; the strongest first. */
const MOST = 100;

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
    const held = heldBy(look, [{ local: [way.from, way.own], remote: [way.to, way.port] }]);
    hits.push({
      claim: `${who(look, way.from)} sent ${way.sent} bytes to ${endText(way.to, way.port)}${namesOf(look, way.to)}, and received ${way.received}, in one ${one.layer.toUpperCase()} conversation that it began.${held.said}`,
      cites: [...places(look, one), ...held.cites],
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
  client_port: z.number(),
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
    `SELECT at, length, client, client_port, server, server_port, method, host, target, request_bytes FROM http
      WHERE method IN ('PUT', 'POST', 'PATCH') AND request_bytes >= ? ORDER BY request_bytes DESC, id LIMIT 20000`,
    [BODY_BYTES],
  );
  return rows
    .filter(({ client, server }) => look.inside(client) && !look.inside(server))
    .slice(0, MOST)
    .map((one) => {
      const held = heldBy(look, [{ local: [one.client, one.client_port], remote: [one.server, one.server_port] }]);
      return {
        claim: `${who(look, one.client)} sent a body of ${one.request_bytes} bytes by ${one.method} ${visible(`${one.host ?? ''}${one.target ?? ''}`, { max: 300 })} to ${endText(one.server, one.server_port)}.${held.said}`,
        cites: [cite(look, one.at, one.length), ...held.cites],
        target: look.owner(one.client),
      };
    });
}

const Fetched = Sent.omit({ request_bytes: true }).extend({
  agent: z.string().nullable(),
  status: z.number(),
  response_at: z.number().nullable(),
  response_length: z.number().nullable(),
  response_bytes: z.number(),
});
/** Tools and libraries that fetch for scripts, by the names that they give; not package managers, which check what they fetch. */
const FETCHERS = /^(?:curl|wget|busybox|python|libwww-perl|lwp|aria2|fetch|powershell|winhttp)\b/i;

/** What was fetched from outside by the tools that scripts use, or by what gives no name. */
export function downloads(look: Look): Hit[] {
  const rows = readRows(
    look.db,
    Fetched,
    `SELECT at, length, client, client_port, server, server_port, method, host, target, agent, status, response_at, response_length, response_bytes
      FROM http WHERE method = 'GET' AND status = 200 AND response_bytes > 0 ORDER BY id LIMIT 20000`,
  );
  return rows
    .filter(({ client, server, agent }) => {
      const fetcher = agent === null || agent === '' || FETCHERS.test(agent);
      return fetcher && look.inside(client) && !look.inside(server);
    })
    .slice(0, MOST)
    .map((one) => {
      const held = heldBy(look, [{ local: [one.client, one.client_port], remote: [one.server, one.server_port] }]);
      return {
        claim: `${who(look, one.client)} fetched ${visible(`${one.host ?? ''}${one.target ?? ''}`, { max: 300 })} from ${endText(one.server, one.server_port)} by ${one.agent ? `"${visible(one.agent, { max: 100 })}"` : 'a program that gives no name'}: ${one.response_bytes} bytes.${held.said}`,
        cites: [
          cite(look, one.at, one.length),
          ...(one.response_at !== null && one.response_length !== null
            ? [cite(look, one.response_at, one.response_length)]
            : []),
          ...held.cites,
        ],
        target: look.owner(one.client),
      };
    });
}

const Question = z.object({
  name: z.string(),
  source: z.string(),
  port: z.number(),
  server: z.string(),
  type: z.string(),
  at: z.number(),
  length: z.number(),
});

export function tunnels(look: Look): Hit[] {
  const rows = readRows(
    look.db,
    Question,
    `SELECT name, source, source_port AS port, destination AS server, type, min(at) AS at, length FROM dns WHERE response = 0 AND protocol <> 'mdns' GROUP BY name, source, type ORDER BY min(id) LIMIT 500000`,
  );
  const groups = new Map<string, z.infer<typeof Question>[]>();
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
      const held = heldBy(
        look,
        signs.names.map(({ port, server }) => ({ local: [source, port], remote: [server, 53] })),
      );
      const example = first ? `, as ${visible(first.name, { max: 120 })}` : '';
      return [
        {
          claim: `${who(look, source)} asked for ${signs.names.length} different ${signs.names.length === 1 ? 'name' : 'names'} below ${visible(domain, { max: 100 })} that ${signs.why}${example}.${held.said}`,
          cites: [...signs.names.slice(0, 20).map(({ at, length }) => cite(look, at, length)), ...held.cites],
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
  client_port: z.number(),
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
  return rows.map((one) => {
    const held = heldBy(look, [{ local: [one.client, one.client_port], remote: [one.server, one.server_port] }]);
    return {
      claim: `${who(look, one.client)} logged in at ${endText(one.server, one.server_port)} by ${one.protocol} ${one.way} as ${visible(one.user, { max: 100 })}, with a secret of ${one.secret_length} characters that the capture shows.${held.said}`,
      cites: [cite(look, one.at, one.length), ...held.cites],
      target: look.owner(one.client),
    };
  });
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
      const held = heldBy(look, [{ local: [way.from, way.own], remote: [way.to, way.port] }]);
      return [
        {
          claim: `${who(look, way.from)} began a connection to ${endText(way.to, way.port)} and sent ${way.sent} bytes; no DNS answer in the capture gives that address.${held.said}`,
          cites: [...places(look, one), ...held.cites],
          target: look.owner(way.from),
        },
      ];
    })
    .slice(0, MOST);
}
