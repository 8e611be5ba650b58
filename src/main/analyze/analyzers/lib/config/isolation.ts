import { z } from 'zod';
import { visible } from '../../../../../shared/visible';
import { capabilityName, DANGEROUS_CAPABILITIES, DEFAULT_CAPABILITIES } from '../capabilities';
import { gravest } from '../commands';
import { type Hit, listed } from '../rule';
import { type ConfigRule, type ContainerConfig, text } from './container';

const anyList = z.array(z.unknown());
const deviceEntry = z.object({
  PathOnHost: z.string(),
  PathInContainer: z.string().default(''),
  CgroupPermissions: z.string().default(''),
});

const at = ({ doc }: ContainerConfig, ...keys: (string | number)[]) => doc.cite('HostConfig', ...keys);

export const privileged: ConfigRule = {
  id: 'config.privileged',
  version: '1',
  title: 'Container runs privileged',
  severity: 'critical',
  confidence: 'certain',
  techniques: ['T1610', 'T1611'],
  benign:
    'Builders, monitoring agents and storage or network plug-ins are sometimes run privileged on purpose: ask who deployed it.',
  check: (config) =>
    config.privileged
      ? [
          {
            claim:
              'HostConfig.Privileged is true: the container has every capability, every device of the host, and neither seccomp nor AppArmor nor masked paths confine it.',
            cites: [at(config, 'Privileged')],
          },
        ]
      : [],
};

const NAMESPACES = [
  {
    key: 'PidMode',
    name: 'PID',
    severity: 'high',
    means: "its processes see every process of the host and, as root, can read the host's /proc/PID/root",
  },
  {
    key: 'NetworkMode',
    name: 'network',
    severity: 'medium',
    means: "its processes use the host's addresses and ports and reach services bound to the host's loopback",
  },
  { key: 'IpcMode', name: 'IPC', severity: 'medium', means: "its processes reach the host's shared memory" },
  { key: 'UTSMode', name: 'UTS', severity: 'low', means: "its processes share the host's name" },
  {
    key: 'UsernsMode',
    name: 'user',
    severity: 'medium',
    means: 'root in the container is root of the host, also where the engine maps users',
  },
] as const;

/** One rule a namespace, so that each can be judged by itself. */
export const hostNamespaces: readonly ConfigRule[] = NAMESPACES.map(({ key, name, severity, means }) => ({
  id: `config.host-${name.toLowerCase()}`,
  version: '1',
  title: `Container shares the host's ${name} namespace`,
  severity,
  confidence: 'certain',
  techniques: key === 'NetworkMode' ? ['T1610', 'T1040'] : ['T1610', 'T1611'],
  benign: 'Monitoring agents, service meshes and network tools are often run so on purpose.',
  check: (config) =>
    config.doc.get(text, 'HostConfig', key) === 'host'
      ? [{ claim: `HostConfig.${key} is "host": ${means}.`, cites: [at(config, key)] }]
      : [],
}));

export const joinedNamespace: ConfigRule = {
  id: 'config.joined-namespace',
  version: '1',
  title: "Container joins another container's namespace",
  severity: 'low',
  confidence: 'certain',
  techniques: ['T1610'],
  benign: 'Side-car containers share the network or the processes of the container that they serve.',
  check: (config) =>
    (['PidMode', 'NetworkMode', 'IpcMode'] as const).flatMap((key) => {
      const mode = config.doc.get(text, 'HostConfig', key);
      if (!mode?.startsWith('container:')) return [];
      return [{ claim: `HostConfig.${key} is "${visible(mode, { max: 200 })}".`, cites: [at(config, key)] }];
    }),
};

export const capabilities: ConfigRule = {
  id: 'config.capabilities',
  version: '1',
  title: 'Dangerous capabilities added',
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1611'],
  benign:
    'Some programs need one of these: a VPN needs NET_ADMIN, a debugger SYS_PTRACE. Compare with what the image is for.',
  check: (config) => {
    // a privileged container has them all; that is said once
    if (config.privileged) return [];
    const added = config.doc
      .list(text, 'HostConfig', 'CapAdd')
      .map((part) => ({ name: capabilityName(part.value), cite: part.cite }))
      .filter(({ name }) => Object.hasOwn(DANGEROUS_CAPABILITIES, name));
    if (added.length === 0) return [];
    const severity = gravest(
      added.flatMap(({ name }) => DANGEROUS_CAPABILITIES[name] ?? []),
      'medium',
    );
    const claim = `HostConfig.CapAdd gives the container ${listed(added.map(({ name }) => `CAP_${name}`))}.`;
    return [{ claim, severity, cites: added.map(({ cite }) => cite) }];
  },
};

/** Added beyond Docker's default, without being one that opens the host by itself. */
export const otherCapabilities: ConfigRule = {
  id: 'config.capabilities-other',
  version: '1',
  title: 'Further capabilities added',
  severity: 'informational',
  confidence: 'certain',
  techniques: [],
  benign: 'The program in it may need them; they are rarely enough to reach the host.',
  check: (config) => {
    const added = config.doc
      .list(text, 'HostConfig', 'CapAdd')
      .map((part) => ({ name: capabilityName(part.value), cite: part.cite }))
      .filter(({ name }) => !Object.hasOwn(DANGEROUS_CAPABILITIES, name) && !DEFAULT_CAPABILITIES.has(name));
    if (config.privileged || added.length === 0) return [];
    const names = listed(added.map(({ name }) => `CAP_${visible(name, { max: 40 })}`));
    return [{ claim: `HostConfig.CapAdd gives the container ${names}.`, cites: added.map(({ cite }) => cite) }];
  },
};

