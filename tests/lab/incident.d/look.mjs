// What a lab host says, and small questions to it that the items' checks are made of. A check throws what is wrong.
import { open } from 'node:fs/promises';
import { api, apiJson, bytes, containerPath, descriptor, established, lab, processes } from './host.mjs';
import * as hostile from './hostile.mjs';
import { AGENT, EXEC_STAYS, ODD, sinkName, WEB } from './stage.mjs';

/** What the host says now, read once for all items. */
export async function look(host) {
  // The sink may be gone: then what it saw is missing, and the rest can still be looked for.
  const sinkPid = await lab('pid', sinkName(host)).catch(() => undefined);
  const list = await apiJson(host, '/containers/json?all=1');
  const containers = {};
  for (const { Names, Id } of list) containers[Names[0].slice(1)] = await apiJson(host, `/containers/${Id}/json`);
  const all = processes(host);
  const inside = (name) => {
    const first = all.find((one) => one.pid === containers[name]?.State.Pid);
    return first ? all.filter((one) => one.pidns === first.pidns) : [];
  };
  const now = Math.floor(Date.now() / 1000) + 1;
  const events = (await api(host, 'GET', `/events?since=0&until=${now}`)).bytes.toString().split('\n').filter(Boolean);
  return {
    host,
    sinkRoot: sinkPid ? `/proc/${sinkPid}/root` : '/nonexistent',
    containers,
    inside,
    events: events.map((line) => JSON.parse(line)),
  };
}

/** A container as inspect gives it; throws where it is gone. */
export const container = (seen, name) => {
  const found = seen.containers[name];
  if (!found) throw new Error(`container ${name} is gone`);
  return found;
};
/** The PID of a running container; throws where it does not run. */
export const running = (seen, name) => {
  const { State } = container(seen, name);
  if (!State.Running) throw new Error(`container ${name} does not run (exit ${State.ExitCode})`);
  return State.Pid;
};
/** The process of a container that `test` wants. */
export const one = (seen, name, test, what) => {
  running(seen, name);
  const found = seen.inside(name).find(test);
  if (!found) throw new Error(`no process ${what} in ${name}`);
  return found;
};
/** A path of a running container, as this machine reaches it. */
export const file = (seen, path, name = WEB) => containerPath(seen.host, running(seen, name), path);
/** The bytes of a file of a running container. */
export const content = (seen, path, name = WEB) => {
  const data = bytes(file(seen, path, name));
  if (!data) throw new Error(`${path} is not there`);
  return data;
};
/** Throws `problem` unless `truth` holds. */
export const expect = (truth, problem) => {
  if (!truth) throw new Error(problem);
};
/** Whether a descriptor is an established connection to `remote`. */
export const socketTo = (process, fd, remote) =>
  established(process).get(/^socket:\[(\d+)\]$/.exec(descriptor(process, fd))?.[1]) === remote;

/** All of a container’s log, framed as the engine sends it. */
export async function logOf(seen, name) {
  return (await api(seen.host, 'GET', `/containers/${container(seen, name).Id}/logs?stdout=1&stderr=1`)).bytes;
}
/** Throws unless the engine lists `path` as modified (0), added (1) or deleted (2). */
export async function change(seen, path, kind, name = WEB) {
  const found = ((await apiJson(seen.host, `/containers/${container(seen, name).Id}/changes`)) ?? []).find(
    (row) => row.Path === path,
  );
  expect(found?.Kind === kind, `the engine does not list ${path} as ${['modified', 'added', 'deleted'][kind]}`);
}
/** Throws unless the sink saw a line that `test` wants. */
export const sinkSaw = (seen, facts, test, what) => {
  const lines = (bytes(`${seen.sinkRoot}/var/log/sink.jsonl`) ?? '')
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  expect(lines.some(test), `${facts.sink.name} saw no ${what}`);
};
/** Whether a text is in a process's readable memory (proc_pid_mem(5)). */
export async function inMemory(process, text) {
  const memory = await open(`${process.at}/mem`, 'r');
  try {
    for (const line of (bytes(`${process.at}/maps`) ?? '').toString().split('\n')) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) r.*(?:\[heap\]|\[stack\]| 0 *)$/.exec(line) ?? [];
      if (!from) continue;
      const start = Number.parseInt(from, 16);
      const size = Number.parseInt(to, 16) - start;
      const part = await memory.read(Buffer.alloc(size), 0, size, start).catch(() => undefined); // a guard page
      if (part?.buffer.subarray(0, part.bytesRead).includes(text)) return true;
    }
  } finally {
    await memory.close();
  }
  return false;
}

/** The processes that are planted, by what they are; each throws where it is not there. */
const isShell = (p) => p.exe === '/usr/bin/dash';
export const find = {
  shell: (seen) => one(seen, WEB, (p) => isShell(p) && p.argv[1]?.endsWith('attack.sh'), 'of the intruder’s shell'),
  reverse: (seen) => one(seen, WEB, (p) => isShell(p) && p.argv[1] === '-i', 'sh -i'),
  deleted: (seen) =>
    one(seen, WEB, (p) => p.exe === '/var/tmp/kdevtmpfsi (deleted)', 'with the deleted /var/tmp/kdevtmpfsi'),
  memfd: (seen) => one(seen, WEB, (p) => p.exe.startsWith('/memfd:'), 'from a memfd'),
  beacon: (seen) => one(seen, WEB, (p) => p.argv[1]?.endsWith('beacon.pl'), 'beacon.pl'),
  secret: (seen) => one(seen, WEB, (p) => p.argv[1]?.endsWith('memory.pl'), 'memory.pl'),
  kept: (seen) => one(seen, AGENT, (p) => p.argv[2] === EXEC_STAYS[2], 'of the exec that stays'),
  odd: (seen) =>
    one(seen, ODD, (p) => p.argv.at(-1) === hostile.HTML && p.argv.length > 4, 'with the hostile command line'),
};
