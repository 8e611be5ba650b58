import { z } from 'zod';
import type { Point } from '../../../shared/contract/investigations';
import type { ExhibitSummary } from '../../../shared/domain';
import { asLadingError } from '../../../shared/errors';
import { jsonAt } from '../../../shared/locator';
import { visible } from '../../../shared/visible';
import { connectionText, listConnections } from '../evidence/connections';
import type { Db } from '../index/db';

/** What facts are read from. */
export interface FactSources {
  /** Exhibits of the case, or of the one container that was asked about. */
  exhibits: readonly ExhibitSummary[];
  /** The container that was asked about, by id. */
  container?: string;
  /** A JSON exhibit; undefined where it cannot be read, which the analysis says. */
  json(exhibit: ExhibitSummary): Promise<unknown>;
  /** The index, where it is of now's exhibits. */
  db?: Db;
}

export type Facts = (sources: FactSources) => Promise<Point[]> | Point[];

/** So many facts of one kind are told; the screens of the evidence have all. */
export const FACTS_MAX = 200;

const shown = (text: string, max = 200) => visible(text, { max });

/** The newest exhibit of a collector for each target. */
function newest(exhibits: readonly ExhibitSummary[], collector: string): ExhibitSummary[] {
  const byTarget = new Map<string, ExhibitSummary>();
  for (const one of exhibits) {
    if (one.collector.id === collector && !one.partial)
      byTarget.set(JSON.stringify([one.host?.id, one.target.id]), one);
  }
  return [...byTarget.values()];
}

const Inspect = z.looseObject({
  Name: z.string(),
  Created: z.string(),
  RestartCount: z.number().optional(),
  Config: z.looseObject({ Image: z.string() }),
  State: z.looseObject({ Status: z.string(), StartedAt: z.string(), Running: z.boolean() }),
});

/** Which container it is, from which image, since when. */
export const identity: Facts = async ({ exhibits, json }) => {
  const points: Point[] = [];
  for (const exhibit of newest(exhibits, 'container.inspect')) {
    const said = Inspect.safeParse(await json(exhibit)).data;
    if (!said) continue;
    const cite = (...keys: string[]) => ({ exhibit: exhibit.id, locator: jsonAt(...keys) });
    const restarts = said.RestartCount ? `, restarted ${said.RestartCount} times by the engine` : '';
    points.push({
      text: `${shown(said.Name.replace(/^\//, ''))}: image ${shown(said.Config.Image)}, made ${shown(said.Created, 40)}, ${shown(said.State.Status, 20)}, last started ${shown(said.State.StartedAt, 40)}${restarts}.`,
      cites: [
        cite('Config', 'Image'),
        cite('Created'),
        cite('State', 'Status'),
        cite('State', 'StartedAt'),
        ...(restarts ? [cite('RestartCount')] : []),
      ],
    });
  }
  return points;
};

const Stats = z.looseObject({
  networks: z.record(z.string(), z.looseObject({ rx_bytes: z.number(), tx_bytes: z.number() })),
});

/** How much went over each interface since the container was started, as the engine counts. */
export const traffic: Facts = async ({ exhibits, json }) => {
  const points: Point[] = [];
  for (const exhibit of newest(exhibits, 'container.stats')) {
    const said = Stats.safeParse(await json(exhibit)).data;
    for (const [name, { rx_bytes: received, tx_bytes: sent }] of Object.entries(said?.networks ?? {})) {
      points.push({
        text: `${shown(exhibit.target.name)}: ${sent} bytes sent and ${received} received over ${shown(name, 40)} since it was last started.`,
        cites: [
          { exhibit: exhibit.id, locator: jsonAt('networks', name, 'tx_bytes') },
          { exhibit: exhibit.id, locator: jsonAt('networks', name, 'rx_bytes') },
        ],
      });
    }
  }
  return points;
};

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.|0\.0\.0\.0$|::$)/;

/** Connections with other machines at the time of the collection, with who holds them. */
export const connections: Facts = ({ db, container }) => {
  if (!db) return [];
  const { rows } = listConnections(db, { container, all: false, offset: 0, limit: 2000 });
  return rows
    .filter(({ remoteAddress, remotePort }) => remotePort && remoteAddress && !LOOPBACK.test(remoteAddress))
    .slice(0, FACTS_MAX)
    .map((row) => {
      const holders = row.holders.map(({ comm, pid }) => `${shown(comm, 30)} (PID ${pid})`).join(', ');
      return {
        text: `${shown(row.target.name || row.target.id.slice(0, 12))}: ${connectionText(row)}${holders ? `, held by ${holders}` : ''}.`,
        cites: [{ exhibit: row.exhibit, locator: row.locator }, ...row.holders.map(({ cite }) => cite)],
      };
    });
};

const Mounts = z.looseObject({
  Mounts: z.array(
    z.looseObject({ Type: z.string(), Source: z.string().default(''), Destination: z.string(), RW: z.boolean() }),
  ),
});

/** What of other places a container could read, and write. */
export const mounts: Facts = async ({ exhibits, json }) => {
  const points: Point[] = [];
  for (const exhibit of newest(exhibits, 'container.inspect')) {
    for (const [i, mount] of (Mounts.safeParse(await json(exhibit)).data?.Mounts ?? []).entries()) {
      points.push({
        text: `${shown(exhibit.target.name)}: ${shown(mount.Type, 20)} ${shown(mount.Source)} at ${shown(mount.Destination)}, ${mount.RW ? 'writable' : 'read-only'}.`,
        cites: [{ exhibit: exhibit.id, locator: jsonAt('Mounts', i) }],
      });
    }
  }
  return points;
};

/** Several kinds of facts for one question; one that cannot be read leaves the others. */
export function several(...all: Facts[]): Facts {
  return async (sources) => {
    const points: Point[] = [];
    for (const facts of all) {
      try {
        points.push(...(await facts(sources)));
      } catch (error) {
        if (asLadingError(error).code === 'CANCELLED') throw error;
      }
    }
    return points;
  };
}