/** `seccomp=unconfined`, `seccomp:unconfined`, `apparmor=unconfined`, `label=disable`, `systempaths=unconfined`. */
function securityOptions(config: ContainerConfig, wanted: RegExp) {
  return config.doc.list(text, 'HostConfig', 'SecurityOpt').filter((part) => wanted.test(part.value));
}

export const seccompOff: ConfigRule = {
  id: 'config.seccomp-unconfined',
  version: '1',
  title: 'Seccomp is switched off for the container',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1611', 'T1685'],
  benign: 'Debuggers, profilers and some older programs need system calls that the default filter refuses.',
  check: (config) =>
    config.privileged
      ? []
      : securityOptions(config, /^seccomp[=:]unconfined$/).map(({ value, cite }) => ({
          claim: `HostConfig.SecurityOpt holds "${value}": no system call is filtered.`,
          cites: [cite],
        })),
};

export const lsmOff: ConfigRule = {
  id: 'config.lsm-unconfined',
  version: '1',
  title: 'AppArmor or SELinux is switched off for the container',
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1611', 'T1685'],
  benign: 'Switched off at times because a program and a profile do not agree.',
  check: (config) => {
    // privileged does this by itself, and is said once
    if (config.privileged) return [];
    const options = securityOptions(config, /^(?:apparmor[=:]unconfined|label[=:]disable|label[=:]type:spc_t)$/);
    const profile = config.doc.get(text, 'AppArmorProfile');
    const hits = options.map(({ value, cite }) => ({
      claim: `HostConfig.SecurityOpt holds "${value}".`,
      cites: [cite],
    }));
    if (hits.length > 0 || profile !== 'unconfined') return hits;
    return [{ claim: 'AppArmorProfile is "unconfined".', cites: [config.doc.cite('AppArmorProfile')] }];
  },
};

export const unmasked: ConfigRule = {
  id: 'config.unmasked-paths',
  version: '1',
  title: "The kernel's files are not masked",
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1611'],
  benign: 'Building images or running an engine inside the container needs it (systempaths=unconfined).',
  check: (config) => {
    if (config.privileged) return [];
    const empty = (['MaskedPaths', 'ReadonlyPaths'] as const).filter((key) => {
      return config.doc.get(anyList, 'HostConfig', key)?.length === 0;
    });
    if (empty.length === 0) return [];
    const which = empty.map((key) => `HostConfig.${key}`).join(' and ');
    return [
      {
        claim: `${which} ${empty.length > 1 ? 'are' : 'is'} empty: parts of /proc and /sys that the engine hides or makes read-only by default are open.`,
        cites: empty.map((key) => at(config, key)),
      },
    ];
  },
};

const HARMLESS_DEVICE =
  /^\/dev\/(?:null|zero|full|u?random|tty|fuse|net\/tun|kvm|dri(?:\/.*)?|snd(?:\/.*)?|video\d*|nvidia.*|ttyUSB\d+|ttyACM\d+)$/;
const MEMORY_DEVICE = /^\/dev\/(?:mem|kmem|port|kcore)$/;
const DISK_DEVICE = /^\/dev\/(?:(?:sd|hd|vd|xvd|nvme|mmcblk|dm-|md|loop|nbd|zd|sg)[\w-]*|mapper\/.*|disk\/.*)$/;

export const devices: ConfigRule = {
  id: 'config.devices',
  version: '1',
  title: "Container is given the host's devices",
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1611'],
  benign: 'Storage tools and machines with special hardware need devices; a disk or the memory almost never.',
  check: (config) => {
    if (config.privileged) return [];
    const given = config.doc.list(deviceEntry, 'HostConfig', 'Devices').flatMap(({ value, cite }): Hit[] => {
      const { PathOnHost: host, PathInContainer: inside, CgroupPermissions: rights } = value;
      if (HARMLESS_DEVICE.test(host)) return [];
      const severity = MEMORY_DEVICE.test(host) ? 'critical' : DISK_DEVICE.test(host) ? 'high' : 'medium';
      const claim = `HostConfig.Devices gives the host's ${visible(host, { max: 200 })} as ${visible(inside, { max: 200 })} with rights "${visible(rights, { max: 20 })}".`;
      return [{ claim, severity, cites: [cite] }];
    });
    const allowed = config.doc
      .list(text, 'HostConfig', 'DeviceCgroupRules')
      .filter(({ value }) => /^(?:a|b)\b/.test(value.trim()) || /\*\s*:\s*\*/.test(value))
      .map(({ value, cite }) => ({
        claim: `HostConfig.DeviceCgroupRules holds "${visible(value, { max: 100 })}": the container may make and open these devices.`,
        severity: 'high' as const,
        cites: [cite],
      }));
    return [...given, ...allowed];
  },
};

/** Every rule of this file. */
export const isolationRules: readonly ConfigRule[] = [
  privileged,
  ...hostNamespaces,
  joinedNamespace,
  capabilities,
  otherCapabilities,
  seccompOff,
  lsmOff,
  unmasked,
  devices,
];
