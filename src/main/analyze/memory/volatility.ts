import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { asLadingError, LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';

/** Plugins of Volatility 3 that Lading runs, with what they answer. */
export const PLUGINS: readonly { id: string; says: string }[] = [
  { id: 'linux.pslist.PsList', says: 'processes that the kernel lists' },
  { id: 'linux.psaux.PsAux', says: 'processes with their arguments' },
  { id: 'linux.pstree.PsTree', says: 'processes as a tree' },
  { id: 'linux.bash.Bash', says: 'commands typed into bash' },
  { id: 'linux.envars.Envars', says: 'environments of processes' },
  { id: 'linux.sockstat.Sockstat', says: 'sockets of processes, by network namespace' },
  { id: 'linux.lsof.Lsof', says: 'open files' },
  { id: 'linux.proc.Maps', says: 'memory maps of processes' },
  { id: 'linux.elfs.Elfs', says: 'ELF images mapped by processes' },
  { id: 'linux.mountinfo.MountInfo', says: 'mounts, by mount namespace' },
  { id: 'linux.lsmod.Lsmod', says: 'kernel modules' },
  { id: 'linux.malware.malfind.Malfind', says: 'memory that looks injected' },
  { id: 'linux.malware.check_syscall.Check_syscall', says: 'system calls that lead elsewhere' },
  { id: 'linux.malware.hidden_modules.Hidden_modules', says: 'modules that hide' },
];

const Cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type VolatilityCell = z.infer<typeof Cell>;

/** What one plugin gave: no time in it, so that the same image gives the same bytes. */
export const VolatilityResult = z.object({
  format: z.literal(1),
  plugin: z.string(),
  version: z.string(),
  argv: z.array(z.string()),
  columns: z.array(z.string()),
  rows: z.array(z.record(z.string(), Cell)),
});
export type VolatilityResult = z.infer<typeof VolatilityResult>;

/** Output of a plugin beyond this is no table a person reads. */
const OUTPUT_MAX = 512 * 1024 * 1024;
const WINDOWS = process.platform === 'win32';

/**
 * The program `vol`: as given, as LADING_VOL says, in the private environment below `home`, or on PATH. What was named and is not there
 * is not looked for elsewhere. Undefined where there is none.
 */
export function findVolatility(
  home: string,
  given = process.env.LADING_VOL || undefined,
  path = process.env.PATH ?? '',
): string | undefined {
  if (given !== undefined) return isAbsolute(given) && existsSync(given) ? given : undefined;
  const name = WINDOWS ? 'vol.exe' : 'vol';
  const own = join(home, 'volatility', WINDOWS ? 'Scripts' : 'bin', name);
  return [own, ...path.split(delimiter).map((folder) => join(folder, name))].find(
    (file) => isAbsolute(file) && existsSync(file),
  );
}

/** What the examiner types to have it, in a private environment that Lading finds; Lading itself installs nothing. */
export function volatilityAdvice(home: string): string {
  const folder = join(home, 'volatility');
  const pip = join(folder, WINDOWS ? 'Scripts' : 'bin', 'pip');
  return `python3 -m venv "${folder}" && "${pip}" install volatility3`;
}

/** 'Volatility 3 Framework 2.28.0' → '2.28.0'. Throws NOT_POSSIBLE for a program that is none. */
export async function volatilityVersion(program: string, signal?: AbortSignal): Promise<string> {
  const { stdout, stderr } = await run(program, ['--help'], signal);
  const version = /Volatility 3 Framework (\d[\w.]{0,30})/.exec(`${stdout}\n${stderr}`)?.[1];
  if (version !== undefined) return version;
  throw new LadingError('NOT_POSSIBLE', `${program} is not Volatility 3.`, {
    advice: 'Give the path of the program vol.',
  });
}

export interface VolatilityRun {
  program: string;
  version: string;
  /** The image's file. */
  image: string;
  plugin: string;
  /** Folder with symbol files. */
  symbols?: string;
  /** Where Volatility may keep what it computed; made where it is not there. */
  cache: string;
  signal?: AbortSignal;
  /** Percent, 0 to 100, and what it does. */
  progress?: (percent: number, words: string) => void;
}

/** Volatility's JSON has its columns by name: first what says of which process a row is. */
const FIRST = ['PID', 'Pid', 'PPID', 'COMM', 'Process', 'Process Name', 'KEY', 'VALUE', 'CommandTime', 'Command'];

function inOrder(columns: readonly string[]): string[] {
  return [...FIRST.filter((name) => columns.includes(name)), ...columns.filter((name) => !FIRST.includes(name))];
}

/** The words of a run after the program. Throws BAD_INPUT for a plugin that is not of the list. */
export function volatilityWords({
  image,
  plugin,
  symbols,
  cache,
}: Pick<VolatilityRun, 'image' | 'plugin' | 'symbols' | 'cache'>): string[] {
  if (!PLUGINS.some(({ id }) => id === plugin))
    throw new LadingError('BAD_INPUT', `Lading does not run the plugin ${plugin}.`);
  return ['--offline', '-r', 'json', '--cache-path', cache, ...(symbols ? ['-s', symbols] : []), '-f', image, plugin];
}

/**
 * Runs one plugin over an image, without network. Throws BAD_INPUT for a plugin that is not of the list, COMMAND_FAILED with
 * Volatility's last words where it fails. A plugin that gives no rows gives none: that is a result.
 */
export async function runVolatility(options: VolatilityRun): Promise<VolatilityResult> {
  const { program, version, plugin, cache, signal, progress } = options;
  const argv = volatilityWords(options);
  await mkdir(cache, { recursive: true });
  const { stdout, stderr, exit } = await run(program, argv, signal, (text) => {
    const said = [...text.matchAll(/Progress:\s+(\d{1,3}(?:\.\d+)?)\s+([^\r\n]{0,200})/g)].at(-1);
    if (said) progress?.(Number(said[1]), said[2]?.trim() ?? '');
  });
  const rows = parseRows(stdout);
  if (exit !== 0 || !rows) throw failed(plugin, stderr, exit);
  const columns = inOrder([...new Set(rows.flatMap((row) => Object.keys(row)))]);
  return { format: 1, plugin, version, argv: [program, ...argv], columns, rows };
}

function failed(plugin: string, stderr: string, exit: number | null): LadingError {
  const words = stderr
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '' && !/^\s*(Progress:|Volatility 3 Framework)/.test(line));
  const symbols = /symbol table|requirement|kernel\.symbol_table_name/i.test(stderr);
  return new LadingError(
    'COMMAND_FAILED',
    `${plugin} failed (exit ${exit ?? 'by a signal'}): ${visible(words.slice(-4).join(' '), { max: 600 })}`,
    {
      advice: symbols
        ? 'It has no symbols of this kernel: collect host.symbols from the same host before it is started anew, or give the folder of a symbol file.'
        : 'Run the command that is shown by hand to see more.',
    },
  );
}

