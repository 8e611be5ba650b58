/**
 * `npm run demo`: the main job on real input, unattended. Takes the first host that is there: the engine of this machine;
 * else, on Linux as root, a disposable lab host with a staged incident, over SSH; else recorded evidence.
 *
 *   npm run demo -- [--no-window] [--case DIR] [--source engine|lab|sample]
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createApp } from '../src/main/app';
import type { Client, Context } from '../src/main/cli/context';
import { findDesktop, runDesktop } from '../src/main/cli/desktop';
import { sayError, toLading, usageError } from '../src/main/cli/errors';
import { bytesText, count } from '../src/main/cli/format';
import { processIo } from '../src/main/cli/io';
import { runTask } from '../src/main/cli/task';
import { packageRoot } from '../src/main/root';
import { HostSpec, type JudgedFinding, SEVERITIES, VerifyResult } from '../src/shared/domain';
import { visible } from '../src/shared/visible';
import { labAvailable, stageIncident, startHost } from '../tests/lab';

const io = processIo();
const began = Date.now();
const say = (text: string) => io.err(`${text}\n`);
const step = (text: string) => say(`\n[${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s] ${text}`);

/** Where the demo's evidence comes from. */
interface Source {
  /** Absent: the recorded case. */
  host?: HostSpec;
  what: string;
  /** Ends what the demo itself started. */
  end(): Promise<void>;
}

const nothing = async () => undefined;

async function findSource(client: Client, wanted: string | undefined, labDir: string): Promise<Source> {
  if (wanted === undefined || wanted === 'engine') {
    const host = HostSpec.parse({ address: 'local' });
    const facts = await client.hosts.connect({ host }).catch(() => undefined);
    await client.hosts.disconnect({ host }).catch(() => undefined);
    if (facts?.engine)
      return {
        host,
        what: `the engine of this machine (${facts.engine.product} ${facts.engine.version})`,
        end: nothing,
      };
    if (wanted) throw usageError(`There is no engine on this machine: ${facts?.engineError ?? 'it cannot be reached'}`);
    say(`No engine on this machine${facts?.engineError ? ` (${visible(facts.engineError)})` : ''}.`);
  }
  if (wanted === undefined || wanted === 'lab') {
    const why = await labAvailable();
    if (why === undefined) {
      step('Starting a disposable host with a real sshd and a real engine (the first time takes about a minute)');
      const host = await startHost('demo', { labDir, onLine: (line: string) => say(`  ${visible(line)}`) });
      step('Staging an incident on it');
      await stageIncident(host);
      return { host: host.spec, what: `a disposable lab host at ${host.address}, over SSH`, end: () => host.stop() };
    }
    if (wanted) throw usageError(`A lab host cannot run here: ${why}`);
    say(`No lab host either: ${why}`);
  }
  return { what: 'recorded evidence of a lab host', end: nothing };
}

async function newFolder(given: string | undefined): Promise<string> {
  if (given === undefined) return join(await mkdtemp(join(tmpdir(), 'lading-demo-')), 'case');
  const path = resolve(given);
  const there = await readdir(path).catch(() => []);
  if (there.length > 0) throw usageError(`${path} is not empty.`, 'Give --case a new folder.');
  return path;
}

/** Opens a case and puts evidence into it: collected, or recorded before. */
async function gather(context: Context, client: Client, source: Source, path: string): Promise<void> {
  if (!source.host) {
    step('Opening a copy of the recorded case');
    await client.cases.sample({ path, examiner: 'Demo Examiner' });
    return;
  }
  step('Opening a case');
  await client.cases.create({
    path,
    number: 'DEMO-1',
    title: 'Demonstration of the main job',
    examiner: 'Demo Examiner',
  });
  const { host } = source;
  const facts = await client.hosts.connect({ case: path, host });
  say(
    `  ${visible(facts.hostname)}: ${visible(facts.os)}, kernel ${visible(facts.kernel)}, clock ${facts.clock?.offsetMs ?? '?'} ms off`,
  );
  step('Collecting the triage profile');
  const { task } = await client.collect.start({
    case: path,
    hosts: [host],
    profile: 'triage',
    reason: 'Demonstration',
  });
  await runTask(context, client, task);
}

async function verify(context: Context, client: Client, path: string): Promise<VerifyResult> {
  const { task } = await client.custody.verify({ case: path });
  const result = VerifyResult.parse((await runTask(context, client, task)).result);
  if (result.ok) return result;
  for (const fault of result.faults) say(`  ${fault.kind}: ${fault.path}: ${visible(fault.detail)}`);
  throw new Error(`The case does not verify: ${result.faults.length} faults.`);
}

function summary(findings: JudgedFinding[]): string {
  const order = [...findings].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  const lines = order
    .slice(0, 12)
    .map(
      (one) =>
        `  ${one.severity.padEnd(13)} ${visible(one.target.name, { max: 24 }).padEnd(24)} ${visible(one.title, { max: 90 })}`,
    );
  if (order.length > 12) lines.push(`  and ${order.length - 12} more`);
  return lines.join('\n');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { 'no-window': { type: 'boolean' }, case: { type: 'string' }, source: { type: 'string' } },
  });
  if (values.source && !['engine', 'lab', 'sample'].includes(values.source)) {
    throw usageError(`There is no source "${values.source}".`, 'Use engine, lab or sample.');
  }
  const path = await newFolder(values.case);
  // The demo's key and settings are its own, so that the examiner's are not touched.
  process.env.LADING_KEYCHAIN = 'off';
  const configDir = await mkdtemp(join(tmpdir(), 'lading-demo-config-'));
  const passphrase = randomBytes(18).toString('base64url');
  const app = await createApp({ window: 'none', configDir });
  const { client } = app;
  const context: Context = { io, core: async () => app, client: async () => client };
  let source: Source | undefined;
  try {
    source = await findSource(client, values.source, join(packageRoot(), 'tests', 'lab'));
    say(`Taking ${source.what}.`);
    await gather(context, client, source, path);
    step('Analysing');
    await runTask(context, client, (await client.findings.analyze({ case: path })).task);
    step('Sealing and verifying');
    await client.custody.seal({ case: path, passphrase });
    await verify(context, client, path);
    step('Writing the report');
    const report = await client.report.write({
      case: path,
      options: { omit: [], declaration: 'none', confirmedOnly: false },
    });
    step('Sealing again, with the report in it, and verifying');
    await client.custody.seal({ case: path, passphrase });
    const checked = await verify(context, client, path);
    const findings = await client.findings.list({ case: path });
    const { data } = await client.cases.get({ case: path });
    io.out(
      `\n${count(data.exhibits.length, 'exhibit')} (${bytesText(checked.bytes)}) from ${source.what}; ` +
        `${count(findings.length, 'finding')}; ${checked.entries} ledger entries, ${count(checked.seals, 'seal')}; verified.\n\n` +
        `${summary(findings)}\n\nCase:   ${path}\nReport: ${report.absolutePath} (${count(report.pages, 'page')})\n` +
        `Done in ${((Date.now() - began) / 1000).toFixed(1)} s.\n`,
    );
  } finally {
    await app.close();
    await source?.end();
  }
  if (values['no-window']) return;
  const desktop = await findDesktop(io);
  if ('missing' in desktop)
    io.out(`\nLook at it: npm start -- ${path}   (${desktop.missing} A browser tab serves the same window.)\n`);
  else await runDesktop(io, desktop.program, path);
}

main().catch((error) => {
  process.exitCode = sayError(io, toLading(error));
});
