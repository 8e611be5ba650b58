import { Badge, Progress } from '@mantine/core';
import { useMemo } from 'react';
import type { Task, TaskItem } from '../../../shared/domain';
import { formatBytes, formatCount } from '../../components/Bytes';
import { VisibleText } from '../../components/VisibleText';
import classes from './collect.module.css';

/** How far one host is. */
export interface HostState {
  host: string;
  done: number;
  total: number;
  bytes: number;
  failed: number;
  partial: number;
  state: 'waiting' | 'running' | 'reconnecting' | 'ended';
}

const ENDED = new Set<TaskItem['state']>(['done', 'none', 'partial', 'skipped', 'failed', 'cancelled']);

/** The hosts of a task in the order of its plan. Items that are about no host are left out. */
export function hostStates(items: readonly TaskItem[]): HostState[] {
  const hosts = new Map<string, HostState>();
  for (const { host, state, bytes } of items) {
    if (host === undefined) continue;
    const one = hosts.get(host) ?? { host, done: 0, total: 0, bytes: 0, failed: 0, partial: 0, state: 'waiting' };
    hosts.set(host, one);
    one.total += 1;
    one.bytes += bytes;
    if (ENDED.has(state)) one.done += 1;
    if (state === 'failed') one.failed += 1;
    if (state === 'partial') one.partial += 1;
    if (state === 'reconnecting') one.state = 'reconnecting';
    else if (state === 'running' && one.state !== 'reconnecting') one.state = 'running';
  }
  for (const one of hosts.values()) if (one.done === one.total) one.state = 'ended';
  return [...hosts.values()];
}

const STATES: Record<HostState['state'], { text: string; color: string }> = {
  waiting: { text: 'waiting', color: 'gray' },
  running: { text: 'running', color: 'blue' },
  reconnecting: { text: 'connection lost, connecting again', color: 'yellow' },
  ended: { text: 'ended', color: 'gray' },
};

/** Progress of each host, where a collection has several or one has lost its connection. */
export function HostProgress({ task }: { task: Task }) {
  const hosts = useMemo(() => hostStates(task.items), [task.items]);
  if (hosts.length < 2 && !hosts.some(({ state }) => state === 'reconnecting')) return null;
  return (
    <table className={classes.hosts}>
      <caption className="l-sr-only">Progress of each host</caption>
      <thead>
        <tr>
          <th scope="col" className={classes.hostHead}>
            Host
          </th>
          <th scope="col" className={classes.hostHead}>
            State
          </th>
          <th scope="col" className={classes.hostHead} style={{ width: '30%' }}>
            Done
          </th>
          <th scope="col" className={classes.hostHead}>
            Bytes
          </th>
        </tr>
      </thead>
      <tbody>
        {hosts.map(({ host, state, done, total, bytes, failed, partial }) => (
          <tr key={host}>
            <th scope="row" className={classes.hostCell}>
              <VisibleText text={host} mono max={80} />
            </th>
            <td className={classes.hostCell}>
              <Badge color={STATES[state].color}>{STATES[state].text}</Badge>
            </td>
            <td className={classes.hostCell}>
              {formatCount(done)} of {formatCount(total)}
              {failed > 0 && `, ${failed} failed`}
              {partial > 0 && `, ${partial} partial`}
              <Progress value={(100 * done) / total} size="sm" aria-label={`Progress of ${host}`} />
            </td>
            <td className={`${classes.hostCell} ${classes.numbers}`}>{formatBytes(bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
