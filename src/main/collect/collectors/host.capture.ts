import { z } from 'zod';
import { CaptureShape } from '../capture/input';
import { INTERFACE } from '../capture/interfaces';
import { captureSession } from '../capture/session';
import { defineCollector } from '../collector';

const Input = z
  .object({
    ...CaptureShape,
    interface: z
      .string()
      .regex(INTERFACE, { error: 'name of an interface' })
      .default('any')
      .describe('Which interface of the host, "any" for all.'),
  })
  .prefault({});

export default defineCollector({
  id: 'host.capture',
  version: '1.0.0',
  title: 'Packets of the host',
  answers: 'What goes over an interface of the host, or over all of them?',
  how: 'Runs tcpdump on the host, without promiscuous mode, and takes its output over the connection: no file is written. The connection of Lading itself is left out. Where there is no tcpdump, a packet socket of python3 does it for a named interface, without a filter. It leaves nothing but a process while it runs.',
  replaces: ['tcpdump -i any -w capture.pcap', 'tcpdump -i eth0 -w capture.pcap'],
  scope: 'host',
  volatility: 'network',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  input: Input,
  estimate: (_target, { input }) => ({ seconds: Input.parse(input ?? {}).seconds }),
  collect: (ctx, target, told) =>
    captureSession(ctx, {
      source: 'host.capture',
      target: target.name,
      told,
      of: [
        {
          title: `Packets of the host, ${told.interface}`,
          file: 'host.capture.pcap',
          interface: told.interface,
          promiscuous: false,
        },
      ],
    }),
});
