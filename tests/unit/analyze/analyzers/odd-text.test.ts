import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import captures from '../../../../src/main/analyze/analyzers/captures';
import config from '../../../../src/main/analyze/analyzers/container-config';
import files from '../../../../src/main/analyze/analyzers/files';
import { odditiesOf } from '../../../../src/main/analyze/analyzers/lib/odd-text';
import memory from '../../../../src/main/analyze/analyzers/memory-files';
import { textOfName } from '../../../../src/main/analyze/formats/fs-path';
import type { TargetRef } from '../../../../src/shared/domain';
import { connection, pcap } from '../../../kit/capture';
import { type Member, tarOf } from '../formats/tar-kit';
import { analyze, byRule, cited, type Given, HOST, WEB } from '../kit';

const VOLUME: TargetRef = { kind: 'volume', id: 'data', name: 'data' };
const volume = (members: Member[]): Given => ({
  collector: 'volume.content',
  kind: 'tar',
  content: tarOf(members),
  target: VOLUME,
});
const hides = (text: string, kind?: 'name' | 'text') => odditiesOf(text, kind).some((one) => one.hides);

describe('odd texts', () => {
  it.each([
    ['a\u001b[31mb', 'control characters'],
    ['two\nlines', 'control characters'],
    ['invoice_\u202egpj.exe', 'a change of the direction in which it is shown'],
    ['pay\u200bpal', 'characters that are not shown'],
    [textOfName(Buffer.from([0x62, 0x80])), 'bytes that are no UTF-8'],
    ['p\u0430ypal', 'letters that look like others'],
    ['CON.txt ', 'a blank at one end'],
    ['...', 'nothing but dots'],
    ['$(touch x)', 'what a careless script would run'],
    ['<img src=x>', 'what reads as HTML'],
    ['-rf', 'a beginning that reads as an option'],
    ['a\\b', 'a \\, which parts folders on Windows'],
    ['N'.repeat(255), 'nearly the greatest length'],
  ])('%j has %s', (text, says) => {
    expect(odditiesOf(text).map((one) => one.says)).toEqual([says]);
  });

  it('are none of ordinary names, in any script', () => {
    for (const text of [
      'access.log',
      'Übergröße.txt',
      'документ',
      '文件.tar.gz',
      'שלום',
      'نص',
      '👩‍💻.md',
      'lost+found',
      '[',
      'a b',
      '.bashrc',
      'Δt',
      'x86_64-linux',
      '~$doc.docx',
      'perl@5,3;1.gz',
    ])
      expect([text, odditiesOf(text)]).toEqual([text, []]);
  });

  it('are none of values with several lines or commands in them', () => {
    expect(odditiesOf('-----BEGIN CERTIFICATE-----\r\n\tMIIB\n', 'text')).toEqual([]);
    expect(odditiesOf('echo $(date) <b>', 'text')).toEqual([]);
    expect(hides('PS1=\u001b[31m$', 'text')).toBe(true);
  });

  it('are found in any text with such a character, and never throw', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('\u001b', '\u202e', '\u200b', '\u0085'),
        (text, odd) => {
          odditiesOf(text);
          expect(hides(`${text}${odd}x`)).toBe(true);
          expect(hides(`${text}${odd}x`, 'text')).toBe(true);
        },
      ),
    );
  });
});

