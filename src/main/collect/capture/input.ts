import { z } from 'zod';

const seconds = z.number().int().min(1).max(604_800).default(30).describe('Stop after so many seconds.');

/** Limits and filter of every capture. The first limit that is reached ends it. */
export const CaptureShape = {
  seconds,
  megabytes: z.number().min(0.001).max(1_000_000).default(1024).describe('Stop after so many MB.'),
  packets: z.number().int().min(1).max(2_000_000_000).optional().describe('Stop after so many packets.'),
  filter: z
    .string()
    .max(4000)
    .regex(/^[\x20-\x7e]*$/, { error: 'printable ASCII only' })
    .default('')
    .describe('Filter as tcpdump takes it (pcap-filter); checked before it starts. Everything when empty.'),
  snapLength: z.number().int().min(64).max(262_144).default(262_144).describe('Bytes of each packet that are kept.'),
  ownTraffic: z
    .boolean()
    .default(false)
    .describe('Capture the connection by which Lading reaches the host as well; it is left out otherwise.'),
  socketsEvery: z
    .number()
    .min(0)
    .max(3600)
    .multipleOf(0.05, { error: 'seconds, in steps of 0.05' })
    .default(1)
    .describe(
      'Look at sockets and who holds them every so many seconds, before, during and after: 0.2 catches shorter connections. 0: not at all.',
    ),
};

export const FollowInput = z
  .object({
    seconds,
    every: z.number().int().min(1).max(3600).default(1).describe('Look again after so many seconds.'),
    megabytes: z.number().min(0.001).max(1_000_000).default(1024).describe('Stop after so many MB.'),
  })
  .prefault({});

const Capture = z.object(CaptureShape);
export type CaptureTold = z.output<typeof Capture>;
