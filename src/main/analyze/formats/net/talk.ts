import { lineCutter, loginReader, telnetReader } from './credentials';
import { parseDns } from './dns';
import { ftpReader } from './ftp';
import { looksHttp } from './http';
import { httpTalk } from './talk-http';
import type { Ends, Now, Talk, TalkSink } from './talk-types';
import { handshakeOf, looksTls, parseHandshake } from './tls';

/** Chooses what reads a connection, by its first bytes and, for protocols that have no mark of their own, by its port. */
export function talkOf(sink: TalkSink, ends: Ends, way: 0 | 1, bytes: Buffer, from: number, to: number): Talk {
  if (looksHttp(bytes, from, to)) return httpTalk(sink, ends, way, bytes, from);
  if (looksTls(bytes, from, to)) return tlsTalk(sink, ends);
  const server = SERVERS.has(ends.b.port) ? 1 : SERVERS.has(ends.a.port) ? 0 : undefined;
  const port = server === 0 ? ends.a.port : ends.b.port;
  if (port === 53 && server !== undefined) return dnsTalk(sink, ends);
  if (port === 23 && server !== undefined) return telnetTalk(sink, ends, server);
  const greeting = bytes.toString('latin1', from, Math.min(to, from + 80));
  const protocol = /^220[ -]/.test(greeting)
    ? port === 21 || /ftp/i.test(greeting)
      ? 'FTP'
      : 'SMTP'
    : /^\+OK/.test(greeting)
      ? 'POP3'
      : /^\* (?:OK|PREAUTH)/.test(greeting)
        ? 'IMAP'
        : server === undefined
          ? undefined
          : SERVERS.get(port);
  if (protocol)
    return lineTalk(sink, ends, protocol, greeting.startsWith('220') || /^[+*]/.test(greeting) ? way : (server ?? 1));
  return NOTHING;
}

const SERVERS = new Map([
  [21, 'FTP'],
  [23, 'Telnet'],
  [25, 'SMTP'],
  [53, 'DNS'],
  [110, 'POP3'],
  [143, 'IMAP'],
  [587, 'SMTP'],
]);

const NOTHING: Talk = { data: () => {}, missing: () => {}, close: () => {}, over: () => true };

const HANDSHAKE_MAX = 32 * 1024;

function tlsTalk(sink: TalkSink, ends: Ends): Talk {
  const held: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];
  const told = [0, 0];
  const over = [false, false];
  return {
    data(way, bytes, from, to, now) {
      if (over[way]) return;
      held[way] = Buffer.concat([held[way], bytes.subarray(from, Math.min(to, from + HANDSHAKE_MAX))]);
      const { data, ended } = handshakeOf(held[way]);
      const messages = parseHandshake(data);
      for (const one of messages.slice(told[way])) sink.tls(ends, way, one, now);
      told[way] = messages.length;
      if (ended || held[way].length > HANDSHAKE_MAX) {
        over[way] = true;
        held[way] = Buffer.alloc(0);
      }
    },
    missing(way) {
      over[way] = true;
      held[way] = Buffer.alloc(0);
    },
    close: () => {},
    over: () => over[0] === true && over[1] === true,
  };
}

/** RFC 7766: each message has its length in two bytes before it. */
function dnsTalk(sink: TalkSink, ends: Ends): Talk {
  const held: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];
  let lost = false;
  return {
    data(way, bytes, from, to, now) {
      let all = Buffer.concat([held[way], bytes.subarray(from, to)]);
      while (all.length >= 2) {
        const size = all.readUInt16BE(0);
        if (all.length - 2 < size) break;
        const message = parseDns(all, 2, 2 + size);
        if (message) sink.dns(ends, way, message, now);
        all = all.subarray(2 + size);
      }
      held[way] = Buffer.from(all);
    },
    missing() {
      lost = true;
    },
    close: () => {},
    over: () => lost,
  };
}

function lineTalk(sink: TalkSink, ends: Ends, protocol: string, server: 0 | 1): Talk {
  const login = loginReader(protocol);
  let here: Now | undefined;
  const serverAddress = (server === 1 ? ends.b : ends.a).address;
  const ftp =
    protocol === 'FTP'
      ? ftpReader(serverAddress, (transfer) => {
          if (here) sink.file(ends, transfer, here);
        })
      : undefined;
  let over = false;
  const client = lineCutter((line) => {
    if (/^(?:\S{1,40} )?(?:STARTTLS|STLS)$|^AUTH (?:TLS|SSL)$/i.test(line)) over = true;
    ftp?.client(line);
    const found = login(line);
    if (found && here) sink.login(ends, server === 1 ? 0 : 1, found, here);
  });
  const answers = lineCutter((line) => ftp?.server(line));
  return {
    data(way, bytes, from, to, now) {
      here = now;
      if (way !== server) client(bytes, from, to);
      else if (ftp) answers(bytes, from, to);
    },
    missing: () => {},
    close: () => {},
    over: () => over,
  };
}

function telnetTalk(sink: TalkSink, ends: Ends, server: 0 | 1): Talk {
  const reader = telnetReader();
  return {
    data(way, bytes, from, to, now) {
      if (way === server) {
        reader.server(bytes, from, to);
        return;
      }
      const found = reader.client(bytes, from, to);
      if (found) sink.login(ends, way, found, now);
    },
    missing: () => {},
    close: () => {},
    over: () => false,
  };
}
