import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from '../../src/main/report/model';
import { renderPdf } from '../../src/main/report/pdf';
import { type FixtureOptions, fixture } from '../unit/report/fixture';
import { ALL_HOSTILE } from '../unit/report/hostile';

const run = promisify(execFile);
const JAR = 'greenfield-apps-1.28.2.jar';

/**
 * veraPDF, the reference validator of PDF/A and PDF/UA: org.verapdf.apps:greenfield-apps:1.28.2 from Maven Central. It is
 * never fetched here; `mvn dependency:get -Dartifact=org.verapdf.apps:greenfield-apps:1.28.2` puts it where this looks.
 */
function jar(): string | undefined {
  const places = [
    process.env.VERAPDF_JAR,
    join(homedir(), '.m2', 'repository', 'org', 'verapdf', 'apps', 'greenfield-apps', '1.28.2', JAR),
    join(homedir(), '.cache', 'lading', JAR),
  ];
  return places.find((path) => path !== undefined && existsSync(path));
}

async function missing(): Promise<string | undefined> {
  if (!jar()) return `veraPDF is not here: set VERAPDF_JAR to ${JAR}.`;
  return run('java', ['-version']).then(
    () => undefined,
    () => 'java is not here.',
  );
}

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lading-verapdf-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** What veraPDF says of a report, in a line: PASS, or FAIL with the rules that it breaks. */
async function verdict(options: FixtureOptions, flavour: '3a' | 'ua1', declaration = 'none'): Promise<string> {
  const path = join(dir, `${flavour}.pdf`);
  const input = fixture(options);
  input.options.declaration = declaration;
  await writeFile(path, (await renderPdf(buildModel(input))).bytes);
  const argv = [
    '-cp',
    jar() ?? '',
    'org.verapdf.apps.GreenfieldCliWrapper',
    '-f',
    flavour,
    '--format',
    'text',
    '-v',
    path,
  ];
  const { stdout } = await run('java', argv, { maxBuffer: 16 << 20 }).catch((error: { stdout?: string }) => ({
    stdout: error.stdout ?? String(error),
  }));
  return stdout.replaceAll(path, 'REPORT').trim();
}

describe('the report as veraPDF sees it', () => {
  for (const flavour of ['3a', 'ua1'] as const) {
    it(`is ${flavour === '3a' ? 'PDF/A-3a' : 'PDF/UA-1'}`, async ({ skip }) => {
      const reason = await missing();
      if (reason) return skip(reason);
      expect(await verdict({ exhibits: 60 }, flavour, 'uk-expert-criminal')).toBe(`PASS REPORT ${flavour}`);
    });

    it(`is that with hostile text of hosts and examiner, too (${flavour})`, async ({ skip }) => {
      const reason = await missing();
      if (reason) return skip(reason);
      const options = { exhibits: 20, hostText: ALL_HOSTILE, writtenText: ALL_HOSTILE };
      expect(await verdict(options, flavour)).toBe(`PASS REPORT ${flavour}`);
    });
  }

  it('fails a file that is none, so that a pass means something', async ({ skip }) => {
    const reason = await missing();
    if (reason) return skip(reason);
    const path = join(dir, 'none.pdf');
    const { bytes } = await renderPdf(buildModel(fixture({ exhibits: 3 })));
    await writeFile(path, bytes.toString('latin1').replace('<pdfaid:part>3', '<pdfaid:part>9'), 'latin1');
    const argv = ['-cp', jar() ?? '', 'org.verapdf.apps.GreenfieldCliWrapper', '-f', '3a', '--format', 'text', path];
    const { stdout } = await run('java', argv).catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }));
    expect(stdout).toContain('FAIL');
  });
});
