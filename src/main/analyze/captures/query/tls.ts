import { z } from 'zod';
import type { TlsRow } from '../../../../shared/contract/network';
import type { Db } from '../../index/db';
import { allOf, isoMicros } from '../../index/query';
import type { Knowledge } from '../joins';
import { anyOf, between, Ends, type Listed, listed, type Page, place, text } from './shared';

const Tls = z.object({
  ...Ends,
  conversation: z.number(),
  kind: z.enum(['client', 'server', 'certificate']),
  version: text,
  server_name: text,
  alpn: text,
  ja3: text,
  ja4: text,
  cipher: text,
  subject: text,
  issuer: text,
  valid_from: text,
  valid_to: text,
  sha256: text,
});

export function listTls(db: Db, exhibit: string, known: Knowledge, query: Page): Listed<TlsRow> {
  const where = allOf([
    anyOf(['server_name', 'subject', 'issuer', 'names', 'ja3', 'ja4', 'source', 'destination', 'sha256'], query.text),
  ]);
  return listed(db, 'tls', Tls, { ...query, where, order: 'us, id' }, (one): TlsRow => {
    const [source, destination] = between(known, one);
    const { conversation, kind, version, alpn, ja3, ja4, cipher, subject, issuer, sha256 } = one;
    return {
      conversation,
      time: isoMicros(one.us),
      kind,
      source,
      destination,
      version,
      serverName: one.server_name,
      alpn,
      ja3,
      ja4,
      cipher,
      subject,
      issuer,
      validFrom: one.valid_from,
      validTo: one.valid_to,
      sha256,
      ...place(exhibit, one.at, one.length),
    };
  });
}
