import type { Task, TaskItem } from '../../shared/domain';
import { visible } from '../../shared/visible';
import { bytesText, clip, painter } from './format';
import type { Io } from './io';

/** Bytes of one item at a moment, and its rate so far. */
interface Sample {
  bytes: number;
  at: number;
  /** Bytes a second, smoothed. */
  rate: number;
}

export interface Progress {
  /** Takes a task as it is now. `now` in milliseconds. */
  update(task: Task, now?: number): void;
  /** Takes the running lines away; what has ended stays. */
  finish(): void;
}

const ENDED = new Set<TaskItem['state']>(['done', 'none', 'partial', 'skipped', 'failed', 'cancelled']);

/** Rates of the items, from one look at a task to the next. */
export function createRates(): (key: string, bytes: number, now: number) => number {
  const samples = new Map<string, Sample>();
  return (key, bytes, now) => {
    const last = samples.get(key);
    if (!last) {
      samples.set(key, { bytes, at: now, rate: 0 });
      return 0;
    }
    const seconds = (now - last.at) / 1000;
    if (seconds < 0.1) return last.rate;
    const fresh = Math.max(0, bytes - last.bytes) / seconds;
    const rate = last.rate === 0 ? fresh : last.rate * 0.6 + fresh * 0.4;
    samples.set(key, { bytes, at: now, rate });
    return rate;
  };
}

/** The lines that are redrawn: the whole task, then each running item with bytes and rate. */
export function runningLines(
  task: Task,
  rateOf: (key: string, bytes: number) => number,
  columns: number,
  rows: number,
): string[] {
  const units = task.total === undefined ? `${task.done}` : `${task.done}/${task.total}`;
  const whole = rateOf(' whole', task.bytes);
  const lines = [`${visible(task.title, { max: 80 })}  ${units}  ${bytesText(task.bytes)}  ${bytesText(whole)}/s`];
  const running = task.items.filter((item) => item.state === 'running');
  const room = Math.max(1, rows - 4);
  for (const item of running.slice(0, room)) {
    const end = `  ${bytesText(item.bytes)}  ${bytesText(rateOf(item.key, item.bytes))}/s`;
    lines.push(`  ${clip(visible(item.label), Math.max(10, columns - end.length - 3))}${end}`);
  }
  if (running.length > room) lines.push(`  and ${running.length - room} more`);
  return lines.map((line) => clip(line, Math.max(10, columns - 1)));
}

/** One line about an item that has ended; with its host where there are several. */
export function endedLine(item: TaskItem, host?: string): string {
  const size = item.bytes > 0 ? `  ${bytesText(item.bytes)}` : '';
  const note = item.note ? `  ${visible(item.note, { max: 400 })}` : '';
  const where = host === undefined ? '' : ` on ${visible(host, { max: 80 })}`;
  return `${item.state.padEnd(9)} ${visible(item.label, { max: 200 })}${where}${size}${note}`;
}

/**
 * Shows a task on standard error: a line for each item that has ended, and on a terminal below them the running ones,
 * redrawn in place.
 */
export function createProgress(io: Io): Progress {
  const paint = painter(io.errIsTerminal, io.env);
  const rates = createRates();
  const said = new Set<string>();
  const cut = new Set<string>();
  let drawn = 0;
  let titled = false;
  const wipe = () => {
    if (drawn > 0) io.err(`\u001b[${drawn}A\r\u001b[0J`);
    drawn = 0;
  };
  return {
    update: (task, now = Date.now()) => {
      wipe();
      if (!io.errIsTerminal && !titled) io.err(`${visible(task.title)}\n`);
      titled = true;
      const several = new Set(task.items.map((item) => item.host)).size > 1;
      for (const item of task.items) {
        const host = item.host ?? '';
        // Once for each time that the connection breaks, however many items it breaks.
        if (item.state === 'reconnecting' && !cut.has(host)) {
          cut.add(host);
          io.err(`${paint('yellow', `${visible(host)}: the connection was lost; it is being made again.`)}\n`);
        }
        if (!ENDED.has(item.state) || said.has(item.key)) continue;
        said.add(item.key);
        const line = endedLine(item, several ? item.host : undefined);
        const bad = item.state === 'failed' || item.state === 'partial';
        io.err(`${bad ? paint('yellow', line) : line}\n`);
      }
      for (const host of cut) {
        if (!task.items.some((item) => item.host === host && item.state === 'reconnecting')) cut.delete(host);
      }
      if (!io.errIsTerminal || task.state !== 'running') return;
      const lines = runningLines(task, (key, bytes) => rates(key, bytes, now), io.columns(), io.rows());
      io.err(`${lines.map((line, i) => (i === 0 ? paint('bold', line) : line)).join('\n')}\n`);
      drawn = lines.length;
    },
    finish: wipe,
  };
}
