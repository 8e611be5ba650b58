import { z } from 'zod';
import { visible } from '../../../../../shared/visible';
import { commandSigns, gravest } from '../commands';
import type { Part } from '../doc';
import { type Hit, listed } from '../rule';
import { masked, type Secret, secretsInText, secretsInVariable, shown } from '../secrets';
import { type ConfigRule, type ContainerConfig, text } from './container';

const Binding = z.object({ HostIp: z.string().default(''), HostPort: z.string().default('') });

/** Services that hand out control or data to whoever connects. */
const CONTROL_PORTS: Readonly<Record<string, string>> = {
  '22/tcp': 'SSH',
  '2375/tcp': "the engine's API without encryption",
  '2376/tcp': "the engine's API",
  '2379/tcp': 'etcd',
  '3306/tcp': 'MySQL',
  '5432/tcp': 'PostgreSQL',
  '5900/tcp': 'VNC',
  '6379/tcp': 'Redis',
  '6443/tcp': 'the Kubernetes API',
  '9200/tcp': 'Elasticsearch',
  '10250/tcp': 'the kubelet',
  '11211/tcp': 'memcached',
  '27017/tcp': 'MongoDB',
};

const EVERYWHERE = new Set(['', '0.0.0.0', '::']);

export const publishedPorts: ConfigRule = {
  id: 'config.published-ports',
  version: '1',
  title: 'Ports are published on every address of the host',
  severity: 'informational',
  confidence: 'certain',
  techniques: ['T1133'],
  benign: 'A service that is meant for others is published so; databases and control ports seldom are.',
  check: ({ doc }) => {
    const open = doc.members(z.array(z.unknown()), 'HostConfig', 'PortBindings').flatMap(({ key: port }) =>
      doc
        .list(Binding, 'HostConfig', 'PortBindings', port)
        .filter(({ value }) => EVERYWHERE.has(value.HostIp))
        .map(({ value, cite }) => ({ port: String(port), host: value.HostPort, cite })),
    );
    if (open.length === 0) return [];
    const control = open.flatMap(({ port }) => CONTROL_PORTS[port] ?? []);
    const words = open.map(
      ({ port, host }) =>
        `${visible(port, { max: 40 })} as ${host ? visible(host, { max: 20 }) : 'a port of its choice'}`,
    );
    const known = control.length > 0 ? ` Among them, by their numbers: ${listed([...new Set(control)])}.` : '';
    return [
      {
        claim: `HostConfig.PortBindings publishes ${listed(words)} on every address of the host.${known}`,
        severity: open.some(({ port }) => port === '2375/tcp') ? 'high' : control.length > 0 ? 'low' : 'informational',
        cites: open.map(({ cite }) => cite),
      },
    ];
  },
};

export const logDriverNone: ConfigRule = {
  id: 'config.no-logs',
  version: '1',
  title: "The container's output is not logged",
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1685'],
  benign: 'Switched off at times for noisy or short-lived jobs.',
  check: ({ doc }) =>
    doc.get(text, 'HostConfig', 'LogConfig', 'Type') === 'none'
      ? [
          {
            claim: 'HostConfig.LogConfig.Type is "none": the engine keeps nothing of what the container writes.',
            cites: [doc.cite('HostConfig', 'LogConfig', 'Type')],
          },
        ]
      : [],
};

interface FoundSecret extends Secret {
  cite: Hit['cites'][number];
}

function secretHit(where: string, found: readonly FoundSecret[]): Hit[] {
  if (found.length === 0) return [];
  const words = found.map(({ name, value }) => `${visible(name, { max: 100 })} (${masked(value)})`);
  const claim = `${where} holds what looks like ${found.length === 1 ? 'a secret' : `${found.length} secrets`} in the clear: ${listed(words)}.`;
  return [{ claim, cites: found.map(({ cite }) => cite) }];
}

const asVariable = ({ value, cite }: Part<string>): FoundSecret[] => {
  const cut = value.indexOf('=');
  const secrets = cut > 0 ? secretsInVariable(value.slice(0, cut), value.slice(cut + 1)) : secretsInText(value);
  const name = cut > 0 ? value.slice(0, cut) : '';
  return secrets.map((secret) => ({
    value: secret.value,
    name: name && secret.name !== name ? `${name}: ${secret.name}` : secret.name,
    cite,
  }));
};

const SECRETS = {
  version: '1',
  severity: 'medium',
  confidence: 'likely',
  techniques: ['T1552.001'],
} as const;

