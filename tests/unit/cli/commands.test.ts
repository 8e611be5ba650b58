import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LadingError } from '../../../src/shared/errors';
import { caseData, exhibit, facts, fakeIo, finding, HASH, openCase, record, run, states, task } from './kit';

const verified = {
  ok: true,
  time: '2026-11-25T09:00:00.000Z',
  exhibits: 12,
  bytes: 1000,
  entries: 40,
  seals: 1,
  head: { seq: 39, hash: HASH },
  unsealed: 0,
  faults: [],
  interrupted: [],
};

describe('usage', () => {
  it.each([
    [['frobnicate']],
    [['new', 'c', '--title', 'T']],
    [['collect', 'c']],
    [['findings', 'c', '--json', '--csv']],
    [['findings', 'c', '--severity', 'awful']],
    [['collect', 'c', '--host', 'local', '--profile', 'triage', '--collector', 'x']],
    [['collect', 'c', '--host', 'local', '--password', 'secret']],
    [['serve', '--port', '99999']],
    [['targets']],
    [[]],
  ])('%j ends with 2 and words on standard error only', async (argv) => {
    const result = await run(argv);
    expect(result.code).toBe(2);
    expect(result.out).toBe('');
    expect(result.err).not.toBe('');
    expect(result.calls).toEqual([]);
  });

  it('has help and a version on standard output', async () => {
    const help = await run(['--help']);
    expect(help.code).toBe(0);
    for (const command of ['new', 'collect', 'verify', 'report', 'serve']) expect(help.out).toContain(`  ${command} `);
    expect(await run(['--version'])).toMatchObject({ code: 0, out: '9.9.9\n' });
    expect((await run(['collect', '--help'])).out).toContain('--trust-host-key');
  });

  it('offers nothing that does not exist', async () => {
    for (const command of ['examine', 'process', 'index']) expect((await run([command, 'c'])).code).toBe(2);
  });

  it('says a refused input as wrong usage', async () => {
    const refuse = () => {
      throw new LadingError('BAD_INPUT', 'There is no profile "x".', { advice: 'There are: triage.' });
    };
    const result = await run(['plan', 'c', '--host', 'local', '--profile', 'x'], {
      'hosts.connect': () => facts,
      'collect.plan': refuse,
    });
    expect(result.code).toBe(2);
    expect(result.err).toBe('lading: There is no profile "x".\nThere are: triage.\n');
  });
});

describe('new', () => {
  it('makes the case in the folder that was typed and takes the examiner of the settings', async () => {
    const result = await run(['new', 'some/case', '--number', '2026-1', '--title', 'T', '--json'], {
      'app.settings.get': () => ({ examiner: 'From settings', agency: 'Ag', theme: 'auto' }),
      'cases.create': openCase,
    });
    expect(result.code).toBe(0);
    expect(result.calls.find((c) => c.call === 'cases.create')?.input).toEqual({
      path: resolve('some/case'),
      number: '2026-1',
      title: 'T',
      examiner: 'From settings',
      agency: 'Ag',
    });
    expect(JSON.parse(result.out)).toMatchObject({ path: resolve('some/case'), id: caseData.id, number: '2026-1' });
    expect(result.calls.at(-1)?.call).toBe('cases.close');
    expect(result.closed).toBe(1);
  });

  it('wants an examiner', async () => {
    const result = await run(['new', 'c', '--number', '1', '--title', 'T'], {
      'app.settings.get': () => ({ examiner: '', agency: '', theme: 'auto' }),
    });
    expect(result.code).toBe(2);
    expect(result.err).toContain('--examiner');
  });
});

