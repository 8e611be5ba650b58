import { z } from 'zod';
import { CaptureShape } from '../capture/input';
import { INTERFACE, networkOf } from '../capture/interfaces';
import { captureSession } from '../capture/session';
import { defineCollector } from '../collector';

const State = z.object({ State: z.object({ Pid: z.number().int().nonnegative() }) });

const Input = z
  .object({
    ...CaptureShape,
    where: z
      .enum(['host', 'namespace'])
      .default('host')
      .describe(
        '"host": at the host’s end of the container’s interfaces, which the container cannot see. "namespace": in the container’s network, with what it says to itself.',
      ),
    interface: z
      .string()
      .regex(INTERFACE, { error: 'name of an interface' })
      .default('any')
      .describe('In the namespace: which interface, "any" for all. Without meaning otherwise.'),
  })
  .prefault({});

export default defineCollector({
  id: 'container.capture',
  version: '1.0.0',
  title: 'Packets of the container',
  answers: 'What does the container send and receive, and which process holds the connections?',
  how: 'Runs tcpdump on the host, at the host’s end of the container’s interfaces or, when told so, in its network namespace, and takes its output over the connection: no file is written on the host. Where there is no tcpdump, a packet socket of python3 does it, without a filter. It leaves nothing but a process while it runs; in the namespace the container can see the packet socket. /proc is read for the sockets before, during and after.',
  replaces: [
    'tcpdump -i <veth> -w capture.pcap',
    'nsenter -t <container_pid> -n tcpdump -i any -w capture.pcap',
    'docker exec <container_id> tcpdump -i eth0 -w capture.pcap',
  ],
  scope: 'container',
  volatility: 'network',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root', 'running'],
  input: Input,
  estimate: (_target, { input }) => ({ seconds: Input.parse(input ?? {}).seconds }),
  async collect(ctx, target, told) {
    const { State: state } = await ctx.engine.json(State, `/containers/${encodeURIComponent(target.id)}/json`);
    if (state.Pid === 0) return ctx.miss('missing', 'The container ended before a capture could begin.');
    const common = {
      source: 'container.capture',
      target: target.name,
      told,
      container: { id: target.id, pid: state.Pid },
    };
    if (told.where === 'namespace') {
      const of = {
        title: `Packets in the container’s network, ${told.interface}`,
        file: 'container.capture.namespace.pcap',
        interface: told.interface,
        pid: state.Pid,
        promiscuous: false,
      };
      return captureSession(ctx, { ...common, of: [of] });
    }
    const network = await networkOf(ctx, state.Pid);
    if (network.kind === 'host') {
      return ctx.miss(
        'not applicable',
        'The container uses the host’s own network: it has no interface of its own. host.capture takes that.',
      );
    }
    for (const name of network.others) {
      await ctx.miss(
        'not applicable',
        `${name} has no other end on the host (macvlan, ipvlan or the like): capture it in the namespace.`,
      );
    }
    if (network.pairs.length === 0) {
      if (network.others.length === 0) await ctx.miss('none', 'The container has no network beyond itself.');
      return;
    }
    const of = network.pairs.map(({ inside, host }) => ({
      title: `Packets of the container’s ${inside}, at ${host}`,
      file: `container.capture.${inside}.pcap`,
      interface: host,
      promiscuous: false,
    }));
    await captureSession(ctx, { ...common, of });
  },
});
