import { z } from 'zod';
import { Conversation } from '../../../captures/query/conversations';
import { endText } from '../../../formats/net/address';
import { readRows } from '../../../index/query';
import type { Hit } from '../rule';
import { cite, heldBy, type Look, namesOf, outward, places, who } from './who';

/** Intervals are regular from so many on, when they differ from their mean by less than this part of it. */
const BEACON_GAPS = 4;
const BEACON_SPREAD = 0.15;
/** Findings of a capture, at most; the strongest first. */
const MOST = 100;

export function beacons(look: Look): Hit[] {
  const inOne = readRows(
    look.db,
    Conversation,
    `SELECT * FROM conversations WHERE layer IN ('tcp', 'udp') AND gaps >= ? AND gap_mean >= 1e6 AND gap_squares / gaps <= gap_mean * gap_mean * ? ORDER BY gaps DESC, id LIMIT 2000`,
    [BEACON_GAPS, BEACON_SPREAD ** 2],
  );
  const hits: Hit[] = [];
  for (const one of inOne) {
    const way = outward(look, one);
    if (!way?.began) continue;
    const held = heldBy(look, [{ local: [way.from, way.own], remote: [way.to, way.port] }]);
    hits.push({
      claim: `${who(look, way.from)} sent to ${endText(way.to, way.port)}${namesOf(look, way.to)} ${one.gaps + 1} times in one connection, ${seconds(one.gap_mean)} apart on average, with a standard deviation of ${seconds(Math.sqrt(one.gap_squares / one.gaps))}.${held.said}`,
      cites: [...places(look, one), ...held.cites],
      target: look.owner(way.from),
    });
  }
  for (const hit of repeated(look)) hits.push(hit);
  return hits.slice(0, MOST);
}

const Start = z.object({
  a: z.string(),
  a_port: z.number(),
  b: z.string(),
  b_port: z.number(),
  first: z.number(),
  first_at: z.number(),
  first_length: z.number(),
});
type Start = z.infer<typeof Start>;

/** Connections that are made anew at regular intervals. */
function repeated(look: Look): Hit[] {
  const rows = readRows(
    look.db,
    Start,
    `SELECT a, a_port, b, b_port, first, first_at, first_length FROM conversations WHERE layer = 'tcp' AND (a, b, b_port) IN
      (SELECT a, b, b_port FROM conversations WHERE layer = 'tcp' GROUP BY a, b, b_port HAVING count(*) BETWEEN ? AND 5000)
      ORDER BY a, b, b_port, first LIMIT 200000`,
    [BEACON_GAPS + 1],
  );
  const groups = new Map<string, Start[]>();
  for (const row of rows) {
    if (!look.inside(row.a) || look.inside(row.b)) continue;
    const key = `${row.a} ${row.b} ${row.b_port}`;
    const group = groups.get(key) ?? [];
    group.push(row);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap((group) => {
    const gaps = group.slice(1).map(({ first }, i) => first - (group[i] as Start).first);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const spread = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    const [one] = group;
    if (!one || gaps.length < BEACON_GAPS || mean < 1e6 || spread > mean * BEACON_SPREAD) return [];
    const held = heldBy(
      look,
      group.map((each) => ({ local: [each.a, each.a_port], remote: [each.b, each.b_port] })),
    );
    return [
      {
        claim: `${who(look, one.a)} connected to ${endText(one.b, one.b_port)}${namesOf(look, one.b)} ${group.length} times, ${seconds(mean)} apart on average, with a standard deviation of ${seconds(spread)}.${held.said}`,
        cites: [
          ...group.slice(0, 20).map(({ first_at, first_length }) => cite(look, first_at, first_length)),
          ...held.cites,
        ],
        target: look.owner(one.a),
      },
    ];
  });
}

const seconds = (us: number) => `${(us / 1e6).toFixed(us < 1e7 ? 2 : 1)} s`;
