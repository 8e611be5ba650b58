import { z } from 'zod';
import { ExhibitId, Sha256, TargetRef } from '../domain';
import { base, InCase } from './base';

const OfCapture = InCase.extend({ exhibit: ExhibitId });
const Page = {
  offset: z.number().int().nonnegative().default(0),
  limit: z.number().int().positive().max(2000).default(200),
};
/** Part of a name, an address or another text of the row. */
const Text = { text: z.string().max(1000).optional() };

/** A place in the capture: the record of the packet, to be looked at in the exhibit. */
const Placed = { exhibit: ExhibitId, locator: z.string() };

/** An end of a conversation with what the evidence knows of its address. */
export const NetEnd = z.object({
  address: z.string(),
  port: z.number().nullable(),
  /** Containers that have the address by inspect, on the same host; several where networks overlap. */
  containers: z.array(z.object({ id: z.string(), name: z.string() })),
  /** Names that DNS in the same capture gave for the address. */
  names: z.array(z.string()),
  /** Processes that held a socket between these two ends when sockets were collected; empty: not known. */
  processes: z.array(
    z.object({ process: z.number(), pid: z.number(), comm: z.string(), container: z.string().nullable(), ...Placed }),
  ),
});
export type NetEnd = z.infer<typeof NetEnd>;

/** A capture with how far it could be read. Times are UTC by the capture's clock. */
export const CaptureRow = z.object({
  exhibit: ExhibitId,
  title: z.string(),
  target: TargetRef,
  hostname: z.string().nullable(),
  bytes: z.number(),
  partial: z.boolean(),
  /** False: it is read when the case is analysed. */
  read: z.boolean(),
  packets: z.number(),
  /** Bytes of the file that could not be read, and why. */
  unreadable: z.number(),
  fault: z.string().nullable(),
  first: z.string().nullable(),
  last: z.string().nullable(),
  /** Bytes of all packets on the wire. */
  wire: z.number(),
  /** As the capturing system says; null where the file does not. */
  drops: z.number().nullable(),
  /** What was not understood, in sentences. */
  limits: z.array(z.string()),
  conversations: z.number(),
  dns: z.number(),
  http: z.number(),
  tls: z.number(),
  logins: z.number(),
  transfers: z.number(),
});
export type CaptureRow = z.infer<typeof CaptureRow>;

export const NET_LAYERS = ['ip', 'ipv6', 'tcp', 'udp'] as const;
export const CONVERSATION_SORTS = ['bytes', 'first', 'packets', 'upload'] as const;

/** A sent its first packet. Bytes are whole frames on the wire; payload is what TCP or UDP carried. */
export const ConversationRow = z.object({
  id: z.number(),
  layer: z.enum(NET_LAYERS),
  a: NetEnd,
  b: NetEnd,
  packetsAB: z.number(),
  bytesAB: z.number(),
  packetsBA: z.number(),
  bytesBA: z.number(),
  payloadAB: z.number(),
  payloadBA: z.number(),
  first: z.string(),
  last: z.string(),
  /** 'begun', 'answered', 'ended', 'reset', as TCP's flags in the capture say. */
  marks: z.array(z.string()),
  ...Placed,
});
export type ConversationRow = z.infer<typeof ConversationRow>;

export const DnsRow = z.object({
  time: z.string(),
  protocol: z.string(),
  source: NetEnd,
  destination: NetEnd,
  response: z.boolean(),
  code: z.number(),
  name: z.string(),
  type: z.string(),
  answers: z.array(z.object({ name: z.string(), type: z.string(), ttl: z.number(), value: z.string() })),
  ...Placed,
});
export type DnsRow = z.infer<typeof DnsRow>;

export const HttpRow = z.object({
  id: z.number(),
  conversation: z.number(),
  time: z.string(),
  client: NetEnd,
  server: NetEnd,
  method: z.string().nullable(),
  host: z.string().nullable(),
  target: z.string().nullable(),
  agent: z.string().nullable(),
  requestType: z.string().nullable(),
  requestBytes: z.number(),
  status: z.number().nullable(),
  responseType: z.string().nullable(),
  responseBytes: z.number(),
  /** Bodies of which every byte is in the capture. */
  requestWhole: z.boolean(),
  responseWhole: z.boolean(),
  ...Placed,
});
export type HttpRow = z.infer<typeof HttpRow>;

