/** A capability set of the kernel as its 64 bits (capabilities(7)). */
export type CapabilityBits = bigint;

/** /proc/PID/status (proc_pid_status(5)). Fields that an older kernel lacks are undefined. */
export interface ProcStatus {
  /** Escaped by the kernel (\n, \\), so a name cannot make a line of its own. */
  name: string;
  state: string;
  pid?: number;
  ppid?: number;
  tracerPid?: number;
  /** real, effective, saved, file system. */
  uids: number[];
  gids: number[];
  /** The PID in each namespace, outermost first; the last is what the container sees. */
  nsPids: number[];
  threads?: number;
  capInh?: CapabilityBits;
  capPrm?: CapabilityBits;
  capEff?: CapabilityBits;
  capBnd?: CapabilityBits;
  capAmb?: CapabilityBits;
  noNewPrivs?: boolean;
  /** 0 off, 1 strict, 2 filter. */
  seccomp?: number;
  /** Bytes; undefined for kernel threads. */
  vmRss?: number;
  /** Every line by its key, as it stands. */
  fields: Map<string, string>;
}

/** Reads `Key:\tvalue` lines. The first of two lines with one key counts. Gives undefined where there is no Name or State. */
export function parseStatus(bytes: Buffer): ProcStatus | undefined {
  const fields = new Map<string, string>();
  for (const line of bytes.toString('utf8').split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const key = line.slice(0, colon);
    if (!fields.has(key)) fields.set(key, line.slice(colon + 1).trim());
  }
  const name = fields.get('Name');
  const state = fields.get('State')?.slice(0, 1);
  if (name === undefined || !state) return undefined;
  const numbers = (key: string) =>
    (fields.get(key) ?? '')
      .split(/\s+/)
      .filter((word) => /^\d{1,15}$/.test(word))
      .map(Number);
  const one = (key: string) => numbers(key)[0];
  const caps = (key: string) => {
    const text = fields.get(key);
    return text !== undefined && /^[0-9a-f]{1,16}$/i.test(text) ? BigInt(`0x${text}`) : undefined;
  };
  const noNewPrivs = one('NoNewPrivs');
  const rss = one('VmRSS');
  return {
    name,
    state,
    pid: one('Pid'),
    ppid: one('PPid'),
    tracerPid: one('TracerPid'),
    uids: numbers('Uid'),
    gids: numbers('Gid'),
    nsPids: numbers('NSpid'),
    threads: one('Threads'),
    capInh: caps('CapInh'),
    capPrm: caps('CapPrm'),
    capEff: caps('CapEff'),
    capBnd: caps('CapBnd'),
    capAmb: caps('CapAmb'),
    noNewPrivs: noNewPrivs === undefined ? undefined : noNewPrivs === 1,
    seccomp: one('Seccomp'),
    vmRss: rss === undefined ? undefined : rss * 1024,
    fields,
  };
}

/** The kernel's capabilities by their bit (include/uapi/linux/capability.h, Linux 6.18). */
export const CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const;

/** The names of a set's capabilities; a bit without a name is `CAP_41`. */
export function capabilityNames(bits: CapabilityBits): string[] {
  const names: string[] = [];
  for (let bit = 0; bit < 64; bit++) {
    if ((bits >> BigInt(bit)) & 1n) names.push(CAPABILITIES[bit] ?? `CAP_${bit}`);
  }
  return names;
}