describe('odd names', () => {
  it('of files are told with their headers: what hides as low, what is hard to handle as informational', async () => {
    const result = await analyze(
      [
        volume([
          { name: 'in/', type: '5' },
          { name: 'in/a\u202ecod.exe', body: 'x' },
          { name: 'in/-rf', body: 'x' },
          { name: 'in/plain', body: 'x' },
        ]),
      ],
      [files],
    );
    const [hiding] = byRule(result, 'fs.hiding-name');
    expect(hiding).toMatchObject({ severity: 'low', techniques: ['T1036.002'], target: VOLUME });
    expect(hiding?.claim).toContain('/in/a<U+202E>cod.exe');
    expect(hiding?.claim).not.toContain('\u202e');
    const [hard] = byRule(result, 'fs.hard-name');
    expect(hard).toMatchObject({ severity: 'informational' });
    expect(hard?.claim).toContain('/in/-rf');
    expect(JSON.stringify(result.findings)).not.toContain('/in/plain');
  });

  it('below a very long path are told once, at its end', async () => {
    const deep = Array.from({ length: 6 }, () => 'd'.repeat(250)).join('/');
    const [hard, ...more] = byRule(
      await analyze([volume([{ name: `${deep}/end`, body: 'x' }])], [files]),
      'fs.hard-name',
    );
    expect(more).toEqual([]);
    expect(hard?.claim).toContain('a path of more than 1024 bytes');
    expect(hard?.cites).toHaveLength(1);
  });

  it('and values of a container are told with their pointers', async () => {
    const given: Given = {
      collector: 'container.inspect',
      content: {
        Name: `/${'n'.repeat(70)}`,
        Config: {
          Env: ['PATH=/bin', 'T=\u001b[2J'],
          Labels: { plain: 'a', odd: '\u202e', 'k\u200b': 'v' },
          Cmd: ['sh'],
        },
        HostConfig: {},
      },
    };
    const { findings } = await analyze([given], [config]);
    const places = findings
      .filter(({ rule }) => rule === 'config.hiding-text')
      .map(({ cites }) => cites.map(({ locator }) => locator));
    expect(places.flat().sort()).toEqual(
      ['json:/Config/Env/1', 'json:/Config/Labels/k\u200b', 'json:/Config/Labels/odd'].sort(),
    );
    expect(findings.find(({ rule }) => rule === 'config.long-name')?.cites).toEqual([
      { exhibit: 'E0001', locator: 'json:/Name' },
    ]);
  });
});

describe('beside', () => {
  it('a download by a tool of the command line is told with request and answer; a browser’s is not', async () => {
    const get = (agent: string, sport: number) =>
      connection({ client: '172.17.0.2', server: '10.77.1.254', sport, dport: 8080, us: 1_700_000_000_000_000 }, [
        { way: 'a', body: `GET /stage2 HTTP/1.1\r\nHost: cdn.example\r\n${agent}\r\n` },
        { way: 'b', body: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n#!/bin/sh' },
      ]);
    const inspect: Given = {
      collector: 'container.inspect',
      content: { Id: WEB.id, Name: '/shop', NetworkSettings: { Networks: { bridge: { IPAddress: '172.17.0.2' } } } },
    };
    const capture = (packets: ReturnType<typeof get>): Given => ({
      collector: 'network.capture',
      kind: 'pcap',
      target: HOST,
      content: pcap(packets),
    });
    const given = [inspect, capture(get('User-Agent: Wget\r\n', 40000))];
    const [finding] = byRule(await analyze(given, [captures]), 'network.http-download');
    expect(finding?.claim).toContain(
      'shop (172.17.0.2) fetched cdn.example/stage2 from 10.77.1.254:8080 by "Wget": 9 bytes.',
    );
    expect(finding?.target).toEqual({ kind: 'container', id: WEB.id, name: 'shop' });
    if (!finding) throw new Error('no finding');
    const places = await cited(given, finding);
    expect(places.map((bytes) => /GET \/stage2|#!\/bin\/sh/.exec(String(bytes))?.[0])).toEqual([
      'GET /stage2',
      '#!/bin/sh',
    ]);
    const browser = await analyze([inspect, capture(get('User-Agent: Mozilla/5.0\r\n', 40001))], [captures]);
    expect(byRule(browser, 'network.http-download')).toEqual([]);
  });

  it('a file in memory has its own path, whichever way its archive names it', async () => {
    const tmpfs = (name: string): Given => ({
      collector: 'container.tmpfs',
      kind: 'tar',
      content: tarOf([{ name, body: 'key' }]),
    });
    for (const name of ['run/shop/.session', './run/shop/.session']) {
      const [finding] = byRule(await analyze([tmpfs(name)], [memory]), 'memory-files.hidden');
      expect(finding?.claim).toMatch(/^\/run\/shop\/\.session /);
    }
  });
});
