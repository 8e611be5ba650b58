import { resolve } from 'node:path';
import type { MemoryExhibit } from '../../shared/contract/memory';
import { visible } from '../../shared/visible';
import { usageError } from './errors';
import { bytesText, clip, table, targetText } from './format';
import type { MemoryWork } from './memory';
import { jsonText } from './output';

/** Exhibits of memory that were asked for. Says on standard error what is not whole. */
export async function memoryExhibits({ context, client, path, options }: MemoryWork): Promise<MemoryExhibit[]> {
  const all = await client.memory.exhibits({ case: path });
  const chosen = all.filter(({ exhibit }) => options.exhibit === undefined || exhibit === options.exhibit);
  if (options.exhibit !== undefined && chosen.length === 0) {
    throw usageError(`${visible(options.exhibit)} is no exhibit of memory.`, 'See `lading memory CASE list`.');
  }
  for (const { exhibit, faults, partial } of chosen) {
    if (partial) context.io.err(`${exhibit} is partial: what is missing was not looked at.\n`);
    for (const fault of faults.slice(0, 20)) context.io.err(`${exhibit}: ${visible(fault)}\n`);
  }
  if (chosen.length === 0) context.io.err('The case has no exhibit of memory.\n');
  return chosen;
}

/** Exhibit and address space that a verb is about; of one exhibit with one space, neither need be named. */
export async function oneSpace(work: MemoryWork): Promise<{ exhibit: string; space: string }> {
  const { options } = work;
  const found = (await memoryExhibits(work)).flatMap(({ exhibit, spaces }) =>
    spaces
      .filter(({ id }) => options.space === undefined || id === options.space)
      .map(({ id }) => ({ exhibit, space: id })),
  );
  const [only, other] = found;
  if (only && !other) return only;
  throw usageError(
    only ? 'There are several address spaces: name one with --exhibit and --space.' : 'There is no such address space.',
    'See `lading memory CASE list`.',
  );
}

const shown = (text: string, max = 200) => visible(text, { max });

export async function showSpaces(work: MemoryWork): Promise<void> {
  const all = await memoryExhibits(work);
  const { io } = work.context;
  if (work.options.json) return io.out(jsonText(all));
  const rows = all.flatMap(({ exhibit, form, target, spaces }) =>
    spaces.map((space) => [
      exhibit,
      form,
      targetText(target),
      space.id,
      shown(space.comm ?? '', 20),
      bytesText(space.held),
      bytesText(space.size),
      String(space.regions),
      clip(shown(space.arguments?.join(' ') ?? ''), 60),
    ]),
  );
  const heads = ['EXHIBIT', 'FORM', 'TARGET', 'SPACE', 'NAME', 'HELD', 'OF', 'REGIONS', 'ARGUMENTS'];
  if (rows.length > 0)
    io.out(
      table(
        heads.map((head) => ({ head })),
        rows,
      ),
    );
}

export async function showRegions(work: MemoryWork): Promise<void> {
  const { client, path, context, options } = work;
  const which = await oneSpace(work);
  const regions = await client.memory.regions({ case: path, ...which });
  if (options.json) return context.io.out(jsonText(regions));
  const heads = ['START', 'END', 'PERMS', 'SIZE', 'HELD', 'KIND', 'NAME'];
  context.io.out(
    table(
      heads.map((head) => ({ head })),
      regions.map((one) => [
        one.start,
        one.end,
        one.perms,
        bytesText(one.size),
        bytesText(one.held),
        one.kind,
        `${shown(one.name)}${one.deleted ? ' (deleted)' : ''}`,
      ]),
    ),
  );
}

export async function showProcess(work: MemoryWork): Promise<void> {
  const { client, path, context, options } = work;
  const which = await oneSpace(work);
  const known = await client.memory.process({ case: path, ...which });
  if (options.json) return context.io.out(jsonText(known));
  const { process: row, sockets, open, environment } = known;
  const lines = row
    ? [
        `Process    ${row.pid}${row.inside === null ? '' : ` (${row.inside} inside)`} ${shown(row.command || row.comm)}`,
        `Container  ${row.containerName === null ? 'none: of the host itself' : shown(row.containerName)}`,
        `Executable ${shown(row.exe ?? 'none')}${row.sha256 === null ? '' : `  SHA-256 ${row.sha256}`}`,
        `Stated by  ${row.exhibit} ${row.locator}`,
      ]
    : ['The index has no process of this PID and name.'];
  for (const { protocol, local, remote, state } of sockets)
    lines.push(`Socket     ${protocol} ${shown(local)} ${shown(remote)} ${state}`);
  for (const { fd, kind, name, deleted } of open)
    lines.push(`File       ${fd} ${kind} ${shown(name)}${deleted ? ' (deleted)' : ''}`);
  for (const one of environment) lines.push(`Variable   ${shown(one.replace(/^([^=]{0,100})=[\s\S]*$/, '$1'))}`);
  context.io.out(`${lines.join('\n')}\n`);
}

