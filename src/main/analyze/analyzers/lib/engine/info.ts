import { z } from 'zod';
import { visible } from '../../../../../shared/visible';
import type { DocRule } from './versions';

const text = z.string();

export const openApi: DocRule = {
  id: 'engine.open-api',
  version: '1',
  title: "The engine's API is open on the network",
  severity: 'critical',
  confidence: 'certain',
  techniques: ['T1133', 'T1610'],
  benign: 'A firewall may keep others away, or the address may be the loopback: the engine cannot know.',
  check: (doc) =>
    doc.list(text, 'Warnings').flatMap(({ value, cite }) => {
      const open = /API is accessible on (\S{1,300}?)\.?\s+without (encryption|TLS client verification)/i.exec(value);
      if (!open?.[1]) return [];
      const loopback = /\/\/(?:127\.|localhost\b|\[::1\])/.test(open[1]);
      return [
        {
          claim: `The engine warns that its API is accessible on ${visible(open[1])} without ${open[2]}: whoever reaches it is root of the host.`,
          severity: loopback ? 'medium' : 'critical',
          cites: [cite],
        },
      ];
    }),
};

export const seccompMissing: DocRule = {
  id: 'engine.no-seccomp',
  version: '1',
  title: 'The engine filters no system calls',
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1685', 'T1611'],
  benign:
    'The kernel may lack seccomp, or the engine was started with seccomp-profile "unconfined" for an old program.',
  check: (doc) => {
    const options = doc.list(text, 'SecurityOptions');
    if (doc.get(z.array(z.unknown()), 'SecurityOptions') === undefined) return [];
    const seccomp = options.find(({ value }) => /(?:^|,)name=seccomp(?:,|$)/.test(value));
    if (!seccomp) {
      return [{ claim: 'SecurityOptions does not name seccomp.', cites: [doc.cite('SecurityOptions')] }];
    }
    return /profile=unconfined/.test(seccomp.value)
      ? [{ claim: `SecurityOptions holds "${visible(seccomp.value, { max: 100 })}".`, cites: [seccomp.cite] }]
      : [];
  },
};

export const noLogsByDefault: DocRule = {
  id: 'engine.no-logs',
  version: '1',
  title: 'The engine logs no container by default',
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1685'],
  benign: 'Another program may gather the logs.',
  check: (doc) =>
    doc.get(text, 'LoggingDriver') === 'none'
      ? [{ claim: 'LoggingDriver is "none".', cites: [doc.cite('LoggingDriver')] }]
      : [],
};

export const insecureRegistry: DocRule = {
  id: 'engine.insecure-registry',
  version: '1',
  title: 'Images are taken from a registry without verification',
  severity: 'low',
  confidence: 'certain',
  techniques: ['T1195.002'],
  benign: 'Registries inside a network are often used so.',
  check: (doc) => {
    const named = doc
      .members(z.object({ Secure: z.boolean() }), 'RegistryConfig', 'IndexConfigs')
      .filter(({ value }) => !value.Secure)
      .map(({ key, cite }) => ({ name: String(key), cite }));
    const ranges = doc
      .list(text, 'RegistryConfig', 'InsecureRegistryCIDRs')
      .filter(({ value }) => value !== '127.0.0.0/8' && value !== '::1/128')
      .map(({ value, cite }) => ({ name: value, cite }));
    return [...named, ...ranges].map(({ name, cite }) => ({
      claim: `RegistryConfig says that ${visible(name, { max: 200 })} is used without TLS or without verifying it.`,
      cites: [cite],
    }));
  },
};

export const strangeRuntime: DocRule = {
  id: 'engine.runtime-path',
  version: '1',
  title: 'A container runtime lies in an unusual folder',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1554', 'T1543'],
  benign: 'Somebody may try a new runtime on a development machine.',
  check: (doc) =>
    doc
      .members(z.object({ path: z.string().optional() }), 'Runtimes')
      .filter(({ value }) => /^\/(?:tmp|var\/tmp|dev|run|home|root)\//.test(value.path ?? ''))
      .map(({ key, value, cite }) => ({
        claim: `Runtime "${visible(String(key), { max: 100 })}" is ${visible(value.path ?? '', { max: 300 })}: the engine runs it as root for containers that name it.`,
        cites: [cite],
      })),
};

/** Every rule on `GET /info`. */
export const infoRules: readonly DocRule[] = [
  openApi,
  seccompMissing,
  noLogsByDefault,
  insecureRegistry,
  strangeRuntime,
];
