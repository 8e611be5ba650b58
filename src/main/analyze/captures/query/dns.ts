import { z } from 'zod';
import type { DnsRow } from '../../../../shared/contract/network';
import type { Db } from '../../index/db';
import { allOf, isoMicros } from '../../index/query';
import type { Knowledge } from '../joins';
import { anyOf, between, Ends, flag, type Listed, listed, type Page, place } from './shared';

const Answers = z.array(z.tuple([z.string(), z.string(), z.number(), z.string()]));
const Dns = z.object({
  ...Ends,
  protocol: z.string(),
  response: flag,
  code: z.number(),
  name: z.string(),
  type: z.string(),
  answers: z.string(),
});

export function listDns(db: Db, exhibit: string, known: Knowledge, query: Page): Listed<DnsRow> {
  const where = allOf([anyOf(['name', 'answers', 'source', 'destination'], query.text)]);
  return listed(db, 'dns', Dns, { ...query, where, order: 'id' }, (one): DnsRow => {
    const [source, destination] = between(known, one);
    const { protocol, response, code, name, type } = one;
    return {
      time: isoMicros(one.us),
      protocol,
      source,
      destination,
      response,
      code,
      name,
      type,
      answers: answersOf(one.answers),
      ...place(exhibit, one.at, one.length),
    };
  });
}

function answersOf(json: string): DnsRow['answers'] {
  // very many answers are cut, and then it is no JSON any more
  try {
    return Answers.parse(JSON.parse(json)).map(([name, type, ttl, value]) => ({ name, type, ttl, value }));
  } catch {
    return [];
  }
}
