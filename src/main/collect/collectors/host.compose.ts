import { z } from 'zod';
import { visible } from '../../../shared/visible';
import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';

const Containers = z.array(z.object({ Labels: z.record(z.string(), z.string()).nullish() })).nullish();

/** Labels of Compose that name files; several are separated by commas. */
const FILES = ['com.docker.compose.project.config_files', 'com.docker.compose.project.environment_file'];
const FOLDER = 'com.docker.compose.project.working_dir';
/** Anyone who starts a container chooses its labels: so many files of so many bytes are a project, more are an attack. */
const MOST_FILES = 500;
const LIMIT = 4 << 20;

/** A path that a label may name: absolute, whole, without a way back up, and short enough to be one (PATH_MAX). */
function isPath(path: string): boolean {
  return path.startsWith('/') && path.length < 4096 && !/[\u0000-\u001f]/.test(path) && !path.split('/').includes('..');
}

export default defineCollector({
  id: 'host.compose',
  version: '1.0.0',
  title: 'Compose files',
  answers: 'From which compose files were the containers made, and what do these say today?',
  how: 'Reads the files that labels of the containers name, at most 4 MiB of each, never a link, nothing below /proc, /sys or /dev.',
  replaces: ['docker compose ls', 'cat docker-compose.yml', 'docker compose config'],
  scope: 'host',
  volatility: 'host',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root'],
  async collect(ctx) {
    const containers = (await ctx.engine.json(Containers, '/containers/json', { all: 1 })) ?? [];
    const named = new Set<string>();
    for (const { Labels: labels } of containers) {
      for (const label of FILES) for (const path of labels?.[label]?.split(',') ?? []) if (path) named.add(path);
      if (labels?.[FOLDER]) named.add(`${labels[FOLDER].replace(/\/+$/, '')}/.env`);
    }
    if (named.size === 0) {
      await ctx.miss('none', 'No container of the engine has a label of Compose.');
      return;
    }
    const paths = [...named].filter(isPath).sort();
    const refused = [...named].filter((path) => !isPath(path));
    if (refused.length > 0) {
      const first = visible(refused[0] ?? '', { max: 200 });
      await ctx.miss('not applicable', `Labels name ${refused.length} paths that are none and were not read: ${first}`);
    }
    if (paths.length > MOST_FILES) {
      await ctx.miss('truncated', `Labels name ${paths.length} files; the first ${MOST_FILES} were looked at.`);
    }
    if (paths.length === 0) return;
    await captureHostFiles(ctx, {
      source: 'host.compose',
      title: 'Compose files',
      nothing: `None of the ${paths.length} files that labels of Compose name is on this host.`,
      parts: [{ as: 'compose', named: paths.slice(0, MOST_FILES), limit: LIMIT }],
    });
  },
});
