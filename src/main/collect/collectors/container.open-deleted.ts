import { Readable } from 'node:stream';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import { defineCollector } from '../collector';
import { asFileName, inspect } from '../fs/container-root';
import { atMost } from '../fs/host-file';
import { openFilesCommand, parseOpenFiles, readOpenFile } from '../fs/open-files';

/** The list of what is open: a few hundred bytes a file. More is an attack. */
const LIST_MAX = 64 << 20;

export default defineCollector({
  id: 'container.open-deleted',
  version: '1.0.0',
  title: 'Deleted but open files, memfds, running executables',
  answers:
    'What are the bytes of files that were deleted while a process holds them, of memory files, and of the programs and libraries that run?',
  how: 'Lists through the host’s /proc the open files, mappings and executables of the container’s processes that have no name any more, and every running executable, then reads each from there, once. A process is not stopped; a file that grows is taken as it is then.',
  replaces: ['lsof +L1', 'cp /proc/<pid>/fd/<n> <path>', 'cp /proc/<pid>/exe <path>'],
  scope: 'container',
  volatility: 'memory',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root', 'running'],
  async collect(ctx, target) {
    const pid = (await inspect(ctx, target)).State.Pid;
    if (pid === 0) {
      await ctx.miss('missing', 'The container ended before its processes could be looked at.');
      return;
    }
    const { argv, stdin } = openFilesCommand(target.id, pid);
    const run = await ctx.host.exec(argv, { asRoot: true, stdin, signal: ctx.signal });
    const [bytes, words, exit] = await Promise.all([atMost(run.stdout, LIST_MAX), atMost(run.stderr, 65536), run.done]);
    const stderr = words.toString('utf8');
    if (exit.code !== 0 || bytes.length === 0) {
      const said = visible(stderr.trim(), { max: 300 });
      throw new LadingError('COMMAND_FAILED', `Its open files could not be listed (status ${exit.code}): ${said}`);
    }
    await ctx.exhibit(
      {
        file: 'container.open-deleted.frames',
        kind: 'frames',
        title: 'List of deleted but open files and of executables',
      },
      Readable.from([bytes]),
      () => ({ kind: 'exec', argv, asRoot: true, exit: exit.code, stderr, stderrBytes: words.length }),
      () => (bytes.length >= LIST_MAX ? `The list is longer than ${LIST_MAX} bytes.` : undefined),
    );
    const files = parseOpenFiles(bytes);
    for (const [done, file] of files.entries()) {
      ctx.signal.throwIfAborted();
      ctx.progress(done, files.length);
      const link = visible(file.link, { max: 200 });
      const take = () =>
        ctx.capture(
          {
            file: `${file.pid}.${asFileName(file.at)}.bin`,
            kind: 'binary',
            title: `PID ${file.pid}, ${file.at}: ${link}`,
          },
          readOpenFile(file),
          { asRoot: true, nothing: { outcome: 'none', reason: `PID ${file.pid}, ${file.at}: ${link} is empty.` } },
        );
      if (file.sha256) await ctx.once(file.sha256, take);
      else await take();
    }
  },
});