describe('hosts and targets', () => {
  it('shows facts without letting a host steer the terminal', async () => {
    const result = await run(['hosts', 'check', 'ssh://root@10.77.1.2', '--identity', 'key'], {
      'hosts.connect': () => facts,
    });
    expect(result.code).toBe(0);
    expect(result.out).toContain('evil␛[31m');
    expect(result.out).not.toContain('\u001b');
    expect(result.out).toContain('-1 h 2 min 3 s');
    expect(result.out).toContain('There is no engine.');
    expect(result.calls[0]?.input).toMatchObject({
      host: { address: 'ssh://root@10.77.1.2', identity: resolve('key'), sudo: false },
    });
  });

  it('gives the same facts as JSON, byte for byte in meaning', async () => {
    const result = await run(['hosts', 'check', 'h', '--json'], { 'hosts.connect': () => facts });
    expect(JSON.parse(result.out)).toEqual(facts);
    expect(result.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it('lists targets of one kind', async () => {
    const targets = [
      { kind: 'container', id: HASH, name: 'web\u0007', state: 'running', aliases: [] },
      { kind: 'image', id: `sha256:${HASH}`, name: 'img', aliases: [] },
    ];
    const handlers = { 'hosts.connect': () => facts, 'hosts.targets': () => targets };
    const result = await run(['targets', 'local', '--kind', 'container'], handlers);
    expect(result.out.split('\n').slice(0, 2)).toEqual([
      'KIND       ID            NAME  STATE    DETAIL',
      'container  aaaaaaaaaaaa  web␇  running',
    ]);
    expect(JSON.parse((await run(['targets', 'local', '--json'], handlers)).out)).toEqual(targets);
  });
});

describe('exhibits and findings', () => {
  const handlers = {
    'exhibits.list': () => [{ ...exhibit, id: 'E0002', partial: true, reason: 'cut off' }, exhibit],
    'exhibits.get': ({ id }: { id: string }) => ({ ...record, id }),
    'findings.list': () => [{ ...finding, id: 'F2', severity: 'low' }, finding],
  };

  it('prints whole records as JSON', async () => {
    const result = await run(['exhibits', 'c', '--json'], handlers);
    expect(JSON.parse(result.out)).toEqual([record, { ...record, id: 'E0002' }]);
  });

  it('says which record cannot be read, prints the others, ends with 1', async () => {
    const result = await run(['exhibits', 'c', '--json'], {
      ...handlers,
      'exhibits.get': ({ id }: { id: string }) => {
        if (id === 'E0001') throw new LadingError('CASE_DAMAGED', 'The record of E0001 was changed.');
        return { ...record, id };
      },
    });
    expect(result.code).toBe(1);
    expect(JSON.parse(result.out)).toEqual([{ ...record, id: 'E0002' }]);
    expect(result.err).toContain('The record of E0001 was changed.');
  });

  it('filters, and refuses an exhibit that is not there', async () => {
    expect((await run(['exhibits', 'c', '--partial'], handlers)).out).not.toContain('E0001');
    expect((await run(['exhibits', 'c', 'E0002'], handlers)).out).toContain('partial: cut off');
    expect((await run(['exhibits', 'c', '--target', 'c0ffee'], handlers)).out).toContain('E0001');
    expect((await run(['exhibits', 'c', '--host', 'other'], handlers)).out).not.toContain('E000');
    expect((await run(['exhibits', 'c', 'E9999'], handlers)).code).toBe(2);
  });

  it('guards CSV against formulas', async () => {
    const result = await run(['exhibits', 'c', '--csv'], handlers);
    expect(result.out.split('\r\n')[1]).toContain(`"'=HYPERLINK(""http://x"")"`);
    expect(result.out.split('\r\n')).toHaveLength(4);
  });

  it('lists findings worst first, with the fields that are promised', async () => {
    const result = await run(['findings', 'c', '--json'], handlers);
    const [first, second] = JSON.parse(result.out);
    expect(first).toMatchObject({
      id: 'F1',
      rule: 'container.privileged',
      ruleVersion: '1',
      title: finding.title,
      severity: 'high',
      confidence: 'certain',
      techniques: ['T1610', 'T1611'],
      target: finding.target,
      claim: finding.claim,
      benign: finding.benign,
      cites: finding.cites,
    });
    expect(second.id).toBe('F2');
    expect(result.out).not.toContain('\u202e');
    expect(JSON.parse((await run(['findings', 'c', '--json', '--severity', 'high'], handlers)).out)).toHaveLength(1);
    expect((await run(['findings', 'c'], handlers)).out).toContain('<U+202E>evil runs privileged.');
    expect((await run(['findings', 'c', '--csv'], handlers)).out).toContain('"E0001 json:/HostConfig/Privileged"');
  });
});

describe('note', () => {
  const note = { id: 'N1', versions: [{ id: 'N1', version: 1, text: 'x', time: verified.time, examiner: 'A' }] };

  it('takes the text, also from standard input, and refuses an empty one', async () => {
    const handlers = { 'notes.add': () => note };
    expect((await run(['note', 'c', 'saw it'], handlers)).out).toBe('Note N1 saved.\n');
    const piped = await run(['note', 'c', '-', '--json'], handlers, fakeIo({ input: 'line 1\nline 2\n' }));
    expect(piped.calls.find((c) => c.call === 'notes.add')?.input).toMatchObject({ text: 'line 1\nline 2' });
    expect(JSON.parse(piped.out)).toEqual(note);
    expect((await run(['note', 'c', '  '], handlers)).code).toBe(2);
  });

  it('refuses a case that can only be read, before writing', async () => {
    const result = await run(['note', 'c', 'x'], {
      'cases.open': (input: { case: string }) => ({ ...openCase(input), readOnly: 'process 7 on host w writes it' }),
    });
    expect(result.code).toBe(1);
    expect(result.err).toContain('process 7 on host w writes it');
    expect(result.calls.map((c) => c.call)).toEqual(['cases.open', 'cases.close']);
  });
});

describe('verify', () => {
  const handlers = (result: unknown) => ({
    'custody.verify': () => ({ task: 't1' }),
    'tasks.watch': () => states(task({ kind: 'verify', result })),
  });

  it('ends with 0 for an intact case, and does not open it', async () => {
    const result = await run(['verify', 'c', '--json'], handlers(verified));
    expect(result.code).toBe(0);
    expect(JSON.parse(result.out)).toMatchObject({ ok: true, exhibits: 12, entries: 40, faults: [] });
    expect(result.calls.map((c) => c.call)).toEqual(['custody.verify', 'tasks.watch']);
  });

  it('ends with 1 and names each fault', async () => {
    const faults = [
      { kind: 'exhibit changed', path: 'evidence/E0001/x', detail: 'SHA-256 differs' },
      { kind: 'file added', path: 'evidence/E0001/\u001b]0;x', detail: 'not in the ledger' },
    ];
    const json = await run(['verify', 'c', '--json'], handlers({ ...verified, ok: false, faults }));
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out).faults).toEqual(faults);
    const words = await run(['verify', 'c'], handlers({ ...verified, ok: false, faults }));
    expect(words.code).toBe(1);
    expect(words.out).toContain('NOT INTACT: 2 faults');
    expect(words.out).toContain('file added: evidence/E0001/␛]0;x: not in the ledger');
    expect(words.out).not.toContain('\u001b');
  });

  it('does not take a failed check for an intact case', async () => {
    const error = { code: 'FILE_UNREADABLE', message: 'The disk is gone.' } as const;
    const result = await run(['verify', 'c', '--json'], {
      'custody.verify': () => ({ task: 't1' }),
      'tasks.watch': () => states(task({ kind: 'verify', state: 'failed', error })),
    });
    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toContain('The disk is gone.');
    expect((await run(['verify', 'c'], handlers(undefined))).code).toBe(1);
  });

  it('takes trusted keys as other tools write them, and refuses what is none', async () => {
    const colons = 'AA:'.repeat(31).concat('AA');
    const result = await run(['verify', 'c', '--trusted-key', colons], handlers(verified));
    expect(result.calls[0]?.input).toMatchObject({ trustedKeys: ['aa'.repeat(32)] });
    expect((await run(['verify', 'c', '--trusted-key', 'abc'], handlers(verified))).code).toBe(2);
  });
});

describe('analyze, report, handover, collectors', () => {
  it('fails when exhibits could not be read', async () => {
    const handlers = (unreadable: unknown) => ({
      'findings.analyze': () => ({ task: 't1' }),
      'tasks.watch': () => states(task({ kind: 'analyze', result: { findings: 1, analyzers: 2, unreadable } })),
      'findings.list': () => [finding],
    });
    const good = await run(['analyze', 'c', '--json'], handlers([]));
    expect(good.code).toBe(0);
    expect(JSON.parse(good.out)).toEqual({ findings: 1, analyzers: 2, unreadable: [] });
    expect(good.err).toContain('1 finding: 1 high.');
    expect((await run(['analyze', 'c'], handlers(['E0001']))).code).toBe(1);
  });

  it('writes the report with the options given', async () => {
    const written = {
      path: 'reports/r.pdf',
      sha256: HASH,
      bytes: 10,
      time: verified.time,
      title: 'R',
      pages: 3,
      absolutePath: '/c/reports/r.pdf',
    };
    const handlers = {
      'report.sections': () => [{ id: 'glossary', title: 'G', guidance: '', written: false, optional: true }],
      'report.declarations': () => [{ id: 'uk', title: 'UK', jurisdiction: 'UK' }],
      'report.write': () => written,
    };
    const result = await run(['report', 'c', '--out', 'x.pdf', '--omit', 'glossary', '--declaration', 'uk'], handlers);
    expect(result.code).toBe(0);
    expect(result.out).toContain('/c/reports/r.pdf (3 pages)');
    expect(result.calls.find((c) => c.call === 'report.write')?.input).toMatchObject({
      options: { omit: ['glossary'], declaration: 'uk', confirmedOnly: false },
      out: resolve('x.pdf'),
    });
    expect((await run(['report', 'c', '--omit', 'custody'], handlers)).code).toBe(2);
    expect((await run(['report', 'c', '--declaration', 'mars'], handlers)).code).toBe(2);
  });

  it('records a handover', async () => {
    const result = await run(['handover', 'c', '--to', 'B', '--reason', 'leave', '--json'], {
      'custody.handover': () => ({ seq: 41 }),
    });
    expect(JSON.parse(result.out)).toEqual({ seq: 41 });
  });

  it('prints the catalogue', async () => {
    const info = {
      id: 'container.top',
      version: '1',
      title: 'Top',
      answers: 'What runs?',
      replaces: ['docker top <id>'],
      scope: 'container',
      volatility: 'process',
      footprint: 'engine event',
      how: 'Asks the engine.',
      needs: ['engine'],
    };
    const handlers = { 'collect.catalogue': () => [info], 'collect.profiles': () => [] };
    expect(JSON.parse((await run(['collectors', '--json'], handlers)).out)).toEqual([info]);
    expect((await run(['collectors'], handlers)).out).toContain('Replaces: docker top <id>');
  });
});
