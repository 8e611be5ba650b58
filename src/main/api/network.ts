import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExhibitSummary } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { extractTo, wantedOf } from '../analyze/captures/extract';
import { type Knowledge, knowledge } from '../analyze/captures/joins';
import { captureRow, graphOf, unreadRow, volumeOf } from '../analyze/captures/overview';
import { listPackets, startOf } from '../analyze/captures/packets';
import { listConversations } from '../analyze/captures/query/conversations';
import { listDns } from '../analyze/captures/query/dns';
import { listHttp } from '../analyze/captures/query/http';
import { listLogins } from '../analyze/captures/query/logins';
import { listTls } from '../analyze/captures/query/tls';
import { listTransfers } from '../analyze/captures/query/transfers';
import { type CaptureFacts, capturePath, withCapture } from '../analyze/captures/store';
import type { Db } from '../analyze/index/db';
import { indexPath, withIndex } from '../analyze/index/store';
import type { CaseSession } from '../cases/session';
import type { Services } from '../services';
import type { Implementer } from './kit';

export function networkApi(os: Implementer, s: Services) {
  const known = async <T>(
    input: { case: string; exhibit: string },
    work: (db: Db, known: Knowledge, exhibit: ExhibitSummary, facts: CaptureFacts) => T,
  ): Promise<T> => {
    const session = await s.shelf.open(input.case);
    const exhibit = captureOf(session, input.exhibit);
    return withCapture(session.dir, exhibit, (db, facts) => {
      const ask = (index: Db | undefined) => work(db, knowledge(db, index, exhibit.host?.id), exhibit, facts);
      return existsSync(indexPath(session.dir)) ? withIndex(session.dir, ask) : ask(undefined);
    });
  };
  return {
    captures: os.network.captures.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      const captures = session.data.exhibits.filter(({ kind }) => kind === 'pcap');
      return {
        captures: captures.map((one) =>
          existsSync(capturePath(session.dir, one))
            ? withCapture(session.dir, one, (db, facts) => captureRow(db, facts, one))
            : unreadRow(one),
        ),
      };
    }),
    conversations: os.network.conversations.handler(({ input }) =>
      known(input, (db, all, { id }) => listConversations(db, id, all, input)),
    ),
    dns: os.network.dns.handler(({ input }) => known(input, (db, all, { id }) => listDns(db, id, all, input))),
    http: os.network.http.handler(({ input }) => known(input, (db, all, { id }) => listHttp(db, id, all, input))),
    tls: os.network.tls.handler(({ input }) => known(input, (db, all, { id }) => listTls(db, id, all, input))),
    logins: os.network.logins.handler(({ input }) => known(input, (db, all, { id }) => listLogins(db, id, all, input))),
    transfers: os.network.transfers.handler(({ input }) =>
      known(input, (db, _, { id }) => listTransfers(db, id, input)),
    ),
    packets: os.network.packets.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      const exhibit = captureOf(session, input.exhibit);
      const { start, facts } = withCapture(session.dir, exhibit, (db, all) => ({
        start: startOf(db, input.offset),
        facts: all,
      }));
      return { rows: await listPackets(session.dir, exhibit, start, facts, input), total: facts.packets };
    }),
    volume: os.network.volume.handler(({ input }) => known(input, (db, _, __, facts) => volumeOf(db, facts))),
    graph: os.network.graph.handler(({ input }) => known(input, (db, all) => graphOf(db, all, input.limit))),
    extract: os.network.extract.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      if (session.readOnly !== undefined) {
        throw new LadingError('CASE_READ_ONLY', `The case is open for reading only. ${session.readOnly}`, {
          advice: 'A file is taken out of a capture only where the ledger can say so.',
        });
      }
      const exhibit = captureOf(session, input.exhibit);
      const to = resolve(input.to);
      const wanted = withCapture(session.dir, exhibit, (db) => wantedOf(db, exhibit.id, input.what));
      const made = await extractTo(session.dir, exhibit, wanted, to);
      await session.append('file.exported', exhibit.id, {
        target: exhibit.target,
        path: wanted.name.slice(0, 4000),
        locator: wanted.locator,
        to,
        sha256: made.sha256,
        bytes: made.bytes,
        reason: input.reason,
      });
      return { path: to, ...made };
    }),
  };
}

function captureOf(session: CaseSession, id: string): ExhibitSummary {
  const exhibit = session.data.exhibits.find((one) => one.id === id);
  if (exhibit?.kind === 'pcap') return exhibit;
  throw new LadingError('BAD_INPUT', exhibit ? `${id} is no capture.` : `The case has no exhibit ${id}.`, {
    advice: 'Name an exhibit of the kind pcap.',
  });
}
