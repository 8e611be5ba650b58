import { describe, expect, it } from 'vitest';
import { loginRules } from '../../../src/main/analyze/analyzers/authentication';
import { configRules } from '../../../src/main/analyze/analyzers/container-config';
import { logRules } from '../../../src/main/analyze/analyzers/container-logs';
import { crossViewRules } from '../../../src/main/analyze/analyzers/cross-view';
import { engineRules } from '../../../src/main/analyze/analyzers/engine';
import { fileRules } from '../../../src/main/analyze/analyzers/files';
import { firewallRules } from '../../../src/main/analyze/analyzers/firewall';
import { hostRules } from '../../../src/main/analyze/analyzers/host';
import { historyRules } from '../../../src/main/analyze/analyzers/image-history';
import { imageLayerRules } from '../../../src/main/analyze/analyzers/image-layers';
import { changeRules } from '../../../src/main/analyze/analyzers/lib/changes/rules';
import { COMMAND_SIGNS } from '../../../src/main/analyze/analyzers/lib/commands';
import { captureRules } from '../../../src/main/analyze/analyzers/lib/net/rules';
import type { Rule } from '../../../src/main/analyze/analyzers/lib/rule';
import { listRules } from '../../../src/main/analyze/analyzers/lists';
import { gapRules } from '../../../src/main/analyze/analyzers/log-gaps';
import { memoryRules } from '../../../src/main/analyze/analyzers/memory';
import { memoryFileRules } from '../../../src/main/analyze/analyzers/memory-files';
import { processRules } from '../../../src/main/analyze/analyzers/processes';
import { shellHistoryRules } from '../../../src/main/analyze/analyzers/shell-history';
import { yaraFindings } from '../../../src/main/analyze/analyzers/yara';
import { ATTACK_VERSION } from '../../../src/main/analyze/findings';
import { Confidence, Severity } from '../../../src/shared/domain';

const GROUPS: [title: string, exhibits: string, rules: readonly Rule[]][] = [
  ['Configuration', '`container.inspect`', configRules],
  [
    'Processes',
    '`container.processes`, with `container.sockets`, `.inspect`, `.changes` and `host.processes` beside it',
    processRules,
  ],
  [
    'What containers hide',
    "`container.inside.processes`, `container.inside.sockets`: the container's answer between two looks of the host",
    crossViewRules,
  ],
  [
    'Captures',
    'packet captures of any collector or import, with `container.inspect` for who has which address',
    captureRules,
  ],
  ['Memory', '`process.memory`, `container.checkpoint`, imported cores and checkpoints', memoryRules],
  ['Changed files', '`container.changes`', changeRules],
  [
    'File systems',
    '`container.export`, `container.upper`, `image.layers`, `volume.content`, imported exports',
    fileRules,
  ],
  ['Engine', '`engine.events`, `container.execs`, `engine.version`, `engine.info`', engineRules],
  ['Logs', '`container.logs`', logRules],
  ['Other logs', 'every log that is read: of the host, of the engine, and in file systems', gapRules],
  ['Images', '`image.history`', historyRules],
  ['Layers of images', '`image.layers`', imageLayerRules],
  ['Files in memory only', '`container.tmpfs`', memoryFileRules],
  ['Hosts', '`host.users`, `host.ssh`, `host.cron`, `host.histories`', hostRules],
  ['Logins', '`host.auth-log`, `host.logins`, `engine.journal`, logs in file systems', loginRules],
  ['Shell histories', '`host.histories`, `container.inside.history`', shellHistoryRules],
  ['Packet filter', '`host.firewall`', firewallRules],
  ['Lists', 'every exhibit, where lists were imported (`--kind known-bad`, `known-good`, `indicators`)', listRules],
  [
    'YARA',
    'files, deleted files and programs, where rules were imported (`--kind yara-rules`); `resources/yara/lading.yar` is a small set',
    yaraFindings,
  ],
];
const ALL = GROUPS.flatMap(([, , rules]) => rules);
const cell = (text: string) => text.replaceAll('|', '\\|');

/** docs/rules.md, made of what the rules say of themselves. */
function page(): string {
  const rows = (rules: readonly Rule[]) =>
    rules.map(
      ({ id, version, title, severity, confidence, techniques, benign }) =>
        `| \`${id}\` | ${version} | ${cell(title)} | ${severity} | ${confidence} | ${techniques.join(', ')} | ${cell(benign)} |`,
    );
  return [
    '# What the analyzers look for',
    '',
    `${ALL.length} rules. Each makes findings that state a fact and cite the place in an exhibit that says it; what it may mean`,
    `innocently stands beside it. Technique ids are those of MITRE ATT&CK ${ATTACK_VERSION}. Severity, confidence and techniques are`,
    'what the rule begins with: a finding may have others, where the value found says more. This page is made by',
    '`tests/unit/analyze/rules.test.ts` (`npx vitest run --project unit tests/unit/analyze/rules.test.ts -u`).',
    '',
    ...GROUPS.flatMap(([title, exhibits, rules]) => [
      `## ${title}`,
      '',
      `From ${exhibits}.`,
      '',
      '| Rule | Version | Finding | Severity | Confidence | Techniques | To be ruled out |',
      '| --- | --- | --- | --- | --- | --- | --- |',
      ...rows(rules),
      '',
    ]),
    '## Commands',
    '',
    'What rules on command lines (of processes, exec events, health checks, image layers) take for suspicious.',
    '',
    '| Sign | The command … | Severity | Techniques |',
    '| --- | --- | --- | --- |',
    ...COMMAND_SIGNS.map(
      ({ id, does, severity, techniques }) => `| ${id} | ${cell(does)} | ${severity} | ${techniques.join(', ')} |`,
    ),
    '',
  ].join('\n');
}

describe('every rule', () => {
  it.each(ALL.map((rule): [string, Rule] => [rule.id, rule]))('%s says what it is', (id, rule) => {
    expect(id).toMatch(/^[a-z-]+\.[a-z-]+$/);
    expect(rule.version).toMatch(/^\d+$/);
    expect(Severity.safeParse(rule.severity).success).toBe(true);
    expect(Confidence.safeParse(rule.confidence).success).toBe(true);
    expect(rule.title).toMatch(/^[A-Z].*[^.]$/);
    expect(rule.benign).toMatch(/\.$/);
    for (const technique of rule.techniques) expect(technique).toMatch(/^T\d{4}(\.\d{3})?$/);
    // merged into T1685 by ATT&CK v19
    expect(rule.techniques.some((technique) => technique.startsWith('T1562'))).toBe(false);
  });

  it('has an id of its own', () => {
    expect(new Set(ALL.map(({ id }) => id)).size).toBe(ALL.length);
    expect(new Set(COMMAND_SIGNS.map(({ id }) => id)).size).toBe(COMMAND_SIGNS.length);
  });

  it('is in docs/rules.md as it is', async () => {
    await expect(page()).toMatchFileSnapshot('../../../docs/rules.md');
  });
});
