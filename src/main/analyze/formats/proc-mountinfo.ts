/** One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)). Its place is counted from the first byte of what was parsed. */
export interface Mount {
  id: number;
  parent: number;
  /** 'major:minor'. */
  device: string;
  /** What of the file system is mounted. */
  root: string;
  mountPoint: string;
  options: string[];
  /** 'shared:1', 'master:2', … */
  propagation: string[];
  type: string;
  source: string;
  superOptions: string[];
  offset: number;
  length: number;
}

/** Reads mountinfo; a line that is none is counted in `unreadable`. */
export function parseMountinfo(bytes: Buffer): { mounts: Mount[]; unreadable: number } {
  const mounts: Mount[] = [];
  let unreadable = 0;
  for (let at = 0; at < bytes.length; ) {
    const feed = bytes.indexOf(10, at);
    const end = feed < 0 ? bytes.length : feed;
    if (end > at) {
      const mount = line(bytes.toString('utf8', at, end), at, end - at);
      if (mount) mounts.push(mount);
      else unreadable++;
    }
    at = end + 1;
  }
  return { mounts, unreadable };
}

function line(text: string, offset: number, length: number): Mount | undefined {
  const words = text.split(' ');
  // the optional fields end at the first word that is a lone hyphen
  const dash = words.indexOf('-', 6);
  const [id, parent, device, root, point, options] = words;
  const type = words[dash + 1];
  const source = words[dash + 2];
  if (dash < 0 || source === undefined || type === undefined) return undefined;
  if (!id || !parent || !/^\d{1,10}$/.test(id) || !/^\d{1,10}$/.test(parent)) return undefined;
  if (!device || !/^\d{1,10}:\d{1,10}$/.test(device) || root === undefined || point === undefined) return undefined;
  return {
    id: Number(id),
    parent: Number(parent),
    device,
    root: unescapeMount(root),
    mountPoint: unescapeMount(point),
    options: split(options),
    propagation: words.slice(6, dash),
    type: unescapeMount(type),
    source: unescapeMount(source),
    superOptions: split(words.slice(dash + 3).join(' ')).map(unescapeMount),
    offset,
    length,
  };
}

/** Splits at commas; overlayfs writes a comma inside a directory's name as `\,`. */
function split(text: string | undefined): string[] {
  return text ? (text.match(/(?:\\,|[^,])+/g) ?? []) : [];
}

/** Undoes the kernel's octal escapes of blank, tab, line feed, backslash and # (fs/proc_namespace.c, mangle). */
export function unescapeMount(text: string): string {
  return text.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** The directories of an overlay mount, as the mounting process named them: relative ones have no meaning here. */
export function overlayDirs(mount: Mount): { upper?: string; work?: string; lower: string[] } | undefined {
  if (mount.type !== 'overlay') return undefined;
  const option = (key: string) => mount.superOptions.find((one) => one.startsWith(`${key}=`))?.slice(key.length + 1);
  const lower = option('lowerdir');
  return {
    upper: option('upperdir'),
    work: option('workdir'),
    lower: lower
      ? (lower.match(/(?:\\:|[^:])+/g) ?? [])
      : mount.superOptions.filter((one) => one.startsWith('lowerdir+=')).map((one) => one.slice('lowerdir+='.length)),
  };
}
