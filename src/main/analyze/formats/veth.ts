import { z } from 'zod';
import type { HostFile, HostFiles } from './host-files';

/** An interface of the host that is one end of a pair, or lies on another, and where its other end is. */
export interface HostInterface {
  name: string;
  ifindex: number;
  /** Index of the other end, in the namespace where that is. */
  iflink: number;
  address?: string;
  operstate?: string;
  /** Inode of the network namespace of the other end, as in the link `net:[4026533584]`; where ip and lsns said so. */
  namespace?: number;
  bridge?: string;
  /** Hardware addresses that the bridge saw behind this port, so of the container, where it sent anything of late. */
  macs: string[];
  /** Cites ifindex and iflink. */
  frames: HostFile[];
}

const LINK = /^\/sys\/class\/net\/([^/]+)\/(ifindex|iflink|address|operstate)$/;
const PORT = /^\/sys\/class\/net\/([^/]+)\/brif\/([^/]+)\/port_no$/;
const TABLE = /^\/sys\/class\/net\/([^/]+)\/brforward$/;
/** struct __fdb_entry (linux/if_bridge.h): mac[6], port_no, is_local, ageing_timer_value (4), port_hi, pad, unused (2). */
const ENTRY = 16;

/** `ip -j -d link show` of iproute2; other versions add and leave out members. */
const IpLinks = z.array(z.object({ ifname: z.string().optional(), link_netnsid: z.number().optional() }));

/**
 * The host's interfaces whose other end is elsewhere, from exhibits that hold LINKS (container.netns, host.network). One
 * belongs to a container when `namespace` is that of its processes and `iflink` an index there; without `namespace`, when
 * `iflink` is an index there and `macs` has its address.
 */
export function vethsOf(from: HostFiles): HostInterface[] {
  const found = new Map<string, Partial<Record<string, HostFile>>>();
  const ports = new Map<string, { bridge: string; port: number }>();
  const tables = new Map<string, { mac: string; port: number }[]>();
  for (const file of from.files) {
    const [, name, property] = LINK.exec(file.path) ?? [];
    const [, bridge, member] = PORT.exec(file.path) ?? [];
    const [, table] = TABLE.exec(file.path) ?? [];
    if (name && property) found.set(name, { ...found.get(name), [property]: file });
    else if (bridge && member) ports.set(member, { bridge, port: Number(valueIn(file)) });
    else if (table) tables.set(table, fdbOf(file.content?.body ?? Buffer.alloc(0)));
  }
  const namespaces = namespacesOf(from);
  return [...found].flatMap(([name, { ifindex, iflink, address, operstate }]) => {
    const [own, other] = [Number(valueIn(ifindex)), Number(valueIn(iflink))];
    if (!ifindex || !iflink || !Number.isSafeInteger(own) || !Number.isSafeInteger(other) || other === 0) return [];
    const port = ports.get(name);
    const namespace = namespaces.get(name);
    // a veth whose other end has the same index in its own namespace is told by its port or namespace alone
    if (own === other && !port && namespace === undefined) return [];
    const seen = port ? (tables.get(port.bridge) ?? []).filter((one) => one.port === port.port) : [];
    return [
      {
        name,
        ifindex: own,
        iflink: other,
        address: valueIn(address),
        operstate: valueIn(operstate),
        namespace,
        bridge: port?.bridge,
        macs: seen.map((one) => one.mac),
        frames: [ifindex, iflink],
      },
    ];
  });
}

/** By interface: ip's number of the other end's namespace, joined to lsns' `inode number pid`. */
function namespacesOf({ commands }: HostFiles): Map<string, number> {
  const inodes = new Map<number, number>();
  for (const line of commands.get('netns')?.output?.body.toString('latin1').split('\n') ?? []) {
    const [, inode, number] = /^(\d+) (\d+) /.exec(line) ?? [];
    if (inode && number) inodes.set(Number(number), Number(inode));
  }
  const namespaces = new Map<string, number>();
  for (const { ifname, link_netnsid: number } of ipLinks(commands.get('ip.link')?.output?.body)) {
    const inode = number === undefined ? undefined : inodes.get(number);
    if (ifname !== undefined && inode !== undefined) namespaces.set(ifname, inode);
  }
  return namespaces;
}

function ipLinks(body: Buffer | undefined): z.output<typeof IpLinks> {
  try {
    return IpLinks.safeParse(JSON.parse(body?.toString('utf8') || '[]')).data ?? [];
  } catch {
    return []; // an ip too old for -j: then only iflink and the bridge tell
  }
}

/** Entries that the bridge learned; those of its own ports are left out. */
function fdbOf(bytes: Buffer): { mac: string; port: number }[] {
  const entries: { mac: string; port: number }[] = [];
  for (let at = 0; at + ENTRY <= bytes.length; at += ENTRY) {
    if (bytes[at + 7] !== 0) continue;
    const mac = [...bytes.subarray(at, at + 6)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
    entries.push({ mac, port: (bytes[at + 6] ?? 0) | ((bytes[at + 12] ?? 0) << 8) });
  }
  return entries;
}

function valueIn(file: HostFile | undefined): string | undefined {
  return file?.content?.body.toString('latin1').trim() || undefined;
}
