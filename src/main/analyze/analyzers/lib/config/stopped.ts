import { z } from 'zod';
import { visible } from '../../../../../shared/visible';
import { type ConfigRule, text } from './container';

/** Not running when it was looked at: what was in its memory is gone. */
export const stopped: ConfigRule = {
  id: 'config.stopped',
  version: '1',
  title: 'Container does not run',
  severity: 'informational',
  confidence: 'certain',
  techniques: [],
  benign: 'Jobs end; containers are stopped and crash. Its processes, connections and memory can no longer be taken.',
  check({ doc }) {
    const status = doc.get(text, 'State', 'Status');
    if (status !== 'exited' && status !== 'dead') return [];
    const code = doc.get(z.number(), 'State', 'ExitCode');
    const at = doc.get(text, 'State', 'FinishedAt');
    return [
      {
        claim: `State.Status is "${visible(status, { max: 20 })}"${code === undefined ? '' : `, State.ExitCode ${code}`}${at ? `, State.FinishedAt ${visible(at, { max: 40 })}` : ''}.`,
        cites: [
          doc.cite('State', 'Status'),
          ...(code === undefined ? [] : [doc.cite('State', 'ExitCode')]),
          ...(at ? [doc.cite('State', 'FinishedAt')] : []),
        ],
      },
    ];
  },
};
