import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';
import { LINKS } from '../host-files/network';

const NET = [
  ...['dev', 'dev_mcast', 'if_inet6', 'igmp', 'route', 'ipv6_route', 'fib_trie', 'arp', 'snmp', 'snmp6', 'netstat'],
  ...['sockstat', 'sockstat6', 'ptype', 'packet', 'wireless', 'vlan/config', 'bonding/*', 'xfrm_stat', 'ip_vs'],
];

export default defineCollector({
  id: 'host.network',
  version: '1.0.0',
  title: 'Network of the host',
  answers: 'Which interfaces, addresses, routes and neighbours does the host have, and whom does it ask for names?',
  how: 'Reads /proc/net, /sys/class/net and the configuration of name resolution, and asks ip where the host has it.',
  replaces: [
    'ip addr',
    'ip route show table all',
    'ip rule',
    'ip neigh',
    'arp -an',
    'ifconfig -a',
    'cat /etc/resolv.conf',
    'brctl show',
    'bridge fdb',
  ],
  scope: 'host',
  volatility: 'network',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    await captureHostFiles(ctx, {
      source: 'host.network',
      title: 'Network of the host',
      nothing: 'The host shows nothing of its network.',
      parts: [
        { as: 'net', files: NET.map((name) => `/proc/1/net/${name}`) },
        ...LINKS,
        { as: 'ip.addr', run: ['ip', '-j', '-d', 'addr', 'show'] },
        { as: 'ip.neigh', run: ['ip', '-j', '-s', 'neigh', 'show'] },
        { as: 'ip.route', run: ['ip', '-j', 'route', 'show', 'table', 'all'] },
        { as: 'ip.route6', run: ['ip', '-j', '-6', 'route', 'show', 'table', 'all'] },
        { as: 'ip.rule', run: ['ip', '-j', 'rule', 'show'] },
        { as: 'forwarding', files: ['/proc/sys/net/ipv4/ip_forward', '/proc/sys/net/ipv6/conf/all/forwarding'] },
        {
          as: 'names',
          files: [
            ...['/etc/resolv.conf', '/etc/hosts', '/etc/hostname', '/etc/nsswitch.conf', '/etc/host.conf'],
            ...['/etc/systemd/resolved.conf', '/etc/systemd/resolved.conf.d/*', '/run/systemd/resolve/*.conf'],
          ],
          follow: true,
        },
        {
          as: 'settings',
          files: [
            ...['/etc/network/interfaces', '/etc/network/interfaces.d/*', '/etc/netplan/*', '/etc/systemd/network/*'],
            ...[
              '/etc/sysconfig/network-scripts/ifcfg-*',
              '/etc/NetworkManager/system-connections/*',
              '/etc/dhcpcd.conf',
            ],
            ...['/var/lib/dhcp/*.leases', '/etc/wireguard/*.conf', '/etc/openvpn/*.conf', '/etc/proxychains*.conf'],
          ],
        },
      ],
    });
  },
});
