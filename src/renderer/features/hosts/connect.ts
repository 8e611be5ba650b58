import { useCallback, useRef, useState } from 'react';
import { z } from 'zod';
import type { HostSpec, Secrets } from '../../../shared/domain';
import type { ErrorData } from '../../../shared/errors';
import { client } from '../../client';
import { toErrorData } from '../../errors';

/** What an unknown or changed host key shows. */
export const KeyDetails = z.object({
  algorithm: z.string().default('host'),
  fingerprint: z.string(),
  /** Whose key it is: the host, or a jump host before it. */
  hop: z.string().optional(),
});

const Prompt = z.union([
  z.string().transform((prompt) => ({ prompt, echo: false })),
  z.object({ prompt: z.string(), echo: z.boolean().default(false) }),
]);
/** What AUTH_REQUIRED and AUTH_FAILED say is wanted. */
const Wanted = z.object({
  wants: z.union([z.string().transform((want) => [want]), z.array(z.string())]).default(['password']),
  prompts: z.array(Prompt).default([]),
});
export type Wanted = z.infer<typeof Wanted>;

/** What is asked for; a password where the host's answer cannot be read. */
export function wantedOf(error: ErrorData): Wanted {
  const parsed = Wanted.safeParse(error.details ?? {});
  return parsed.success && parsed.data.wants.length > 0 ? parsed.data : { wants: ['password'], prompts: [] };
}

/** Where a connection stands. */
export type Step =
  | { at: 'idle' }
  | { at: 'connecting'; spec: HostSpec }
  | { at: 'key'; spec: HostSpec; error: ErrorData }
  | { at: 'secrets'; spec: HostSpec; error: ErrorData }
  | { at: 'refused'; spec: HostSpec; error: ErrorData };

/**
 * Connects to a host, one question after the other: its key, then what it wants to know. What the examiner gives is held
 * until the connection stands or is given up, and nowhere else.
 */
export function useConnect(path: string, onConnected: (spec: HostSpec) => void) {
  const [step, setStep] = useState<Step>({ at: 'idle' });
  const given = useRef<{ secrets?: Secrets; trust?: string }>({});
  const attempt = useRef(0);

  const run = useCallback(
    async (spec: HostSpec) => {
      attempt.current += 1;
      const mine = attempt.current;
      setStep({ at: 'connecting', spec });
      try {
        await client.hosts.connect({ case: path, host: spec, ...given.current });
        if (mine !== attempt.current) return;
        given.current = {};
        setStep({ at: 'idle' });
        onConnected(spec);
      } catch (thrown) {
        if (mine !== attempt.current) return;
        const error = toErrorData(thrown);
        // The same key a second time means that trusting it did not help: then it is a refusal, not a question.
        const asksKey = error.code === 'HOST_KEY_UNKNOWN' && error.details?.fingerprint !== given.current.trust;
        // A refusal that names nothing to give is an end: a host that takes only keys is not helped by a password.
        const asksSecret =
          error.code === 'AUTH_REQUIRED' || (error.code === 'AUTH_FAILED' && error.details?.wants !== undefined);
        setStep({ at: asksKey ? 'key' : asksSecret ? 'secrets' : 'refused', spec, error });
      }
    },
    [path, onConnected],
  );

  return {
    step,
    connect: useCallback(
      (spec: HostSpec) => {
        given.current = {};
        return run(spec);
      },
      [run],
    ),
    trust: (spec: HostSpec, fingerprint: string) => {
      given.current.trust = fingerprint;
      return run(spec);
    },
    answer: (spec: HostSpec, secrets: Secrets) => {
      given.current.secrets = { ...given.current.secrets, ...secrets };
      return run(spec);
    },
    giveUp: () => {
      attempt.current += 1;
      given.current = {};
      setStep({ at: 'idle' });
    },
  };
}
