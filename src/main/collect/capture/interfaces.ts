import { LadingError } from '../../../shared/errors';
import type { CollectContext } from '../collector';
import { LINKS } from './script';
import { readText } from './text';

/** A name that the kernel takes for an interface (dev_valid_name in net/core/dev.c), and that is no option of a command. */
export const INTERFACE = /^(?!-)(?!\.{1,2}$)[A-Za-z0-9_.+=~-]{1,15}$/;

interface Link {
  name: string;
  index: number;
  /** Of its other end, in the namespace where that is. */
  other: number;
}

/** An interface of a container and the host's end of the pair. */
export interface Pair {
  inside: string;
  host: string;
}

export type Network =
  | { kind: 'host' } // the container uses the host's own network
  | { kind: 'own'; pairs: Pair[]; others: string[] };

const LINE = /^(\d{1,10}): ([^\s@:]{1,15})@if(\d{1,10}):/;

/** What LINKS says. Names that are none are left out: they come from the host, and a capture could not name them. */
export function parseLinks(text: string): Network {
  if (text.trim() === 'same') return { kind: 'host' };
  const inside: Link[] = [];
  const host: Link[] = [];
  let into = inside;
  for (const line of text.split('\n')) {
    if (line === 'host') into = host;
    const [, index, name = '', other] = LINE.exec(line) ?? [];
    if (!INTERFACE.test(name)) continue;
    into.push({ name, index: Number(index), other: Number(other) });
  }
  const pairs: Pair[] = [];
  const others: string[] = [];
  for (const one of inside) {
    const end = host.find((link) => link.index === one.other && link.other === one.index);
    if (end) pairs.push({ inside: one.name, host: end.name });
    else if (one.name !== 'lo' && one.other !== one.index) others.push(one.name);
  }
  return { kind: 'own', pairs, others };
}

/** The interfaces of a container by the PID of its first process. Throws TARGET_GONE, COMMAND_FAILED. */
export async function networkOf(ctx: CollectContext, pid: number): Promise<Network> {
  const execution = await ctx.host.exec(['sh', '-c', LINKS, 'lading', String(pid)], {
    asRoot: true,
    signal: ctx.signal,
    timeoutMs: 30_000,
  });
  const [said, words] = await Promise.all([readText(execution.stdout, 1 << 20), readText(execution.stderr, 4096)]);
  const { code } = await execution.done;
  if (code === 3) throw new LadingError('TARGET_GONE', 'The container ended before its interfaces could be looked at.');
  if (code !== 0)
    throw new LadingError('COMMAND_FAILED', `The interfaces could not be read (status ${code}): ${words}`);
  return parseLinks(said);
}
