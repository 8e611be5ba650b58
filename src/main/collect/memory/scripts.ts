import { randomBytes } from 'node:crypto';
import { MEMBERS, PRELUDE } from '../frames-prelude';

/** smaps of a process with 65,530 mappings, the most the kernel allows by default. */
const TABLE_MAX = 67108864;

/**
 * What is known of a container's processes before a byte of their memory is read. Frames of analyze/formats/frames.ts; `syscalls` are
 * /proc/PID/task/TID/syscall of each thread (where it waits: stack and instruction pointer, without stopping it), `sizes` those of
 * mapped files. Arguments: the source's name, the container's id, the PID of its first process.
 */
const LIST = `${PRELUDE}${MEMBERS}
L=${TABLE_MAX}
syscalls() { cd "/proc/$1/task" && exec grep -H '' */syscall; }
sizes() { cd "/proc/$1/map_files" 2>/dev/null && exec find . -type l -exec stat -L -c '%n %s %F' {} +; }
begin; members
for q in $P; do
  file "$q" stat
  file "$q" status
  mem "$q" cmdline
  links "$q" exe
  frame file "$q" auxv 65536 head -c 65536 "/proc/$q/auxv"
  frame output "$q" syscalls 0 syscalls "$q"
  file "$q" maps
  file "$q" smaps
  frame output "$q" sizes 0 sizes "$q"
done
printf '%s end\\n' "$B"
`;

/** Lists them. */
export function listCommand(source: string, id: string, pid: number): { argv: string[]; stdin: string } {
  return {
    argv: ['sh', '-c', LIST, 'lading', source, id, String(pid)],
    stdin: `${randomBytes(16).toString('hex')}\n`,
  };
}

/** How the reader ends where it cannot go on; the bytes that came until then are good. */
export const READ_EXIT = { otherProcess: 67, noDd: 68, hangs: 75, gone: 76 } as const;

/**
 * Reads pieces of a process's memory. Arguments: PID, its start time in ticks. Standard input: the boundary B, then a line `piece group
 * start length` each, decimal. For each piece, standard output has
 *
 *     B piece read\n  <length bytes>  \nB = piece <gaps>\n       gaps: `offset+length,` of what could not be read and is zero here, or `-`
 *     B piece skip\n                                             nothing of the group could be read where its piece before ended
 *
 * and in the end `B maps\n`, the process's maps once more, and `\nB end START` with its start time once more.
 *
 * Opening mem once keeps the process: a PID that goes to another one meanwhile leads to no other memory. No page is written to, no
 * thread stopped. A page that the process makes hang (userfaultfd, FUSE) ends the script after 100 seconds.
 */
const READ = `
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
IFS= read -r B
case $B in *[!0-9a-f]*) exit 64;; ????????????????????????????????) ;; *) exit 64;; esac
pid=$1 want=$2 f=/proc/self/fd/5
case $pid$want in ''|*[!0-9]*) exit 64;; esac
exec 3>&1 5<"/proc/$pid/mem" || exit ${READ_EXIT.gone}
started() {
  s_s=$(cat "/proc/$pid/stat" 2>/dev/null) || return 1
  set -f; set -- \${s_s##*')'}; set +f
  if [ $# -lt 20 ]; then return 1; fi
  case $1 in Z|X|x) return 1;; esac
  shift 19; start=$1
}
start=
started || exit ${READ_EXIT.gone}
if [ "$start" != "$want" ]; then exit ${READ_EXIT.otherProcess}; fi
said=$(dd if=/dev/zero of=/dev/null bs=4 iflag=skip_bytes,count_bytes,fullblock skip=1 count=3 2>&1) || { printf '%s\\n' "$said" >&2; exit ${READ_EXIT.noDd}; }
case $said in *'3 bytes'*) big=1048576 flags=skip_bytes,count_bytes,fullblock;; *) big=;; esac
KILL=
if timeout -s KILL 100 true >/dev/null 2>&1; then KILL='timeout -s KILL 100'; fi
copy() { $KILL dd if=$f bs=1048576 iflag=skip_bytes,count_bytes,fullblock skip="$1" count="$2" 2>&1 >&3 3>&- </dev/null; }
pages() { $KILL dd if=$f bs=4096 skip="$1" count="$2" 2>&1 >&3 3>&- </dev/null; }
judge() {
  if [ "$1" -ge 124 ]; then printf '%s: no answer in 100 s at %s\\n' "$pid" "$2" >&2; exit ${READ_EXIT.hangs}; fi
}
dead=
while read -r i g s n; do
  case $i$g$s$n in ''|*[!0-9]*) exit 64;; esac
  if [ "$g" = "$dead" ]; then printf '%s %s skip\\n' "$B" "$i"; continue; fi
  printf '%s %s read\\n' "$B" "$i"
  q=0 r=0 gaps= bad=0
  if [ -n "$big" ]; then
    e=$(copy "$s" "$n"); r=$?; judge $r "$s"
    h=\${e%% byte*}; h=\${h##*[!0-9]}; q=\${h:-0}
  fi
  while [ "$q" -lt "$n" ]; do
    left=$((n - q))
    if [ "$bad" -ge 16 ]; then
      gaps="$gaps$q+$left,"; head -c "$left" /dev/zero >&3; q=$n; dead=$g; break
    fi
    e=$(pages $(((s + q) / 4096)) $((left / 4096))); r=$?; judge $r $((s + q))
    h=\${e%+* records out*}; h=\${h##*[!0-9]}; h=$((\${h:-0} * 4096))
    if [ "$h" -gt 0 ]; then q=$((q + h)) bad=0; continue; fi
    if [ "$r" -eq 0 ] || ! started || [ "$start" != "$want" ]; then
      printf '%s: its memory is gone at %s\\n' "$pid" $((s + q)) >&2; exit ${READ_EXIT.gone}
    fi
    # Some versions of GNU dd say this of every /proc file, and then read from there.
    case $e in *'cannot skip to specified offset'*) e=\${e#*
};; esac
    if [ "$bad" -eq 0 ]; then printf '%s: at %s: %s\\n' "$pid" $((s + q)) "\${e%%
*}" >&2; fi
    gaps="\${gaps}$q+4096," bad=$((bad + 1)); head -c 4096 /dev/zero >&3; q=$((q + 4096))
  done
  printf '\\n%s = %s %s\\n' "$B" "$i" "\${gaps:--}"
done
printf '%s maps\\n' "$B"
head -c ${TABLE_MAX} "/proc/$pid/maps"
start=gone; started || :
printf '\\n%s end %s\\n' "$B" "$start"
`;

/** One piece to read: addresses and lengths are whole pages. */
export interface Piece {
  /** Its number. */
  piece: number;
  /** The number of its region. */
  group: number;
  start: bigint;
  length: number;
}

/** Reads them, in their order. `boundary`: 32 hex digits. */
export function readCommand(
  { pid, started }: { pid: number; started: string },
  pieces: readonly Piece[],
  boundary: string,
): { argv: string[]; stdin: string } {
  const lines = pieces.map(({ piece, group, start, length }) => `${piece} ${group} ${start} ${length}\n`);
  return {
    argv: ['sh', '-c', READ, 'lading', String(pid), started],
    stdin: `${boundary}\n${lines.join('')}`,
  };
}
