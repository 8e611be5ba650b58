// The command `incident`: see ../incident.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openHost } from './host.mjs';
import { checkAll, truthOf } from './items.mjs';
import { look } from './look.mjs';
import { clear, plant, readTruth, truthPath } from './stage.mjs';
import { version } from './version.mjs';

const say = (line) => process.stderr.write(`incident: ${line}\n`);
const failed = (results) => results.filter((result) => !result.ok);

async function check(host) {
  const truth = readTruth(host);
  if (!truth) throw new Error(`nothing was staged on ${host.name} (incident stage ${host.name})`);
  return checkAll(await look(host), truth.facts);
}

async function stage(host) {
  const truth = readTruth(host);
  if (truth && truth.version !== version()) say('staging anew, as the incident itself has changed');
  else if (truth) {
    const missing = failed(await check(host));
    if (missing.length === 0) return say('all of it is there already');
    say(`staging anew, as ${missing.map(({ id }) => id).join(', ')} is not there any more`);
  }
  const facts = await plant(host, say);
  // The last processes need a moment to become what they are.
  let missing;
  for (let n = 0; n < 40; n++) {
    const seen = await look(host);
    missing = failed(await checkAll(seen, facts));
    if (missing.length === 0) {
      const text = `${JSON.stringify(truthOf(host, seen, facts), null, 2)}\n`;
      writeFileSync(`${truthPath(host)}.new`, text);
      renameSync(`${truthPath(host)}.new`, truthPath(host));
      return say(`${JSON.parse(text).items.length} things are planted`);
    }
    await sleep(200);
  }
  throw new Error(`could not plant ${missing.map(({ id, problem }) => `${id} (${problem})`).join(', ')}`);
}

const commands = {
  async stage(host) {
    await stage(host);
    process.stdout.write(`${truthPath(host)}\n`);
  },
  async check(host) {
    const results = await check(host);
    for (const { id, ok, problem } of results)
      process.stdout.write(`${ok ? 'there  ' : 'MISSING'} ${id}${problem ? `: ${problem}` : ''}\n`);
    if (failed(results).length > 0) process.exitCode = 1;
  },
  async truth(host) {
    if (!readTruth(host)) throw new Error(`nothing was staged on ${host.name} (incident stage ${host.name})`);
    process.stdout.write(readFileSync(truthPath(host)));
  },
  async clear(host) {
    await clear(host);
    rmSync(truthPath(host), { force: true });
  },
};

const [name, hostName, ...more] = process.argv.slice(2);
if (!Object.hasOwn(commands, name ?? '') || !hostName || more.length > 0) {
  process.stderr.write('usage: incident stage|check|truth|clear HOST\n');
  process.exitCode = 2;
} else {
  try {
    await commands[name](await openHost(hostName));
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}
