import { visible } from '../../../../../shared/visible';
import { parseMountinfo } from '../../../formats/proc-mountinfo';
import { capabilityNames, configuredCapabilities } from '../capabilities';
import { text } from '../config/container';
import { listed } from '../rule';
import { citeArgv, citeFrame, citeFrames, citeLink, firstProcess } from './model';
import type { ProcessRule } from './rule';

export const moreCapabilities: ProcessRule = {
  id: 'process.capabilities',
  version: '1',
  title: 'A process has more capabilities than its container was given',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1611', 'T1548'],
  benign: 'docker exec --privileged gives them; so does entering the container from the host (nsenter).',
  check: (process, { config }) => {
    const effective = process.status?.capEff;
    if (effective === undefined || !config || config.privileged) return [];
    const add = config.doc.list(text, 'HostConfig', 'CapAdd').map(({ value }) => value);
    const drop = config.doc.list(text, 'HostConfig', 'CapDrop').map(({ value }) => value);
    const configured = configuredCapabilities(add, drop);
    if (add.some((name) => /^(?:cap_)?all$/i.test(name))) return [];
    const more = capabilityNames(effective).filter((name) => !configured.has(name));
    if (more.length === 0) return [];
    return [
      {
        claim: `${process.label} has CapEff ${effective.toString(16).padStart(16, '0')}, which holds ${more.length} capabilities beyond those configured: ${listed(
          more.map((name) => `CAP_${name}`),
          8,
        )}.`,
        cites: [...citeFrames(process, 'status'), config.doc.cite('HostConfig', 'CapAdd')],
      },
    ];
  },
};

/** Namespaces whose sharing with the host is not configured by one of our rules' fields, or matters most. */
const NAMESPACES = [
  { name: 'mnt', key: undefined, means: "the host's files" },
  { name: 'pid', key: 'PidMode', means: "the host's processes" },
  { name: 'net', key: 'NetworkMode', means: "the host's network" },
] as const;

export const hostNamespace: ProcessRule = {
  id: 'process.host-namespace',
  version: '1',
  title: "A process of the container is in the host's namespace",
  severity: 'critical',
  confidence: 'certain',
  techniques: ['T1611'],
  benign: 'An administrator may have run nsenter from a privileged container on purpose.',
  check: (process, { config, hostNamespaces }) =>
    NAMESPACES.flatMap(({ name, key, means }) => {
      const link = process.links.get(`ns/${name}`);
      const host = hostNamespaces.get(name);
      if (!link || !host || link.target !== host.target || !process.member.cgroup) return [];
      // where it was configured, the rule on the configuration says it; unknown configuration proves nothing
      if (key && (!config || config.doc.get(text, 'HostConfig', key) === 'host')) return [];
      return [
        {
          claim: `${process.label} belongs to the container's control group, but its ${name} namespace ${visible(link.target, { max: 60 })} is that of the host's first process: it sees ${means}.`,
          cites: [...citeLink(process, `ns/${name}`), host.cite],
        },
      ];
    }),
};

export const otherNamespace: ProcessRule = {
  id: 'process.other-namespace',
  version: '1',
  title: "A process is in other namespaces than the container's first",
  severity: 'low',
  confidence: 'certain',
  techniques: ['T1611'],
  benign: 'Engines and browsers inside containers make namespaces of their own.',
  check: (process, scene) => {
    const first = firstProcess(scene);
    if (!first || first === process || !process.member.cgroup) return [];
    const other = ['mnt', 'pid', 'net', 'user'].filter((name) => {
      const [own, theirs] = [process.links.get(`ns/${name}`)?.target, first.links.get(`ns/${name}`)?.target];
      return (
        own !== undefined && theirs !== undefined && own !== theirs && own !== scene.hostNamespaces.get(name)?.target
      );
    });
    if (other.length === 0) return [];
    return [
      {
        claim: `${process.label} is in another ${listed(other)} namespace than process ${first.pid}, the first of the container.`,
        cites: other.flatMap((name) => [...citeLink(process, `ns/${name}`), ...citeLink(first, `ns/${name}`)]),
      },
    ];
  },
};

export const fromOutside: ProcessRule = {
  id: 'process.entered',
  version: '1',
  title: 'A process entered the container from outside',
  severity: 'medium',
  confidence: 'likely',
  techniques: ['T1609'],
  benign: 'nsenter by an administrator of the host, and some monitoring tools, do so. The engine knows nothing of it.',
  check: (process, { processes }) => {
    const { cgroup, pidNamespace } = process.member;
    // where no control group was found at all, its absence says nothing
    if (!pidNamespace || cgroup || !processes.some(({ member }) => member.cgroup)) return [];
    return [
      {
        claim: `${process.label} is in the container's PID namespace but not in its control group.`,
        cites: [...citeFrames(process, 'cgroup'), ...citeLink(process, 'ns/pid')],
      },
    ];
  },
};

export const seccompLost: ProcessRule = {
  id: 'process.seccomp',
  version: '1',
  title: "A process is not filtered as the container's first is",
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1685', 'T1611'],
  benign: 'A process that entered from the host, or was started by docker exec --privileged, may lack the filter.',
  check: (process, scene) => {
    const first = firstProcess(scene);
    if (!first || first === process || first.status?.seccomp !== 2 || process.status?.seccomp !== 0) return [];
    return [
      {
        claim: `${process.label} has Seccomp 0; process ${first.pid}, the first of the container, has 2 (filtered).`,
        cites: [...citeFrames(process, 'status'), ...citeFrames(first, 'status')],
      },
    ];
  },
};

export const sshServer: ProcessRule = {
  id: 'process.sshd',
  version: '1',
  title: 'An SSH server runs in the container',
  severity: 'low',
  confidence: 'certain',
  techniques: ['T1021.004'],
  benign: 'Some images offer logins on purpose.',
  check: (process) => {
    const name = process.exe?.path.split('/').at(-1) ?? '';
    if (!/^(?:sshd|dropbear)$/.test(name)) return [];
    return [
      {
        claim: `${process.label} runs ${visible(process.exe?.path ?? '', { max: 300 })}.`,
        cites: [...citeLink(process, 'exe'), ...citeArgv(process)],
      },
    ];
  },
};

export const hiddenByMount: ProcessRule = {
  id: 'process.hidden-by-mount',
  version: '1',
  title: 'A process is hidden by a mount over its folder in /proc',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1564.013', 'T1014'],
  benign: 'There is hardly a reason for it.',
  check: (process, scene) => {
    const frame = process.frames.get('mountinfo');
    // the processes of one mount namespace have the same list
    const first = scene.processes.find(
      (one) => one.links.get('ns/mnt')?.target === process.links.get('ns/mnt')?.target && one.frames.has('mountinfo'),
    );
    if (!frame || first !== process) return [];
    return parseMountinfo(frame.body)
      .mounts.filter(({ mountPoint }) => /^\/proc\/\d{1,10}(?:\/|$)/.test(mountPoint))
      .map((mount) => ({
        claim: `${process.label} sees ${visible(mount.source, { max: 100 })} (${visible(mount.type, { max: 40 })}) mounted over ${visible(mount.mountPoint, { max: 100 })}.`,
        cites: [citeFrame(process, frame, mount)],
      }));
  },
};

/** Every rule of this file. */
export const privilegeRules: readonly ProcessRule[] = [
  moreCapabilities,
  hostNamespace,
  otherNamespace,
  fromOutside,
  seccompLost,
  sshServer,
  hiddenByMount,
];
