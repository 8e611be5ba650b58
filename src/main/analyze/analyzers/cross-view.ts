import { defineAnalyzer } from '../analyzer';
import { viewsOf } from './lib/crossview/looks';
import { compareProcesses, hiddenProcess, inventedProcess, renamedProcess } from './lib/crossview/processes';
import { compareSockets, hiddenSocket, inventedSocket } from './lib/crossview/sockets';
import { eachExhibit, type Rule } from './lib/rule';

/** Every rule that sets what a container says of itself against what the host shows. */
export const crossViewRules: readonly Rule[] = [
  hiddenProcess,
  renamedProcess,
  inventedProcess,
  hiddenSocket,
  inventedSocket,
];

const PROCESSES = 'container.inside.processes';
const SOCKETS = 'container.inside.sockets';

/**
 * Compares the container's own ps and netstat with the host's view of the same moment. Only what ran, or was open, on both
 * sides of the asking counts as hidden, so that nothing that came or went meanwhile does.
 */
export default defineAnalyzer({
  id: 'cross-view',
  version: '2',
  title: 'What containers hide',
  accepts: ({ collector }) => collector.id === PROCESSES || collector.id === SOCKETS,
  async analyze(ctx, exhibits) {
    const views = viewsOf(exhibits);
    await eachExhibit(
      ctx,
      views.map(({ said }) => said),
      async (said) => {
        const view = views.find((one) => one.said === said);
        if (view) await (said.collector.id === PROCESSES ? compareProcesses : compareSockets)(ctx, view);
      },
    );
  },
});
