import { randomBytes } from 'node:crypto';
import { parseFrames } from '../../analyze/formats/frames';
import { MEMBERS, PRELUDE } from '../frames-prelude';

/**
 * What the processes of a container hold that has no name any more, or runs: links of fd, exe, map_files that end in ' (deleted)', and
 * every exe. Only regular files (a memfd, a deleted file, a shared mapping) are looked at; nothing is opened but to hash it. One frame
 * 'open' a file, once for each device:inode: `PATH below /proc/PID NUL device:inode size names NUL link NUL sha256 or -`.
 */
const SCRIPT = `${PRELUDE}${MEMBERS}
begin; members
seen=' ' budget=8589934592
one() {
  o_k=$(stat -L -c '%d:%i %s %h %f' "/proc/$1/$2" 2>/dev/null) || return 0
  o_m=$((0x\${o_k##* } & 0xf000)); o_k=\${o_k% *}
  if [ "$o_m" -ne 32768 ]; then return 0; fi
  case $seen in *" \${o_k%% *} "*) return 0;; esac
  seen="$seen\${o_k%% *} "
  o_z=\${o_k#* } o_z=\${o_z%% *} o_h=-
  if [ "$o_z" -le 1073741824 ] && [ "$o_z" -le "$budget" ]; then
    budget=$((budget - o_z)); o_h=$($KILL sha256sum < "/proc/$1/$2" 2>/dev/null); o_h=\${o_h%% *}
  fi
  told() { printf '%s\\0%s\\0' "$2" "$3"; readlink -n "/proc/$1/$2"; printf '\\0%s' "\${4:--}"; }
  frame output "$1" open 0 told "$1" "$2" "$o_k" "$o_h"
}
if find / -maxdepth 0 -printf '' 2>/dev/null; then
  gone() { cd "/proc/$1" 2>/dev/null && find fd map_files -maxdepth 1 -type l -lname '* (deleted)' 2>/dev/null; }
else
  gone() {
    cd "/proc/$1" 2>/dev/null || return 0
    for g in fd/* map_files/*; do case $(readlink "$g" 2>/dev/null) in *' (deleted)') printf '%s\\n' "$g";; esac; done
  }
fi
for q in $P; do
  one "$q" exe
  for g in $(gone "$q"); do one "$q" "$g"; done
done
printf '%s end\\n' "$B"
`;

export interface OpenFile {
  pid: number;
  /** 'fd/5', 'exe', 'map_files/7f…-7f…'. */
  at: string;
  /** device:inode on the host. */
  key: string;
  size: number;
  /** Names it still has; 0: none. */
  names: number;
  /** As the kernel shows the link. Hostile text. */
  link: string;
  /** Of its content a moment before it is read; undefined where it is large or could not be hashed. */
  sha256?: string;
}

/** Lists them. Arguments: the container's id and the PID of its first process. */
export function openFilesCommand(id: string, pid: number): { argv: string[]; stdin: string } {
  return {
    argv: ['sh', '-c', SCRIPT, 'lading', 'container.open-deleted', id, String(pid)],
    stdin: `${randomBytes(16).toString('hex')}\n`,
  };
}

const OPEN =
  /^(exe|fd\/\d{1,10}|map_files\/[0-9a-f]{1,16}-[0-9a-f]{1,16})\0(\d+:\d+) (\d{1,18}) (\d{1,10})\0([^\0]*)\0([0-9a-f]{64}|-)$/s;

/** Reads the list. */
export function parseOpenFiles(bytes: Buffer): OpenFile[] {
  return parseFrames(bytes).frames.flatMap(({ name, pid, body }) => {
    const found = name === 'open' && pid !== undefined ? OPEN.exec(body.toString('utf8')) : null;
    if (!found || pid === undefined) return [];
    const [, at = '', key = '', size, names, link = '', hash = '-'] = found;
    return [{ pid, at, key, size: Number(size), names: Number(names), link, ...(hash !== '-' && { sha256: hash }) }];
  });
}

/**
 * Reads one: it must still be the file that was listed, since a PID and a descriptor go to others. As root GNU dd touches no access
 * time. `nonblock`: should it be a pipe after all, nobody waits for a writer.
 */
const READ = `
LC_ALL=C; export LC_ALL
exec </dev/null
f=/proc/$1/$2
if [ "$(stat -L -c %d:%i "$f" 2>/dev/null)" != "$3" ]; then printf 'No such file or directory any more: %s is closed, or another file now\\n' "$f" >&2; exit 1; fi
stat -L -c '%d:%i %s %h %f %u %g %X %Y %Z' "$f" >&2
if dd if=/proc/version of=/dev/null iflag=noatime,nonblock count=1 status=none 2>/dev/null; then
  exec dd if="$f" iflag=noatime,nonblock,fullblock bs=1048576 status=none
fi
exec cat "$f"
`;

export function readOpenFile({ pid, at, key }: OpenFile): string[] {
  return ['sh', '-c', READ, 'lading', String(pid), at, key];
}
