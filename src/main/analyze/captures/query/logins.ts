import { z } from 'zod';
import type { LoginRow } from '../../../../shared/contract/network';
import type { Db } from '../../index/db';
import { allOf, isoMicros } from '../../index/query';
import type { Knowledge } from '../joins';
import { anyOf, type Listed, listed, type Page, Parties, parties, place } from './shared';

const Login = z.object({
  conversation: z.number(),
  ...Parties,
  protocol: z.string(),
  way: z.string(),
  user: z.string(),
  secret_length: z.number(),
});

export function listLogins(db: Db, exhibit: string, known: Knowledge, query: Page): Listed<LoginRow> {
  const where = allOf([anyOf(['user', 'protocol', 'client', 'server'], query.text)]);
  return listed(db, 'logins', Login, { ...query, where, order: 'us, id' }, (one): LoginRow => {
    const [client, server] = parties(known, one);
    const { conversation, protocol, way, user } = one;
    return {
      conversation,
      time: isoMicros(one.us),
      client,
      server,
      protocol,
      way,
      user,
      secretLength: one.secret_length,
      ...place(exhibit, one.at, one.length),
    };
  });
}
