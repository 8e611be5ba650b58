// A lab host as this machine sees it: its files and processes through /proc/PID/root, its engine through its socket.
import { execFile } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const labDir = dirname(dirname(fileURLToPath(import.meta.url)));
export const labHome = process.env.LAB_HOME ?? '/var/cache/container-lab';

/** Runs `lab …`; gives what it printed. Its own errors are one line and come as the message. */
export function lab(...words) {
  return new Promise((resolve, reject) => {
    execFile(join(labDir, 'lab'), words, { env: { ...process.env, LAB_HOME: labHome } }, (error, stdout, stderr) =>
      error ? reject(new Error(stderr.trim() || error.message)) : resolve(stdout.trim()),
    );
  });
}

/** Opens a host that is up. */
export async function openHost(name) {
  const [pid, address] = await Promise.all([lab('pid', name), lab('addr', name)]);
  return { name, pid: Number(pid), address, root: `/proc/${pid}/root`, dir: join(labHome, name) };
}

/** One Engine API call. Gives { status, body } and throws for a status that is not in `ok` (default: below 400). */
export function api(host, method, path, { body, type, ok } = {}) {
  return new Promise((resolve, reject) => {
    const json = body !== undefined && !Buffer.isBuffer(body) && typeof body?.pipe !== 'function';
    const data = json ? Buffer.from(JSON.stringify(body)) : body;
    const headers = data === undefined ? {} : { 'content-type': json ? 'application/json' : type };
    if (Buffer.isBuffer(data)) headers['content-length'] = data.length;
    const call = request({ socketPath: `${host.root}/run/docker.sock`, method, path, headers }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const bytes = Buffer.concat(parts);
        const good = ok ? ok.includes(answer.statusCode) : answer.statusCode < 400;
        if (!good) reject(new Error(`${method} ${path}: ${answer.statusCode} ${bytes.toString().slice(0, 300)}`));
        else resolve({ status: answer.statusCode, bytes });
      });
    });
    call.on('error', reject);
    if (typeof data?.pipe === 'function') data.pipe(call);
    else call.end(data);
  });
}
export const apiJson = async (host, path) => JSON.parse((await api(host, 'GET', path)).bytes.toString());

const quiet = (read) => {
  try {
    return read();
  } catch {
    return undefined; // it ended, or never was
  }
};

/** The host's processes, by the host's own PIDs. `pidns` says which container each is in. */
export function processes(host) {
  const proc = `${host.root}/proc`;
  const found = [];
  for (const entry of readdirSync(proc)) {
    if (!/^\d+$/.test(entry)) continue;
    const at = join(proc, entry);
    const status = quiet(() => readFileSync(join(at, 'status'), 'latin1'));
    if (!status || /^State:\s+Z/m.test(status)) continue;
    found.push({
      pid: Number(entry),
      ppid: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]),
      nspid: Number(/^NSpid:.*?(\d+)$/m.exec(status)?.[1]),
      comm: /^Name:\s+(.*)$/m.exec(status)?.[1] ?? '',
      exe: quiet(() => readlinkSync(join(at, 'exe'))) ?? '',
      argv: (quiet(() => readFileSync(join(at, 'cmdline'))) ?? Buffer.alloc(0))
        .toString('latin1')
        .split('\0')
        .slice(0, -1),
      pidns: quiet(() => readlinkSync(join(at, 'ns/pid'))) ?? '',
      at,
    });
  }
  return found;
}

/** What a process's descriptor is linked to: 'socket:[123]', a path, … */
export const descriptor = (process, fd) => quiet(() => readlinkSync(join(process.at, 'fd', String(fd)))) ?? '';

/** A file of a running container, read through the host's /proc; the last step of the path is not followed. */
export const containerPath = (host, pid, path) => `${host.root}/proc/${pid}/root${path}`;
export const lstat = (path) => quiet(() => lstatSync(path));
export const stat = (path) => quiet(() => statSync(path));
export const link = (path) => quiet(() => readlinkSync(path));
export const bytes = (path) => quiet(() => readFileSync(path));

/** IPv4 connections of a process's network namespace in state ESTABLISHED (proc_net_tcp(5)): inode → remote 'a.b.c.d:port'. */
export function established(process) {
  const table = quiet(() => readFileSync(join(process.at, 'net/tcp'), 'latin1')) ?? '';
  const found = new Map();
  for (const line of table.split('\n').slice(1)) {
    const words = line.trim().split(/\s+/);
    if (words[3] !== '01') continue;
    const [address, port] = words[2].split(':');
    const octets = address
      .match(/../g)
      .map((hex) => Number.parseInt(hex, 16))
      .reverse();
    found.set(words[9], `${octets.join('.')}:${Number.parseInt(port, 16)}`);
  }
  return found;
}
