import { z } from 'zod';
import type { Citation } from '../../../../../shared/domain';
import { visible } from '../../../../../shared/visible';
import { listed } from '../rule';
import { type ConfigRule, type ContainerConfig, flag, text } from './container';

interface Lack {
  says: string;
  cite: Citation;
}

/** One look each: what is as the engine leaves it, so as most containers are. */
const LOOKS: readonly ((config: ContainerConfig) => Lack | undefined)[] = [
  function rootUser({ doc }) {
    const user = doc.get(text, 'Config', 'User');
    if (user === undefined || !/^(?:|0|root)(?::.*)?$/.test(user)) return undefined;
    return {
      says: `it runs as root (Config.User is "${visible(user, { max: 60 })}")`,
      cite: doc.cite('Config', 'User'),
    };
  },
  function newPrivileges({ doc }) {
    const options = doc.list(text, 'HostConfig', 'SecurityOpt');
    if (options.some(({ value }) => /^no-new-privileges(?:[=:]true)?$/.test(value))) return undefined;
    // absent in a document that is no container's is nothing to speak of
    if (doc.get(z.record(z.string(), z.unknown()), 'HostConfig') === undefined) return undefined;
    return { says: 'its processes may gain privileges (no no-new-privileges)', cite: doc.cite('HostConfig') };
  },
  function writableRoot({ doc }) {
    if (doc.get(flag, 'HostConfig', 'ReadonlyRootfs') !== false) return undefined;
    return { says: 'its root file system is writable', cite: doc.cite('HostConfig', 'ReadonlyRootfs') };
  },
  function memoryLimit({ doc }) {
    if (doc.get(z.number(), 'HostConfig', 'Memory') !== 0) return undefined;
    return { says: 'its memory is not limited', cite: doc.cite('HostConfig', 'Memory') };
  },
  function mutableTag({ doc }) {
    const image = doc.get(text, 'Config', 'Image');
    if (!image || /@sha256:[0-9a-f]{64}$|^(?:sha256:)?[0-9a-f]{64}$/.test(image)) return undefined;
    return {
      says: `its image is named by a tag that can be moved ("${visible(image, { max: 200 })}")`,
      cite: doc.cite('Config', 'Image'),
    };
  },
];

/** What is weak in nearly every container, in one finding, since ten of them would hide the others. */
export const hardening: ConfigRule = {
  id: 'config.hardening',
  version: '1',
  title: 'Usual hardening is absent',
  severity: 'informational',
  confidence: 'certain',
  techniques: [],
  benign: "These are the engine's defaults; most containers run so.",
  check: (config) => {
    const lacks = LOOKS.flatMap((look) => look(config) ?? []);
    if (lacks.length === 0) return [];
    const claim = `Of this container: ${listed(lacks.map(({ says }) => says))}.`;
    return [{ claim, cites: lacks.map(({ cite }) => cite) }];
  },
};
