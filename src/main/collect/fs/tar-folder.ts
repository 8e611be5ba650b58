import type { ExhibitMeta, ExhibitRecord } from '../../../shared/domain';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import type { CollectContext } from '../collector';

/** What to stream as a tar. */
export interface TarFolder {
  /** Absolute path on the host; links in it are the host's own and are followed. `/proc/PID/root` for a container's root. */
  base: string;
  /**
   * What of it, '' for all: 'etc/passwd', 'run/shop'. Links on the way are resolved as if `base` were the root, the way a process in
   * there sees them, so none leads out; a link as the last part is taken as a link.
   */
  sub?: string;
  /** Stay on the file system of the folder that is taken. Default: yes. */
  oneFileSystem?: boolean;
  /** Each file's bytes as they are, holes as zeros, so that they can be summed; a link in `base` is then said. */
  plain?: boolean;
  /** What else stat must say of `base` for it to be the right one, as `device:inode`: a PID may have gone to another process. */
  is?: string;
}

/**
 * Goes to $1, then part by part to the folder that holds $2, resolving links below $1 itself. After each step the parent must be
 * the folder just left: a link put in between, which the kernel would follow from the host's root, is noticed so. Sets done (the
 * folder below $1) and last (what to take there).
 */
const WALK = `
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
exec </dev/null
fail() { printf '%s\\n' "$1" >&2; exit "$2"; }
base=$1 rest=$2 mode=$3 is=$4 holes=$5
cd -P "$base" 2>/dev/null || fail "No such file or directory, or no way in: $base" 1
if [ "$holes" = plain ] && [ "$(readlink /proc/self/cwd)" != "$base" ]; then printf 'Its folder is reached through a link: %s is %s\\n' "$base" "$(readlink /proc/self/cwd)" >&2; fi
here() { stat -c %d:%i .; }
if [ -n "$is" ] && [ "$(here)" != "$is" ]; then fail "No such file or directory any more: $base is another one now" 1; fi
done= last=. hops=0
while [ -n "$rest" ]; do
  part=\${rest%%/*}
  case $rest in */*) rest=\${rest#*/};; *) rest=;; esac
  while :; do case $rest in /*) rest=\${rest#/};; *) break;; esac; done
  case $part in
    ''|.) continue;;
    ..)
      case $done in */*) rest=\${done%/*}/$rest;; esac
      done=; cd -P "$base" || exit 1
      continue;;
  esac
  if [ -z "$rest" ]; then last=$part; break; fi
  if [ -h "./$part" ]; then
    hops=$((hops + 1)); if [ "$hops" -gt 40 ]; then fail 'Too many links on the way: not followed' 3; fi
    to=$(readlink "./$part") || exit 1
    printf 'On the way, %s is a link to %s: resolved within %s.\\n' "\${done:+$done/}$part" "$to" "$base" >&2
    case $to in /*) done=; cd -P "$base" || exit 1;; esac
    rest=$to/$rest
    while :; do case $rest in /*) rest=\${rest#/};; *) break;; esac; done
    continue
  fi
  was=$(here)
  cd -P "./$part" 2>/dev/null || fail "No such file or directory: \${done:+$done/}$part" 1
  if [ "$(stat -c %d:%i ..)" != "$was" ]; then fail "It was exchanged while it was read: \${done:+$done/}$part leads elsewhere" 3; fi
  done=\${done:+$done/}$part
done
if [ "$last" != . ] && ! [ -e "./$last" ] && ! [ -h "./$last" ]; then fail "No such file or directory: \${done:+$done/}$last" 1; fi
if [ -h "./$last" ]; then printf 'It is a link, taken as a link: to %s\\n' "$(readlink "./$last")" >&2
elif [ -S "./$last" ]; then fail 'not applicable: it is a socket, which has no content' 5; fi
`;

/**
 * The tar itself. GNU tar as root opens with O_NOATIME (--atime-preserve=system) and follows no link; --transform gives the members the
 * path that was asked for where that is made of plain characters, else the record says below what they are.
 */
const TAR = `${WALK}
if [ "$last" = . ]; then t=.; else t=./$last; fi
case $(tar --version 2>/dev/null) in
  *'GNU tar'*)
    printf 'Taken with %s (%s): extended attributes, ACLs, devices, times to the nanosecond; no link followed, no access time of a file touched.\\n' "$(tar --version | head -n 1)" "$(command -v tar)" >&2
    set -- --format=pax --numeric-owner --atime-preserve=system --xattrs '--xattrs-include=*' --acls -b 256
    if [ "$holes" = holes ]; then set -- "$@" --sparse; fi
    if [ "$mode" = one ]; then set -- "$@" --one-file-system; fi
    case $done in
      '') ;;
      *[!A-Za-z0-9/._-]*) printf 'Names in the archive are below %s\\n' "$done" >&2;;
      *) set -- "$@" "--transform=flags=r;s|^\\\\./|./$done/|";;
    esac
    exec tar -c -f - "$@" "$t";;
esac
if tar --help 2>&1 | grep -qi busybox; then
  printf 'Taken with the tar of busybox (%s): without extended attributes, ACLs and holes, times in whole seconds; access times move.\\n' "$(command -v tar)" >&2
  if [ -n "$done" ]; then printf 'Names in the archive are below %s\\n' "$done" >&2; fi
  if [ "$mode" = one ]; then printf 'It has no way to stay on one file system: what is mounted below is in the archive too.\\n' >&2; fi
  exec tar -c -f - "$t"
fi
fail 'not found: there is no tar on this host that Lading knows' 1
`;

/** The command for it. Throws BAD_INPUT for what cannot be a path. */
export function tarFolder(what: TarFolder): string[] {
  const sub = what.sub ?? '';
  if (!what.base.startsWith('/') || /\u0000/.test(what.base + sub)) {
    throw new LadingError('BAD_INPUT', `This is no absolute path: ${visible(what.base + sub, { max: 200 })}`);
  }
  const words = [what.base, sub.replace(/^\/+/, ''), what.oneFileSystem === false ? 'all' : 'one', what.is ?? ''];
  words.push(what.plain ? 'plain' : 'holes');
  return ['sh', '-c', TAR, 'lading', ...words];
}

/** Streams it, as root, into an exhibit; what is lost and the tool used are in the record's stderr. */
export function captureTar(
  ctx: CollectContext,
  meta: ExhibitMeta,
  what: TarFolder,
): Promise<ExhibitRecord | undefined> {
  return ctx.capture(meta, tarFolder(what), { asRoot: true });
}
