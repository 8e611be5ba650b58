import type { Credential } from './credentials';
import type { DnsMessage } from './dns';
import type { FtpTransfer } from './ftp';
import type { HttpHead } from './http';
import type { Handshake } from './tls';

/** The packet that is being read: when, and its record in the file. */
export interface Now {
  us: number;
  at: number;
  length: number;
}

/** Both ends of a connection; A sent its first packet. */
export interface Ends {
  conversation: number;
  a: { address: string; port: number };
  b: { address: string; port: number };
  /** Bits: 1 A has ended, 2 B has. */
  closed: number;
}

/** A request with its response, where the capture has both. Ways are 0, from A, or 1, from B. */
export interface Exchange {
  request?: { head: HttpHead; now: Now; bytes: number; whole: boolean };
  response?: { head: HttpHead; now: Now; bytes: number; whole: boolean };
  /** The way that requests take. */
  way: 0 | 1;
}

/** Told of what connections say; `way` is who said it. */
export interface TalkSink {
  http(ends: Ends, exchange: Exchange): void;
  tls(ends: Ends, way: 0 | 1, handshake: Handshake, now: Now): void;
  dns(ends: Ends, way: 0 | 1, message: DnsMessage, now: Now): void;
  login(ends: Ends, way: 0 | 1, credential: Credential, now: Now): void;
  file(ends: Ends, transfer: FtpTransfer, now: Now): void;
  /** Bytes of HTTP bodies, for who takes files out; absent otherwise. */
  body?(ends: Ends, way: 0 | 1, exchange: Exchange, bytes: Buffer, from: number, to: number): void;
  /** A message with its body ended. */
  bodyEnd?(ends: Ends, way: 0 | 1, exchange: Exchange, whole: boolean): void;
}

/** Reads both directions of one connection, bytes in order. */
export interface Talk {
  data(way: 0 | 1, bytes: Buffer, from: number, to: number, now: Now): void;
  missing(way: 0 | 1, count: number): void;
  close(): void;
  /** Nothing more that it says is read. */
  over(): boolean;
}
