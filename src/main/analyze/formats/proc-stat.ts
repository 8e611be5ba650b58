/** /proc/PID/stat (proc_pid_stat(5)). */
export interface ProcStat {
  pid: number;
  /** At most 15 bytes; the process names itself, so it may hold blanks, parentheses and line feeds. */
  comm: string;
  /** One letter: R, S, D, Z, T, … */
  state: string;
  ppid: number;
  pgrp: number;
  session: number;
  /** Device number of the controlling terminal; 0 for none. */
  tty: number;
  flags: number;
  /** CPU time in user and kernel mode, in clock ticks. */
  utime: number;
  stime: number;
  threads: number;
  /** Start after boot in clock ticks (field 22): with the PID it names one process for good. A string: 64 bits. */
  startTime: string;
  /** Bytes. */
  vsize: number;
  /** Pages. */
  rss: number;
  kernelThread: boolean;
}

const PF_KTHREAD = 0x0020_0000;

/**
 * Reads the one line of /proc/PID/stat; undefined where it is none. The name stands between the first `(` and the last
 * `)`, since all that follows it is numbers: a name like `a) S 1 (b` forges nothing.
 */
export function parseStat(bytes: Buffer): ProcStat | undefined {
  const open = bytes.indexOf(' (');
  const close = bytes.lastIndexOf(') ');
  if (open < 1 || close < open + 2) return undefined;
  const pid = number(bytes.toString('latin1', 0, open));
  const comm = bytes.toString('utf8', open + 2, close);
  const fields = bytes
    .toString('latin1', close + 2)
    .trimEnd()
    .split(' ');
  const [state] = fields;
  /** By its number in the manual page, where state is 3. */
  const field = (n: number) => number(fields[n - 3]);
  const start = fields[22 - 3];
  if (pid === undefined || state === undefined || !/^[A-Za-z]$/.test(state)) return undefined;
  if (start === undefined || !/^\d{1,20}$/.test(start)) return undefined;
  const flags = field(9) ?? 0;
  return {
    pid,
    comm,
    state,
    ppid: field(4) ?? 0,
    pgrp: field(5) ?? 0,
    session: field(6) ?? 0,
    tty: field(7) ?? 0,
    flags,
    utime: field(14) ?? 0,
    stime: field(15) ?? 0,
    threads: field(20) ?? 0,
    startTime: start,
    vsize: field(23) ?? 0,
    rss: field(24) ?? 0,
    kernelThread: Math.floor(flags / PF_KTHREAD) % 2 === 1,
  };
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,20}$/.test(text) ? Number(text) : undefined;
}

/** `btime` of /proc/stat (proc_stat(5)): when the kernel booted, in seconds since 1970. */
export function parseBootTime(bytes: Buffer): number | undefined {
  const match = /^btime (\d{1,12})$/m.exec(bytes.toString('latin1'));
  return match ? Number(match[1]) : undefined;
}

/**
 * When a process started, in milliseconds since 1970: btime + starttime / CLK_TCK. btime is in whole seconds, so it is
 * no better than that; `ticks` is getconf CLK_TCK, 100 on all common kernels.
 */
export function startedAt(stat: Pick<ProcStat, 'startTime'>, bootTime: number, ticks = 100): number {
  return bootTime * 1000 + Math.floor((Number(stat.startTime) * 1000) / ticks);
}
