import { z } from 'zod';
import { defineCollector } from '../collector';
import { captureHostFiles, containerId } from '../host-files';
import { TimeWindow, windowWords } from '../host-files/window';

const Inspected = z.object({ HostConfig: z.object({ LogConfig: z.object({ Type: z.string() }).nullish() }).nullish() });

export default defineCollector({
  id: 'container.journal',
  version: '1.0.0',
  title: 'Log of the container in the journal',
  answers: 'What did the container write, where its log driver is journald, and when?',
  how: 'Asks journalctl of the host for the container’s entries with all their fields, in the journal’s export format.',
  replaces: ['journalctl CONTAINER_ID_FULL=<container_id>'],
  scope: 'container',
  volatility: 'logs',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root'],
  input: TimeWindow,
  async collect(ctx, target, window) {
    const id = containerId(target.id);
    const { HostConfig } = await ctx.engine.json(Inspected, `/containers/${id}/json`);
    const driver = HostConfig?.LogConfig?.Type;
    if (driver !== 'journald') {
      await ctx.miss('not applicable', 'The container’s log driver is not journald: its log is not in the journal.');
      return;
    }
    await captureHostFiles(ctx, {
      source: 'container.journal',
      title: 'Log of the container in the journal',
      nothing: 'The host has no journalctl, or its journal holds no entry of this container in the time asked for.',
      parts: [
        {
          as: 'journal',
          run: [
            ...(['journalctl', '-q', '--no-pager', '--output=export'] as const),
            ...windowWords(window),
            `CONTAINER_ID_FULL=${id}`,
          ],
          guard: 'journal',
          seconds: 0,
        },
      ],
    });
  },
});
