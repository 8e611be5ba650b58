import { z } from 'zod';
import { CaptureShape } from '../capture/input';
import { INTERFACE } from '../capture/interfaces';
import { captureSession } from '../capture/session';
import { defineCollector } from '../collector';

const Network = z.object({
  Id: z.string(),
  Driver: z.string().nullish(),
  Options: z.record(z.string(), z.string()).nullish(),
});

const Input = z
  .object({
    ...CaptureShape,
    promiscuous: z
      .boolean()
      .default(true)
      .describe('See also what containers say to each other. The kernel then writes two lines into its log.'),
  })
  .prefault({});

export default defineCollector({
  id: 'network.capture',
  version: '1.0.0',
  title: 'Packets of the network’s bridge',
  answers: 'What do the containers of this network say to each other and to the outside?',
  how: 'Runs tcpdump on the host, at the network’s bridge, and takes its output over the connection: no file is written. So that it sees what containers say to each other the bridge is put into promiscuous mode, of which the kernel writes two lines into its log, which the host may keep on disk. Where there is no tcpdump, a packet socket of python3 does it, without a filter.',
  replaces: ['tcpdump -i docker0 -w capture.pcap', 'tcpdump -i br-<network_id> -w capture.pcap'],
  scope: 'network',
  volatility: 'network',
  footprint: 'writes on host',
  needs: ['engine', 'procfs', 'root'],
  input: Input,
  estimate: (_target, { input }) => ({ seconds: Input.parse(input ?? {}).seconds }),
  async collect(ctx, target, told) {
    const { Id, Driver, Options } = await ctx.engine.json(Network, `/networks/${encodeURIComponent(target.id)}`);
    if (Driver !== 'bridge') {
      return ctx.miss('not applicable', 'This network has no bridge on the host: capture its containers instead.');
    }
    const bridge = Options?.['com.docker.network.bridge.name'] ?? `br-${Id.slice(0, 12)}`;
    if (!INTERFACE.test(bridge)) return ctx.miss('unreadable', 'The engine names a bridge whose name is none.');
    await captureSession(ctx, {
      source: 'network.capture',
      target: target.name,
      told,
      of: [
        {
          title: `Packets of the bridge ${bridge}`,
          file: 'network.capture.pcap',
          interface: bridge,
          promiscuous: told.promiscuous,
        },
      ],
    });
  },
});