export async function showRead(work: MemoryWork): Promise<void> {
  const { client, path, context, options, args } = work;
  const address = (args[0] ?? '').toLowerCase();
  if (!/^0x[0-9a-f]{1,16}$/.test(address)) throw usageError('An address is written as 0x and hex digits.');
  const which = await oneSpace(work);
  const read = await client.memory.read({ case: path, ...which, address, length: options.length });
  if (options.json) return context.io.out(jsonText({ ...which, address, ...read }));
  const bytes = Buffer.from(read.base64, 'base64');
  const held = (at: number) => read.held.some(({ from, length }) => at >= from && at < from + length);
  for (let at = 0; at < bytes.length; at += 16) {
    const cells = [...bytes.subarray(at, at + 16)].map((byte, i) => (held(at + i) ? byte : undefined));
    const hex = cells.map((byte) => byte?.toString(16).padStart(2, '0') ?? '--').join(' ');
    const text = cells.map((byte) =>
      byte === undefined ? ' ' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
    );
    context.io.out(
      `${(BigInt(address) + BigInt(at)).toString(16).padStart(16, '0')}  ${hex.padEnd(47)}  ${text.join('')}\n`,
    );
  }
  if (read.held.length === 0) context.io.err('The exhibit holds nothing of this stretch.\n');
}

export async function showCommands(work: MemoryWork): Promise<void> {
  const { client, path, context, options } = work;
  const all = [];
  for (const { exhibit } of await memoryExhibits(work)) {
    const found = await client.memory.commands({ case: path, exhibit, space: options.space });
    all.push(...found.map((one) => ({ exhibit, ...one })));
  }
  if (options.json) return context.io.out(jsonText(all));
  const rows = all.map((one) => [one.exhibit, one.space, one.time, one.address, shown(one.command, 500)]);
  if (rows.length === 0) context.io.err('No commands were found.\n');
  else
    context.io.out(
      table(
        ['EXHIBIT', 'SPACE', 'TIME', 'ADDRESS', 'COMMAND'].map((head) => ({ head })),
        rows,
      ),
    );
}

export async function showCarved(work: MemoryWork): Promise<void> {
  const { client, path, context, options, args } = work;
  const [id] = args;
  if (id !== undefined) {
    const { to, reason, exhibit } = options;
    if (to === undefined || reason === undefined || exhibit === undefined) {
      throw usageError('Give --exhibit ID, --to PATH and --reason TEXT.');
    }
    const place = resolve(context.io.cwd, to);
    const copy = await client.memory.carve({ case: path, exhibit, id, to: place, reason });
    return context.io.out(options.json ? jsonText(copy) : `${copy.sha256}  ${visible(copy.path)}\n`);
  }
  const all = [];
  for (const { exhibit } of await memoryExhibits(work)) {
    all.push(...(await client.memory.carved({ case: path, exhibit })).map((one) => ({ exhibit, ...one })));
  }
  if (options.json) return context.io.out(jsonText(all));
  const heads = ['EXHIBIT', 'ID', 'NAME', 'PIDS', 'SIZE', 'HELD', 'SHA-256', 'SAME AS'];
  const rows = all.map((one) => [
    one.exhibit,
    shown(one.id, 80),
    shown(one.name, 80),
    one.pids.join(' '),
    bytesText(one.size),
    bytesText(one.held),
    one.whole ? one.sha256 : `${one.sha256} (as in memory, not the file’s)`,
    shown(one.same[0] ?? ''),
  ]);
  if (rows.length === 0) context.io.err('Nothing was found that can be carved.\n');
  else
    context.io.out(
      table(
        heads.map((head) => ({ head })),
        rows,
      ),
    );
}
