import type { DnsMessage } from '../formats/net/dns';
import type { Ends, Exchange, Now, TalkSink } from '../formats/net/talk-types';
import type { CertificateFacts } from '../formats/net/tls';
import type { Bindable, Db } from '../index/db';
import { conversationWriter } from './recorder-conversations';
import { CAPTURE_SQL } from './schema';

/** A text as SQLite can hold it: libsql reads to the first NUL; longer ones are cut, their bytes are in the capture. */
export function plain(text: string, max = 8192): string {
  // not in the middle of a pair of surrogates
  const cut = text.length > max ? `${text.slice(0, max).replace(/[\ud800-\udbff]$/, '')}…` : text;
  return cut.includes('\0') ? cut.replaceAll('\0', '␀') : cut;
}

/** Rows of one kind beyond this are counted, not written: a capture can be made of nothing but names. */
const ROWS_MAX = 2_000_000;
const BATCH = 20_000;

/** Columns of `tls` beyond place and ends. */
const TLS_FACTS = [
  'version',
  'server_name',
  'alpn',
  'ja3',
  'ja4',
  'cipher',
  'subject',
  'issuer',
  'valid_from',
  'valid_to',
  'names',
  'serial',
  'sha256',
] as const;
const certificateFacts = (facts: CertificateFacts) => ({
  subject: plain(facts.subject),
  issuer: plain(facts.issuer),
  valid_from: facts.from,
  valid_to: facts.to,
  names: plain(facts.names),
  serial: facts.serial,
  sha256: facts.sha256,
});

/** Writes what is read in a capture to its database. `finish` ends the last transaction. */
export function recorder(db: Db) {
  for (const sql of CAPTURE_SQL) db.exec(sql);
  db.exec('BEGIN');
  let waiting = 0;
  const left = new Map<string, number>();
  const written = new Map<string, number>();
  const step = () => {
    if (++waiting < BATCH) return;
    waiting = 0;
    db.exec('COMMIT; BEGIN');
  };
  const into = (table: string, columns: string) => {
    const names = columns.split(' ');
    const statement = db.prepare(
      `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    );
    return (...values: Bindable[]): void => {
      const count = (written.get(table) ?? 0) + 1;
      written.set(table, count);
      if (count > ROWS_MAX) left.set(table, (left.get(table) ?? 0) + 1);
      else {
        statement.run(values);
        step();
      }
    };
  };
  const dns = into(
    'dns',
    'at length us protocol source source_port destination destination_port message response code name type answers',
  );
  const http = into(
    'http',
    'conversation at length us client client_port server server_port method host target agent request_type request_bytes request_whole status response_at response_length response_us response_type response_bytes response_whole',
  );
  const tls = into(
    'tls',
    `conversation at length us kind source source_port destination destination_port ${TLS_FACTS.join(' ')}`,
  );
  const logins = into(
    'logins',
    'conversation at length us client client_port server server_port protocol way user secret_length',
  );
  const transfers = into('transfers', 'control at length us listener way name');
  const packets = into('packets', 'n at us');
  const address = db.prepare('INSERT OR IGNORE INTO addresses (name, address, us, at, length) VALUES (?, ?, ?, ?, ?)');
  const { spill, recall } = conversationWriter(db, step);

  const ends = ({ a, b }: Ends, way: 0 | 1): Bindable[] =>
    way === 0 ? [a.address, a.port, b.address, b.port] : [b.address, b.port, a.address, a.port];
  const field = (head: { fields: Map<string, string> } | undefined, name: string, max = 2000) => {
    const value = head?.fields.get(name);
    return value === undefined ? null : plain(value, max);
  };

  function dnsRow(now: Now, protocol: string, from: Bindable[], message: DnsMessage): void {
    const { at, length, us } = now;
    const said = message.answers.map(({ name, type, ttl, value }) => [name, type, ttl, value]);
    dns(
      at,
      length,
      us,
      protocol,
      ...from,
      message.id,
      message.response ? 1 : 0,
      message.code,
      plain(message.name, 1100),
      message.type,
      plain(JSON.stringify(said), 16_384),
    );
    if (!message.response) return;
    for (const one of message.answers) {
      if (one.type !== 'A' && one.type !== 'AAAA') continue;
      // the question's name is what the program asked for; answers of aliases have others
      address.run([plain(message.name, 1100), one.value, us, at, length]);
      step();
    }
  }

  /** A row of `tls`; what it does not say is NULL. */
  const tlsRow = (row: Bindable[], facts: Partial<Record<(typeof TLS_FACTS)[number], Bindable>>) =>
    tls(...row, ...TLS_FACTS.map((name) => facts[name] ?? null));

  const sink: TalkSink = {
    dns: (of, way, message, now) => dnsRow(now, 'tcp', ends(of, way), message),
    http(of, { request, response, way }: Exchange) {
      const now = request?.now ?? response?.now;
      if (!now) return;
      http(
        of.conversation,
        now.at,
        now.length,
        now.us,
        ...ends(of, way),
        request ? request.head.method : null,
        field(request?.head, 'host'),
        request ? plain(request.head.target) : null,
        field(request?.head, 'user-agent'),
        field(request?.head, 'content-type', 200),
        request?.bytes ?? 0,
        request?.whole ? 1 : 0,
        response ? response.head.status : null,
        response?.now.at ?? null,
        response?.now.length ?? null,
        response?.now.us ?? null,
        field(response?.head, 'content-type', 200),
        response?.bytes ?? 0,
        response?.whole ? 1 : 0,
      );
    },
    tls(of, way, one, { at, length, us }) {
      const row = [
        of.conversation,
        at,
        length,
        us,
        one.kind === 'certificates' ? 'certificate' : one.kind,
        ...ends(of, way),
      ];
      if (one.kind === 'certificates') for (const facts of one.certificates) tlsRow(row, certificateFacts(facts));
      else if (one.kind === 'client') {
        tlsRow(row, {
          version: one.version,
          server_name: one.serverName === undefined ? null : plain(one.serverName, 1000),
          alpn: plain(one.alpn.join(' '), 500),
          ja3: one.ja3,
          ja4: one.ja4,
        });
      } else {
        tlsRow(row, {
          version: one.version,
          alpn: plain(one.alpn.join(' '), 500),
          ja3: one.ja3s,
          cipher: one.cipher,
        });
      }
    },
    login(of, way, one, { at, length, us }) {
      logins(
        of.conversation,
        at,
        length,
        us,
        ...ends(of, way),
        one.protocol,
        one.way,
        plain(one.user, 500),
        one.secretLength,
      );
    },
    file(of, { listener, way, name }, { at, length, us }) {
      transfers(of.conversation, at, length, us, listener, way, plain(name, 1000));
    },
  };

  return {
    sink,
    dnsRow,
    packet: packets,
    /** Rows that were too many, by table. */
    left,
    meta(key: string, value: string): void {
      db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)').run([key, plain(value)]);
    },
    spill,
    recall,
    finish(): void {
      db.exec('COMMIT');
    },
  };
}
