import type { LeafPart } from './spec';

/**
 * The host's interfaces, for the join of a veth to its container: `iflink` is the index of the other end in the container's
 * namespace (there in net/dev_mcast and net/igmp). Which namespace that is ip says by number, and lsns which number is which
 * namespace. Where the host has neither, `brforward` of a bridge says behind which port it saw a MAC address (struct
 * __fdb_entry of linux/if_bridge.h), and `brif/NAME/port_no` which interface that port is.
 */
export const LINKS: readonly LeafPart[] = [
  {
    as: 'link',
    files: ['ifindex', 'iflink', 'address', 'operstate', 'carrier_changes', 'ifalias', 'master/ifindex'].map(
      (name) => `/sys/class/net/*/${name}`,
    ),
  },
  { as: 'bridge', files: ['/sys/class/net/*/brforward', '/sys/class/net/*/brif/*/port_no'] },
  { as: 'ip.link', run: ['ip', '-j', '-d', '-s', 'link', 'show'] },
  { as: 'netns', run: ['lsns', '-t', 'net', '-n', '-r', '-o', 'NS,NETNSID,PID'] },
];
