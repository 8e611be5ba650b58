import { z } from 'zod';
import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';
import { LINKS } from '../host-files/network';

const State = z.object({ State: z.object({ Pid: z.number().int().nonnegative() }) });

/** Files of /proc/PID/net (proc_pid_net(5)) that are small; the tables of sockets are container.sockets'. */
const NET = [
  ...['dev', 'dev_mcast', 'if_inet6', 'igmp', 'igmp6', 'mcfilter', 'mcfilter6', 'anycast6', 'ptype', 'wireless'],
  ...['route', 'ipv6_route', 'fib_trie', 'fib_triestat', 'rt_cache', 'rt6_stats', 'arp', 'vlan/config'],
  ...['snmp', 'snmp6', 'netstat', 'sockstat', 'sockstat6', 'softnet_stat', 'xfrm_stat', 'psched'],
  ...['ip_tables_names', 'ip_tables_matches', 'ip_tables_targets', 'ip6_tables_names', 'netfilter/nf_log'],
  ...['nf_conntrack', 'ip_vs', 'ip_vs_conn'],
];

export default defineCollector({
  id: 'container.netns',
  version: '1.0.0',
  title: 'Network of the container',
  answers:
    'Which interfaces, addresses, routes and neighbours does the container’s network have, and which interface of the host is its other end?',
  how: 'Reads /proc/<pid>/net of the container’s first process, and the host’s interfaces with their peers and bridge ports in /sys; nothing enters the namespace.',
  replaces: [
    'docker exec <container_id> ip addr',
    'docker exec <container_id> ip route',
    'docker exec <container_id> arp -an',
    'nsenter -t <container_pid> -n ip addr',
  ],
  scope: 'container',
  volatility: 'network',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root', 'running'],
  async collect(ctx, target) {
    const { State: state } = await ctx.engine.json(State, `/containers/${encodeURIComponent(target.id)}/json`);
    if (state.Pid === 0) {
      await ctx.miss('missing', 'The container ended before its network could be looked at.');
      return;
    }
    const pid = `/proc/${state.Pid}`;
    await captureHostFiles(ctx, {
      source: 'container.netns',
      title: 'Network of the container',
      nothing: 'The container’s first process is gone.',
      parts: [
        { as: 'process', files: [`${pid}/stat`] },
        { as: 'namespace', files: [`${pid}/ns/net`] },
        { as: 'net', files: NET.map((name) => `${pid}/net/${name}`) },
        ...LINKS,
        { as: 'process.after', files: [`${pid}/stat`] },
      ],
    });
  },
});