export const TlsRow = z.object({
  conversation: z.number(),
  time: z.string(),
  kind: z.enum(['client', 'server', 'certificate']),
  source: NetEnd,
  destination: NetEnd,
  version: z.string().nullable(),
  serverName: z.string().nullable(),
  alpn: z.string().nullable(),
  /** Of a server: JA3S. */
  ja3: z.string().nullable(),
  ja4: z.string().nullable(),
  cipher: z.string().nullable(),
  subject: z.string().nullable(),
  issuer: z.string().nullable(),
  validFrom: z.string().nullable(),
  validTo: z.string().nullable(),
  sha256: z.string().nullable(),
  ...Placed,
});
export type TlsRow = z.infer<typeof TlsRow>;

/** A login in plain text; the secret itself stays in the exhibit. */
export const LoginRow = z.object({
  conversation: z.number(),
  time: z.string(),
  client: NetEnd,
  server: NetEnd,
  protocol: z.string(),
  way: z.string(),
  user: z.string(),
  secretLength: z.number(),
  ...Placed,
});
export type LoginRow = z.infer<typeof LoginRow>;

/** A file that FTP announced. */
export const TransferRow = z.object({
  id: z.number(),
  time: z.string(),
  listener: z.string(),
  way: z.string(),
  name: z.string(),
  /** The TCP conversation that carried it; null where the capture has none. */
  conversation: z.number().nullable(),
  bytes: z.number(),
  ...Placed,
});
export type TransferRow = z.infer<typeof TransferRow>;

export const PacketRow = z.object({
  /** Counted from 1, as other tools do. */
  number: z.number(),
  time: z.string(),
  source: z.string(),
  destination: z.string(),
  protocol: z.string(),
  /** On the wire, and captured. */
  length: z.number(),
  captured: z.number(),
  info: z.string(),
  ...Placed,
});
export type PacketRow = z.infer<typeof PacketRow>;

/** What is taken out of a capture. */
export const ExtractWhat = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('http'), id: z.number().int(), part: z.enum(['request', 'response']) }),
  z.object({ kind: z.literal('transfer'), id: z.number().int() }),
  /** All that one side of a TCP conversation sent. */
  z.object({ kind: z.literal('stream'), id: z.number().int(), side: z.enum(['a', 'b']) }),
]);
export type ExtractWhat = z.infer<typeof ExtractWhat>;

export const network = {
  captures: base.input(InCase).output(z.object({ captures: z.array(CaptureRow) })),
  conversations: base
    .input(
      OfCapture.extend({
        layer: z.enum(NET_LAYERS).optional(),
        sort: z.enum(CONVERSATION_SORTS).default('bytes'),
        ...Text,
        ...Page,
      }),
    )
    .output(z.object({ rows: z.array(ConversationRow), total: z.number() })),
  dns: base
    .input(OfCapture.extend({ ...Text, ...Page }))
    .output(z.object({ rows: z.array(DnsRow), total: z.number() })),
  http: base
    .input(OfCapture.extend({ ...Text, ...Page }))
    .output(z.object({ rows: z.array(HttpRow), total: z.number() })),
  tls: base
    .input(OfCapture.extend({ ...Text, ...Page }))
    .output(z.object({ rows: z.array(TlsRow), total: z.number() })),
  logins: base
    .input(OfCapture.extend({ ...Text, ...Page }))
    .output(z.object({ rows: z.array(LoginRow), total: z.number() })),
  transfers: base.input(OfCapture.extend(Page)).output(z.object({ rows: z.array(TransferRow), total: z.number() })),
  /** Packets in the order of the file, from number `offset` + 1 on; any page of any size of file in the same time. */
  packets: base.input(OfCapture.extend(Page)).output(z.object({ rows: z.array(PacketRow), total: z.number() })),
  /** Packets and bytes by time; `seconds` is the width of a bar. */
  volume: base.input(OfCapture).output(
    z.object({
      seconds: z.number(),
      bars: z.array(z.object({ start: z.string(), packets: z.number(), bytes: z.number() })),
    }),
  ),
  /** Who talked to whom: addresses and the bytes between them, the largest first. */
  graph: base.input(OfCapture.extend({ limit: z.number().int().min(1).max(200).default(40) })).output(
    z.object({
      nodes: z.array(NetEnd),
      edges: z.array(z.object({ a: z.number(), b: z.number(), bytesAB: z.number(), bytesBA: z.number() })),
      /** Pairs of addresses in all. */
      total: z.number(),
    }),
  ),
  /** Writes what a connection carried to a file of its own, which is hashed and named in the ledger. */
  extract: base
    .input(OfCapture.extend({ what: ExtractWhat, to: z.string().min(1), reason: z.string().min(1) }))
    .output(z.object({ path: z.string(), sha256: Sha256, bytes: z.number(), whole: z.boolean() })),
};
