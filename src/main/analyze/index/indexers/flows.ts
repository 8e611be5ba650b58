import { z } from 'zod';
import { asLadingError } from '../../../../shared/errors';
import { limitsOf } from '../../captures/limits';
import { makeCapture, withCapture } from '../../captures/store';
import { defineIndexer } from '../indexer';
import { readRows } from '../query';
import { writeCaptureEvents } from './lib/capture-events';

const Said = z.object({ kind: z.string(), at: z.number(), length: z.number(), body: z.string() });

/** What is found by searching: ends of conversations, names that were asked for, requests, servers and certificates, logins. */
const SAID = [
  `SELECT 'conversation' AS kind, first_at AS at, first_length AS length, layer || ' ' || a || ':' || a_port || ' ' || b || ':' || b_port AS body FROM conversations WHERE layer IN ('tcp', 'udp') ORDER BY id LIMIT ?`,
  `SELECT 'dns' AS kind, min(at) AS at, length, name || ' ' || type || ' ' || group_concat(DISTINCT answers) AS body FROM dns GROUP BY name, type ORDER BY min(id) LIMIT ?`,
  `SELECT 'http' AS kind, at, length, coalesce(method, '') || ' ' || coalesce(host, '') || coalesce(target, '') || ' ' || coalesce(agent, '') AS body FROM http ORDER BY id LIMIT ?`,
  `SELECT 'tls' AS kind, at, length, coalesce(server_name, '') || ' ' || coalesce(subject, '') || ' ' || coalesce(issuer, '') || ' ' || coalesce(names, '') || ' ' || coalesce(ja3, '') || ' ' || coalesce(ja4, '') AS body FROM tls ORDER BY id LIMIT ?`,
  `SELECT 'login' AS kind, at, length, protocol || ' ' || user AS body FROM logins ORDER BY id LIMIT ?`,
];
/** Rows of one kind that can be searched; all are in the capture's own database. */
const MOST = 100_000;

/** Reads each capture into a database of its own, once, and makes what it says searchable and part of the timeline. */
export default defineIndexer({
  id: 'flows',
  version: '2',
  title: 'Captures',
  accepts: ({ kind }) => kind === 'pcap',
  async index(ctx, exhibits) {
    for (const exhibit of exhibits) {
      await ctx.pause();
      try {
        await makeCapture(ctx.dir, exhibit, { pause: ctx.pause });
      } catch (error) {
        const known = asLadingError(error);
        if (known.code === 'CANCELLED' || known.code === 'DISK_FULL') throw error;
        ctx.unreadable(exhibit, known.message);
        continue;
      }
      const { rows, limits } = withCapture(ctx.dir, exhibit, (db, facts) => {
        writeCaptureEvents(ctx, exhibit, db);
        return { rows: SAID.flatMap((sql) => readRows(db, Said, sql, [MOST])), limits: limitsOf(facts) };
      });
      for (const reason of limits) ctx.unreadable(exhibit, reason);
      for (const { kind, at, length, body } of rows) {
        ctx.rows.text({ exhibit: exhibit.id, locator: `bytes:${at}+${length}`, kind, body });
      }
    }
  },
});