const Tree = z.array(z.record(z.string(), z.unknown()));

/** Rows of Volatility's JSON, children behind their parent with their depth; undefined for what is none. */
export function parseRows(text: string): Record<string, VolatilityCell>[] | undefined {
  const start = text.indexOf('[');
  let parsed: unknown;
  try {
    parsed = JSON.parse(start < 0 ? '' : text.slice(start));
  } catch {
    return undefined;
  }
  const rows: Record<string, VolatilityCell>[] = [];
  const read = Tree.safeParse(parsed);
  if (!read.success) return undefined;
  const stack = read.data.map((row) => ({ row, depth: 0 })).reverse();
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { row, depth } = next;
    const cells: Record<string, VolatilityCell> = {};
    for (const [key, value] of Object.entries(row)) {
      if (key === '__children') continue;
      const cell = Cell.safeParse(value);
      cells[key] = cell.success ? cell.data : JSON.stringify(value);
    }
    const children = Tree.safeParse(row.__children).data ?? [];
    if (depth > 0 || children.length > 0) cells.Depth = depth;
    rows.push(cells);
    for (const child of [...children].reverse()) stack.push({ row: child, depth: depth + 1 });
  }
  return rows;
}

async function run(program: string, argv: readonly string[], signal?: AbortSignal, onError?: (text: string) => void) {
  return new Promise<{ stdout: string; stderr: string; exit: number | null }>((resolve, reject) => {
    const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'], signal, windowsHide: true });
    const out: Buffer[] = [];
    let bytes = 0;
    let stderr = '';
    child.stdout.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > OUTPUT_MAX) {
        child.kill();
        reject(new LadingError('NOT_POSSIBLE', `${argv.at(-1)} gave more than ${OUTPUT_MAX} bytes.`));
      } else out.push(piece);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-65_536);
      onError?.(text);
    });
    child.on('error', (error) => {
      reject(
        signal?.aborted
          ? asLadingError(signal.reason)
          : new LadingError('NOT_POSSIBLE', `${program} cannot be run: ${error.message}`, { cause: error }),
      );
    });
    child.on('close', (exit) => resolve({ stdout: Buffer.concat(out).toString('utf8'), stderr, exit }));
  });
}

/** `derived/memory/volatility/E0007-HASH-PLUGIN.json`. */
export function resultPath(dir: string, exhibit: { id: string; sha256: string }, plugin: string): string {
  if (!/^[\w.]{1,100}$/.test(plugin)) throw new LadingError('BAD_INPUT', 'That is no name of a plugin.');
  return join(dir, 'derived', 'memory', 'volatility', `${exhibit.id}-${exhibit.sha256.slice(0, 16)}-${plugin}.json`);
}

/** Keeps a result beside the index, where it can be deleted and made again; gives its SHA-256. */
export async function keepResult(path: string, result: VolatilityResult): Promise<string> {
  const text = `${JSON.stringify(result)}\n`;
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
  return createHash('sha256').update(text).digest('hex');
}

/** SHA-256 of a file of this machine. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** The last result of a plugin; undefined where there is none, or one that cannot be read. */
export async function readResult(path: string): Promise<VolatilityResult | undefined> {
  try {
    return VolatilityResult.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}