export const secretsInEnvironment: ConfigRule = {
  ...SECRETS,
  id: 'config.secrets-env',
  title: 'Secrets in the environment',
  benign:
    'Many images are configured by the environment; whoever can inspect the container reads it. The value may be a placeholder.',
  check: ({ doc }) => secretHit('Config.Env', doc.list(text, 'Config', 'Env').flatMap(asVariable)),
};

export const secretsInLabels: ConfigRule = {
  ...SECRETS,
  id: 'config.secrets-labels',
  title: 'Secrets in labels',
  benign: 'The value may be a placeholder, or the hash of a password, as some proxies take it from a label.',
  check: ({ doc }) => {
    const labels = doc.members(text, 'Config', 'Labels');
    const found = labels.flatMap(({ key, value, cite }) =>
      secretsInVariable(String(key), value).map((secret) => ({ ...secret, cite })),
    );
    return secretHit('Config.Labels', found);
  },
};

/** The words the container was started with, joined, with their places. */
function command({ doc }: ContainerConfig): { text: string; cites: Hit['cites'] } {
  const words = (['Entrypoint', 'Cmd'] as const).flatMap((key) => doc.list(text, 'Config', key));
  const places = (['Entrypoint', 'Cmd'] as const).filter((key) => doc.list(text, 'Config', key).length > 0);
  return { text: words.map(({ value }) => value).join(' '), cites: places.map((key) => doc.cite('Config', key)) };
}

export const secretsInCommand: ConfigRule = {
  ...SECRETS,
  id: 'config.secrets-command',
  title: 'Secrets in the command line',
  benign: 'The value may be a placeholder; a command line is read by every process of the host.',
  check: (config) => {
    const { text: line, cites } = command(config);
    const [cite] = cites.slice(-1);
    return cite
      ? secretHit(
          'The command of the container',
          secretsInText(line).map((secret) => ({ ...secret, cite })),
        )
      : [];
  },
};

export const startCommand: ConfigRule = {
  id: 'config.command',
  version: '1',
  title: 'The container was started with a suspicious command',
  severity: 'medium',
  confidence: 'likely',
  techniques: [],
  benign: 'Set-up scripts download, decode and schedule things as well: read the whole command.',
  check: (config) => {
    const { text: line, cites } = command(config);
    const signs = commandSigns(line);
    if (signs.length === 0) return [];
    return [
      {
        claim: `The container's command "${shown(line)}" ${listed(signs.map(({ does }) => does))}.`,
        severity: gravest(
          signs.map(({ severity }) => severity),
          'medium',
        ),
        techniques: [...new Set(signs.flatMap(({ techniques }) => techniques))],
        cites,
      },
    ];
  },
};

export const healthCheck: ConfigRule = {
  id: 'config.healthcheck',
  version: '1',
  title: 'The health check runs a suspicious command',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1053'],
  benign: 'Health checks ask a service on the loopback; they seldom need more.',
  check: ({ doc }) => {
    const line = doc
      .list(text, 'Config', 'Healthcheck', 'Test')
      .map(({ value }) => value)
      .join(' ');
    const signs = commandSigns(line);
    if (signs.length === 0) return [];
    return [
      {
        claim: `The health check "${shown(line)}", which the engine runs again and again, ${listed(signs.map(({ does }) => does))}.`,
        severity: gravest(
          signs.map(({ severity }) => severity),
          'high',
        ),
        techniques: [...new Set(['T1053', ...signs.flatMap(({ techniques }) => techniques)])],
        cites: [doc.cite('Config', 'Healthcheck', 'Test')],
      },
    ];
  },
};

export const remoteEngine: ConfigRule = {
  id: 'config.engine-address',
  version: '1',
  title: 'The container is told where an engine listens',
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1552.007', 'T1610'],
  benign: 'Build runners reach an engine in another container so.',
  check: ({ doc }) =>
    doc
      .list(text, 'Config', 'Env')
      .filter(({ value }) => /^(?:DOCKER_HOST|CONTAINER_HOST|CONTAINERD_ADDRESS)=\S/.test(value))
      .map(({ value, cite }) => ({ claim: `Config.Env holds "${shown(value, 200)}".`, cites: [cite] })),
};

/** Every rule of this file. */
export const exposureRules: readonly ConfigRule[] = [
  publishedPorts,
  logDriverNone,
  secretsInEnvironment,
  secretsInLabels,
  secretsInCommand,
  startCommand,
  healthCheck,
  remoteEngine,
];
