import { CAPABILITIES, type CapabilityBits, capabilityNames as kernelNames } from '../../formats/proc-status';

/** What Docker gives a container that asks for nothing: moby, oci/caps/defaults.go. */
export const DEFAULT_CAPABILITIES: ReadonlySet<string> = new Set([
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
]);

/** What each opens; one of these is enough, or nearly, to act on the host. */
export const DANGEROUS_CAPABILITIES: Readonly<Record<string, 'critical' | 'high' | 'medium'>> = {
  ALL: 'critical',
  SYS_ADMIN: 'high',
  SYS_MODULE: 'critical',
  SYS_RAWIO: 'high',
  SYS_PTRACE: 'high',
  SYS_BOOT: 'high',
  DAC_READ_SEARCH: 'high',
  BPF: 'high',
  SYSLOG: 'medium',
  PERFMON: 'medium',
  NET_ADMIN: 'medium',
  LINUX_IMMUTABLE: 'medium',
  MAC_ADMIN: 'high',
  MAC_OVERRIDE: 'high',
  SYS_TIME: 'medium',
  AUDIT_CONTROL: 'medium',
  CHECKPOINT_RESTORE: 'medium',
};

/** 'cap_sys_admin', 'CAP_SYS_ADMIN', 'SYS_ADMIN' → 'SYS_ADMIN'. */
export function capabilityName(given: string): string {
  return given.trim().toUpperCase().replace(/^CAP_/, '');
}

/** The names of a set's bits, as CapAdd writes them. */
export function capabilityNames(bits: CapabilityBits): string[] {
  return kernelNames(bits).map(capabilityName);
}

/** What CapAdd and CapDrop amount to, as the engine works them out: additions win over drops of ALL. */
export function configuredCapabilities(add: readonly string[], drop: readonly string[]): Set<string> {
  const added = add.map(capabilityName);
  const dropped = drop.map(capabilityName);
  const start = added.includes('ALL')
    ? CAPABILITIES.map(capabilityName)
    : dropped.includes('ALL')
      ? []
      : DEFAULT_CAPABILITIES;
  const set = new Set<string>(start);
  for (const name of dropped) set.delete(name);
  for (const name of added) if (name !== 'ALL') set.add(name);
  return set;
}
