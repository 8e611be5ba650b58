import { describe, expect, it } from 'vitest';
import containerLogs, { logRules } from '../../../../src/main/analyze/analyzers/container-logs';
import { analyze, byRule, cited, type Given } from '../kit';

/** Entries of the engine's stream format: 1 byte stream, 3 zero bytes, 4 bytes length. */
function frames(...texts: (string | Buffer)[]): Buffer {
  return Buffer.concat(
    texts.map((text) => {
      const body = Buffer.from(text);
      const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
      head.writeUInt32BE(body.length, 4);
      return Buffer.concat([head, body]);
    }),
  );
}
const at = (second: number) => `2026-11-25T10:00:${String(second).padStart(2, '0')}.000000000Z`;
const log = (...lines: string[]): Given => ({
  collector: 'container.logs',
  kind: 'docker log',
  content: frames(...lines.map((line, i) => `${at(i)} ${line}\n`)),
});
const raw = (content: Buffer, more: Partial<Given> = {}): Given => ({
  collector: 'container.logs',
  kind: 'docker log',
  content,
  ...more,
});

const TABLE: [rule: string, hits: Given[], misses: Given[]][] = [
  [
    'logs.request-attack',
    [
      log('10.0.0.9 - - [x] "GET /ping?host=;exec sh /srv/shop/uploads/attack.sh HTTP/1.1" 200 "-"'),
      log('10.0.0.9 "GET /ping?host=%3B%20id HTTP/1.1" 200'),
      log('10.0.0.9 "GET /a?x=%252e%252e%252f%252e%252e%252fetc HTTP/1.1" 404'),
      log('10.0.0.9 "GET /?x=$' + '{jndi:ldap://x/a} HTTP/1.1" 200'),
      log("10.0.0.9 'POST /a?id=1+UNION+SELECT+1 HTTP/1.0'"),
    ],
    [
      log('10.0.0.9 "GET /?a=1&id=2&cat=shoes HTTP/1.1" 200'),
      log('cat /etc/passwd'),
      log('10.0.0.9 "GET /../logo.png HTTP/1.1" 200'),
      log('10.0.0.9 "GET /shop;jsessionid=12 HTTP/1.1" 200 "Mozilla/5.0 (X11; Linux)"'),
    ],
  ],
  ['logs.shell-output', [log('uid=0(root) gid=0(root) groups=0(root)')], [log('uid=0 gid=0'), log('guid=0(root) x')]],
  ['logs.miner', [log('use pool stratum+tcp://pool:3333')], [log('substratum tcp')]],
  [
    'logs.control-sequences',
    [log('\u001b]0;owned\u0007'), log('\u001b[2J'), log('a\u202eb')],
    [log('\u001b[31mred\u001b[0m'), log('a\tb\r')],
  ],
  [
    'logs.backward-time',
    [raw(frames(`${at(9)} a\n`, `${at(3)} b\n`))],
    [raw(frames(`${at(3)} a\n`, `${at(2)} b\n`, `${at(3)} c\n`)), raw(frames('no time\n', `${at(3)} a\n`))],
  ],
];

describe('rules on logs', () => {
  it.each(TABLE)('%s', async (rule, hits, misses) => {
    for (const hit of hits) {
      const result = await analyze([hit], [containerLogs]);
      expect(byRule(result, rule), String(hit.content)).toHaveLength(1);
      expect(result.unreadable).toEqual([]);
    }
    for (const miss of misses)
      expect(byRule(await analyze([miss], [containerLogs]), rule), String(miss.content)).toEqual([]);
  });

  it('has a row in this table for every rule', () => {
    expect(TABLE.map(([rule]) => rule).sort()).toEqual(logRules.map(({ id }) => id).sort());
  });

  it('cites the entries themselves, at most a hundred, and counts them all', async () => {
    const given = [log('ok', ...Array.from({ length: 250 }, () => 'uid=0(root) gid=0(root)'))];
    const [finding] = byRule(await analyze(given, [containerLogs]), 'logs.shell-output');
    expect(finding?.claim).toMatch(/^250 entries of the log hold.*the first of 2026-11-25T10:00:01/);
    expect(finding?.cites).toHaveLength(100);
    expect(finding && (await cited(given, finding))[0]).toBe(`${at(1)} uid=0(root) gid=0(root)\n`);
  });
});

describe('hostile logs', () => {
  it('keeps what stands before a fault, and names its place', async () => {
    const good = frames(`${at(1)} uid=0(root) gid=0(root)\n`);
    const result = await analyze(
      [raw(Buffer.concat([good, Buffer.from('rubbish that is no header')]))],
      [containerLogs],
    );
    expect(byRule(result, 'logs.shell-output')).toHaveLength(1);
    expect(result.unreadable[0]?.reason).toContain(`At byte ${good.length}`);
  });

  it('makes no finding from bytes that were not collected', async () => {
    const result = await analyze([{ ...log('uid=0(root) gid=0(root)'), sha256: 'f'.repeat(64) }], [containerLogs]);
    expect(result.findings).toEqual([]);
    expect(result.unreadable[0]?.reason).toContain('not the file that was collected');
  });

  it('takes long lines and broken text, shows them harmless and cut', async () => {
    const evil = Buffer.concat([
      Buffer.from(`${at(1)} "GET /?x=;id HTTP/1.1" \u001b]0;x\u0007`),
      Buffer.from([0xff, 0xfe]),
      Buffer.alloc(200_000, 65),
    ]);
    const result = await analyze([raw(frames(evil))], [containerLogs]);
    expect(result.findings.map(({ rule }) => rule)).toEqual(['logs.request-attack', 'logs.control-sequences']);
    for (const { claim } of result.findings) {
      expect(claim).not.toMatch(/[\u0000-\u001f\u202e]/);
      expect(claim.length).toBeLessThan(800);
    }
  });

  it('takes linear time', async () => {
    const started = Date.now();
    await analyze(
      [log(...Array.from({ length: 200 }, () => `"GET /?${'%252e%252e/;sh '.repeat(1000)}`))],
      [containerLogs],
    );
    await analyze(
      [log(...Array.from({ length: 50_000 }, (_, i) => `10.0.0.9 - - "GET /page/${i} HTTP/1.1" 200 "-"`))],
      [containerLogs],
    );
    expect(Date.now() - started).toBeLessThan(15_000);
  });
});
