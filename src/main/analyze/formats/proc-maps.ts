/** One line of /proc/PID/maps (proc_pid_maps(5)). Its place is counted from the first byte of what was parsed. */
export interface MemoryMap {
  /** Addresses as hex without 0x: 64 bits do not fit a number. */
  start: string;
  end: string;
  /** 'r-xp'. */
  perms: string;
  readable: boolean;
  writable: boolean;
  executable: boolean;
  shared: boolean;
  fileOffset: string;
  /** 'major:minor' in hex. */
  device: string;
  inode: number;
  /** A file, '[heap]', '[stack]', …, or empty for anonymous memory. Without the kernel's ' (deleted)'. */
  path: string;
  deleted: boolean;
  offset: number;
  length: number;
}

const LINE =
  /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r-][w-][x-][ps]) ([0-9a-f]{1,16}) ([0-9a-f]{2,8}:[0-9a-f]{2,8}) (\d{1,20}) *(.*)$/s;

/**
 * Reads maps line by line; the kernel writes a line feed in a path as \012, so a path makes no line of its own. A line
 * that is none (the last one of a cut-off read) is counted in `unreadable`.
 */
export function parseMaps(bytes: Buffer): { maps: MemoryMap[]; unreadable: number } {
  const maps: MemoryMap[] = [];
  let unreadable = 0;
  for (let at = 0; at < bytes.length; ) {
    const feed = bytes.indexOf(10, at);
    const end = feed < 0 ? bytes.length : feed;
    const match = LINE.exec(bytes.toString('utf8', at, end));
    if (match) {
      const [, start = '', stop = '', perms = '', fileOffset = '', device = '', inode = '', raw = ''] = match;
      const deleted = raw.endsWith(' (deleted)');
      maps.push({
        start,
        end: stop,
        perms,
        readable: perms[0] === 'r',
        writable: perms[1] === 'w',
        executable: perms[2] === 'x',
        shared: perms[3] === 's',
        fileOffset,
        device,
        inode: Number(inode),
        path: deleted ? raw.slice(0, -' (deleted)'.length) : raw,
        deleted,
        offset: at,
        length: end - at,
      });
    } else if (end > at) unreadable++;
    at = end + 1;
  }
  return { maps, unreadable };
}
