import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';

export default defineCollector({
  id: 'host.firewall',
  version: '1.0.0',
  title: 'Packet filter of the host',
  answers:
    'Which packets does the host let through, which ports lead to which container, and which connections does it track?',
  how: 'Asks nft, iptables and conntrack for what the kernel holds, where asking loads no module, and reads /proc/net and the rules on the disk.',
  replaces: ['nft list ruleset', 'iptables-save', 'ip6tables-save', 'conntrack -L', 'iptables -t nat -L -n -v'],
  scope: 'host',
  volatility: 'network',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    await captureHostFiles(ctx, {
      source: 'host.firewall',
      title: 'Packet filter of the host',
      nothing: 'The host has no tool of a packet filter, and /proc and the disk show none.',
      parts: [
        { as: 'conntrack', files: ['/proc/1/net/nf_conntrack', '/proc/1/net/nf_conntrack_expect'], limit: 0 },
        { as: 'conntrack.list', run: ['conntrack', '-L', '-o', 'extended,id'], guard: 'conntrack' },
        { as: 'nft', run: ['nft', '-a', '-nn', 'list', 'ruleset'], guard: 'nf_tables' },
        { as: 'iptables', run: ['iptables-save', '-c'], guard: 'xtables' },
        { as: 'ip6tables', run: ['ip6tables-save', '-c'], guard: 'xtables' },
        { as: 'ipset', run: ['ipset', 'save'], guard: 'xtables' },
        {
          as: 'tables',
          files: ['/proc/1/net/ip_tables_names', '/proc/1/net/ip6_tables_names', '/proc/1/net/netfilter/*'],
        },
        {
          as: 'stored',
          files: [
            ...[
              '/etc/nftables.conf',
              '/etc/nftables.d/*',
              '/etc/iptables/*',
              '/etc/sysconfig/ip*tables',
              '/etc/sysconfig/nftables.conf',
            ],
            ...[
              '/etc/ufw/*',
              '/etc/ufw/applications.d/*',
              '/etc/firewalld/*',
              '/etc/firewalld/*/*',
              '/etc/fail2ban/jail.*',
            ],
            ...['/etc/hosts.allow', '/etc/hosts.deny'],
          ],
        },
      ],
    });
  },
});
