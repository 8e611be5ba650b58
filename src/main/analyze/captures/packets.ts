import { open } from 'node:fs/promises';
import { z } from 'zod';
import type { PacketRow } from '../../../shared/contract/network';
import type { ExhibitRecord } from '../../../shared/domain';
import { evidenceFile } from '../context';
import { addressText, endText } from '../formats/net/address';
import { captureReader, type PacketSink } from '../formats/net/capture-file';
import { parseDns } from '../formats/net/dns';
import { looksHttp } from '../formats/net/http';
import { packetReader } from '../formats/net/packet';
import { looksTls } from '../formats/net/tls';
import type { Db } from '../index/db';
import { isoMicros } from '../index/query';
import type { CaptureFacts } from './store';

const PIECE = 256 * 1024;
/** What stands before the first packet and is needed to read any: the header of pcap, the first blocks of pcapng. */
const HEAD_MAX = 1024 * 1024;

const Start = z.object({ n: z.number(), at: z.number() }).optional();

type Capture = Pick<ExhibitRecord, 'id' | 'file'>;

/** Where reading has to begin for the packet of a number (from 0): the nearest before it whose place is known. */
export function startOf(db: Db, number: number): { n: number; at: number } | undefined {
  return Start.parse(
    db.prepare('SELECT n, at FROM packets WHERE n <= ? ORDER BY n DESC LIMIT 1').get(number) ?? undefined,
  );
}

/**
 * Reads the packets of a capture from the record at `from` on, in pieces, until `more` says no. The start of the file is read
 * first, since it says how to read the rest; pcapng with several sections or interfaces described late is read from its start.
 */
export async function readFrom(
  dir: string,
  capture: Capture,
  from: number,
  sink: PacketSink,
  more: () => boolean,
  /** Awaited after each piece. */
  between?: () => Promise<void>,
): Promise<void> {
  const file = await open(evidenceFile(dir, capture), 'r');
  try {
    const head = Buffer.alloc(HEAD_MAX);
    const { bytesRead } = await file.read(head, 0, HEAD_MAX, 0);
    const { length, rest } = headerOf(head.subarray(0, bytesRead));
    // what the file's own offsets are, beyond those of the pieces that the reader is given
    const jump = rest && from > length ? from - length : 0;
    const reader = captureReader((bytes, start, end, original, us, ns, at, size, link) => {
      if (at + jump >= from) sink(bytes, start, end, original, us, ns, at + jump, size, link);
    });
    reader.push(Buffer.from(head.subarray(0, length)));
    const piece = Buffer.alloc(PIECE);
    for (let at = length + jump; more(); ) {
      const got = await file.read(piece, 0, PIECE, at);
      if (got.bytesRead === 0) break;
      reader.push(Buffer.from(piece.subarray(0, got.bytesRead)));
      at += got.bytesRead;
      await between?.();
    }
    reader.end();
  } finally {
    await file.close();
  }
}

/** Bytes before the first packet, and whether all packets can be read after these alone. */
function headerOf(head: Buffer): { length: number; rest: boolean } {
  if (head.length < 24) return { length: head.length, rest: false };
  if (head.readUInt32LE(0) !== 0x0a0d0d0a) return { length: 24, rest: true };
  return { length: 0, rest: false };
}

/** A page of packets: of any place in the file in about the same time, for pcap. */
export async function listPackets(
  dir: string,
  capture: Capture,
  start: { n: number; at: number } | undefined,
  facts: CaptureFacts,
  page: { offset: number; limit: number },
): Promise<PacketRow[]> {
  if (!start || page.offset >= facts.packets) return [];
  const rows: PacketRow[] = [];
  const summary = describer();
  let n = start.n;
  await readFrom(
    dir,
    capture,
    start.at,
    (bytes, from, to, original, us, _ns, at, length, link) => {
      const number = n++;
      if (number < page.offset || rows.length >= page.limit) return;
      rows.push({
        number: number + 1,
        time: isoMicros(us),
        length: original,
        captured: to - from,
        ...summary(bytes, from, to, link),
        exhibit: capture.id,
        locator: `bytes:${at}+${length}`,
      });
    },
    () => rows.length < page.limit,
  );
  return rows;
}

/** The innermost that is understood of a packet, in a line. */
function describer() {
  let told = { source: '', destination: '', protocol: '', info: '' };
  const reader = packetReader({
    ip(h) {
      const [source, destination] = [addressText(h.words, 0), addressText(h.words, 4)];
      told = { source, destination, protocol: h.version === 4 ? 'IPv4' : 'IPv6', info: `protocol ${h.protocol}` };
    },
    tcp(h) {
      const flags = [...'FSRPAUEC'].filter((_, i) => h.flags & (1 << i)).join('');
      const what = looksHttp(h.bytes, h.from, h.to)
        ? `, ${h.bytes.toString('latin1', h.from, Math.min(h.to, h.from + 120)).split(/[\r\n]/)[0]}`
        : looksTls(h.bytes, h.from, h.to)
          ? ', TLS handshake'
          : '';
      told = {
        source: endText(told.source, h.sport),
        destination: endText(told.destination, h.dport),
        protocol: 'TCP',
        info: `[${flags}] seq ${h.seq} ack ${h.ack}, ${h.carried} bytes${what}`,
      };
    },
    udp(h) {
      const message = h.sport === 53 || h.dport === 53 ? parseDns(h.bytes, h.from, h.to) : undefined;
      told = {
        source: endText(told.source, h.sport),
        destination: endText(told.destination, h.dport),
        protocol: message ? 'DNS' : 'UDP',
        info: message
          ? `${message.response ? 'answer' : 'question'} ${message.type} ${message.name} ${message.answers.map(({ value }) => value).join(' ')}`.trim()
          : `${h.carried} bytes`,
      };
    },
    icmp(h) {
      told = { ...told, protocol: h.version === 4 ? 'ICMP' : 'ICMPv6', info: `type ${h.flags} code ${h.sport}` };
    },
  });
  return (bytes: Buffer, from: number, to: number, link: number) => {
    const before = new Map(reader.odd.other);
    told = { source: '', destination: '', protocol: '', info: '' };
    reader.read(bytes, from, to, link);
    if (told.protocol === '') {
      const other = [...reader.odd.other].find(([name, count]) => before.get(name) !== count)?.[0];
      told = { ...told, protocol: other ?? 'unknown', info: `${to - from} bytes` };
    }
    return told;
  };
}
