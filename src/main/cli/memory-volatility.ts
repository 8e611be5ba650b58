import { resolve } from 'node:path';
import { visible } from '../../shared/visible';
import { usageError } from './errors';
import { clip, table } from './format';
import type { MemoryWork } from './memory';
import { memoryExhibits } from './memory-look';
import { jsonText } from './output';
import { runTask } from './task';

/** Which plugins there are, or their results: each is run anew. `linux.pslist` is short for `linux.pslist.PsList`. */
export async function showVolatility(work: MemoryWork): Promise<void> {
  const { client, context, options, args, path } = work;
  const { io } = context;
  const program = options.program && resolve(io.cwd, options.program);
  const look = await client.memory.volatility.look({ program });
  if (args.length === 0) {
    if (options.json) return io.out(jsonText(look));
    io.err(
      look.program === null
        ? `Volatility 3 is not here. To have it: ${visible(look.advice)}\n`
        : `Volatility ${look.version}, ${visible(look.program)}\n`,
    );
    return io.out(
      table(
        [{ head: 'PLUGIN' }, { head: 'GIVES' }],
        look.plugins.map(({ id, says }) => [id, says]),
      ),
    );
  }
  const plugins = args.map((given) => {
    const found = look.plugins.find(({ id }) => id === given || id.replace(/\.[^.]+$/, '') === given);
    if (!found) throw usageError(`There is no plugin ${visible(given)}.`, 'See `lading memory CASE vol`.');
    return found.id;
  });
  const images = (await memoryExhibits(work)).filter(({ target }) => target.kind === 'host');
  const [image, other] = images;
  if (!image || other)
    throw usageError(
      image ? 'There are several images: name one with --exhibit.' : 'The case has no image of a host’s memory.',
    );
  const symbols = options.symbols && resolve(io.cwd, options.symbols);
  const { task } = await client.memory.volatility.run({
    case: path,
    exhibit: image.exhibit,
    plugins,
    program,
    symbols,
  });
  await runTask(context, client, task);
  const results = [];
  for (const plugin of plugins) {
    const result = await client.memory.volatility.result({ case: path, exhibit: image.exhibit, plugin });
    if (result) results.push({ exhibit: image.exhibit, ...result });
  }
  if (options.json) return io.out(jsonText(results));
  for (const { plugin, version, columns, rows } of results) {
    io.out(`\n${plugin} (Volatility ${visible(version)}, ${image.exhibit}): ${rows.length} rows\n`);
    const cells = rows
      .slice(0, options.limit)
      .map((row) => columns.map((column) => clip(visible(String(row[column] ?? ''), { max: 300 }), 60)));
    if (rows.length > 0)
      io.out(
        table(
          columns.map((head) => ({ head: visible(head) })),
          cells,
        ),
      );
  }
}
