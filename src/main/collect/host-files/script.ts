import { PRELUDE } from '../frames-prelude';

/**
 * Reads a host's files without following links: `cd -P` into the folder, ask the kernel where that is, and open the file
 * by its bare name. A folder that is, or becomes, a link out of `base` is noticed whatever happens meanwhile, since the
 * working directory stays where it is. GNU dd opens without following a last link (O_NOFOLLOW), without waiting for a writer
 * of a pipe (O_NONBLOCK) and, as root, without touching the access time (O_NOATIME); elsewhere head does, after a look.
 *
 *   within ROOT SUB           sets BASES to ROOT/SUB, where ROOT may be reached through links and SUB, if any, may be none
 *   enter FOLDER              makes it the working directory and `here` its real path; fails where that is not below `base`
 *   read_file LIMIT FOLLOW F  at most LIMIT bytes of ./F, 0 for all
 *   FORMAT                    of stat(1): device:inode size names mode-in-hex uid gid, atime mtime ctime and, from GNU, birth
 */
export const READING = `
nl='
'
if stat -c %.9Y / >/dev/null 2>&1 && stat --version >/dev/null 2>&1; then
  FORMAT='%d:%i %s %h %f %u %g %.9X %.9Y %.9Z %.9W'
else
  FORMAT='%d:%i %s %h %f %u %g %X %Y %Z'
fi
if dd if=/proc/version iflag=fullblock,count_bytes,nonblock,nofollow count=1 status=none >/dev/null 2>&1 3>&-; then
  A=
  if dd if=/proc/version iflag=noatime count=1 status=none >/dev/null 2>&1 3>&-; then A=,noatime; fi
  read_file() {
    r_f=fullblock,count_bytes,nonblock$A
    if [ "$2" != follow ]; then r_f=$r_f,nofollow; fi
    if [ "$1" -gt 0 ]; then
      dd if="$3" iflag="$r_f" bs=1048576 count="$1" status=none
    else
      dd if="$3" iflag="$r_f" bs=1048576 status=none
    fi
  }
else
  read_file() {
    if [ "$2" != follow ] && [ -h "$3" ]; then printf 'a link: not followed\\n' >&2; return 1; fi
    if [ "$1" -gt 0 ]; then head -c "$1" "$3"; else cat "$3"; fi
  }
fi
base=
enter() {
  cd -P "\${1:-/}" 2>/dev/null || { here=; return 1; }
  here=$(readlink /proc/self/cwd)
  case $here/ in "$base"/*) return 0;; esac
  cd /; return 1
}
within() {
  case $BASES in '!') ;; *) return 0;; esac
  cd -P "$1" 2>/dev/null || return 0
  w_r=$(readlink /proc/self/cwd)
  cd /
  case $w_r in /) w_r=;; esac
  if [ -z "$2" ]; then BASES=$w_r
  elif [ -d "$w_r/$2" ] && ! [ -h "$w_r/$2" ]; then BASES=$w_r/$2; fi
}
`;

/** Metadata of what lies in the working directory, DEPTH deep: three NUL-terminated texts each; shared/listing.ts reads it. */
export const LISTING = `
if find / -maxdepth 0 -printf '' 2>/dev/null 3>&-; then
  list_here() { find . -xdev -maxdepth "$1" -printf '%y:%m %U %G %n %s %D:%i %A@ %T@ %C@\\0%p\\0%l\\0'; }
else
  list_here() {
    find . -xdev -maxdepth "$1" -exec sh -c 'for f; do
      printf "%s\\0%s\\0%s\\0" "$(stat -c "%f %u %g %h %s %d:%i %X %Y %Z" "$f")" "$f" "$(readlink -n "$f")"
    done' lading {} +
  }
fi
`;

/**
 * Guards of commands: what asking would change. A firewall's tool loads modules into the kernel when they are not there;
 * timedatectl starts a service; a journal without entries is no evidence.
 */
const GUARDS = `
module() {
  [ -d "/sys/module/$1" ] || ! [ -s /proc/modules ] || grep -q "^$1 " /proc/modules ||
    grep -q "/$1\\.ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null
}
guard() {
  g=$1; shift
  case $g in
    -) return 0;;
    nf_tables) module nf_tables && return 0; why='nf_tables is not in the kernel, and asking would load it';;
    xtables) { module nf_tables || module ip_tables; } && return 0; why='no packet filter is in the kernel, and asking would load one';;
    conntrack) module nf_conntrack_netlink && return 0; why='nf_conntrack_netlink is not in the kernel, and asking would load it';;
    timesyncd) [ -d /run/systemd/timesync ] && return 0; why='systemd-timesyncd does not run, and asking might start it';;
    rpm) command -v rpm >/dev/null 2>&1 && return 0; why='rpm is not on this host';;
    journal)
      if [ -n "$("$@" -n 1 2>/dev/null 3>&- | head -c 64 | tr -d '\\0\\n')" ]; then return 0; fi
      why='the journal holds no such entry';;
    *) why='an unknown guard';;
  esac
  return 1
}
`;

/** Binaries by name: where they lie, what they are, which package they are of; and those that run, through /proc/PID/exe. */
const BINARIES = `
owner() {
  if command -v dpkg-query >/dev/null 2>&1; then dpkg-query -S "$1"
  elif command -v rpm >/dev/null 2>&1; then setpriv --reuid=65534 --regid=65534 --clear-groups rpm -qf "$1"
  elif command -v apk >/dev/null 2>&1; then apk info -W "$1"
  elif command -v pacman >/dev/null 2>&1; then pacman -Qo "$1"
  else printf 'no package manager that Lading knows\\n' >&2; return 1; fi
}
binary() {
  a_seen=
  for a_d in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin /opt/bin /opt/containerd/bin /snap/bin \\
    /usr/libexec/docker /usr/lib/docker /usr/libexec/podman; do
    a=$a_d/$2
    if ! [ -e "$a" ] && ! [ -h "$a" ]; then continue; fi
    a_k=$(stat -L -c %d:%i "$a" 2>/dev/null)
    case " $a_seen " in *" $a_k "*) continue;; esac
    a_seen="$a_seen $a_k"
    if [ "$mode" = probe ]; then have=1; return 0; fi
    n=$((n + 1))
    frame note - "$1:$n.path" 0 printf %s "$a"
    frame output - "$1:$n.real" 0 readlink -f "$a"
    frame output - "$1:$n.stat" 0 stat -L -c "$FORMAT" "$a"
    frame output - "$1:$n.sha256" 0 sha256sum "$a"
    frame output - "$1:$n.owner" 0 owner "$(readlink -f "$a")"
  done
}
running() {
  if [ "$mode" = probe ]; then return 0; fi
  a_seen=
  for a_d in /proc/[0-9]*; do
    a=$(readlink "$a_d/exe" 2>/dev/null) || continue
    a_f=\${a%' (deleted)'}
    case " $2 " in *" \${a_f##*/} "*) ;; *) continue;; esac
    a_q=\${a_d#/proc/}
    frame output "$a_q" "$1.exe" 0 readlink -n "$a_d/exe"
    frame output "$a_q" "$1.stat" 0 stat -L -c "$FORMAT" "$a_d/exe"
    a_k=$(stat -L -c %d:%i "$a_d/exe" 2>/dev/null)
    case " $a_seen " in *" $a_k "*) continue;; esac
    a_seen="$a_seen $a_k"
    frame output "$a_q" "$1.sha256" 0 sha256sum "$a_d/exe"
  done
}
`;

/**
 * Takes what its arguments name, in two rounds: the first only looks whether there is anything, so that where there is
 * nothing the script says nothing, which becomes a miss. The words of an argument list are made by spec.ts.
 */
export const HOST_FILES = `${PRELUDE}${READING}${LISTING}${GUARDS}${BINARIES}
left() { frame note - "$1.left" 0 printf %s "$2"; }
take() {
  frame note - "$1.path" 0 printf %s "$2"
  if ! enter "\${2%/*}"; then
    if [ -n "$here" ]; then left "$1" "its folder leads out of $base, to $here"; else left "$1" 'its folder cannot be entered'; fi
    return 0
  fi
  case $pseudo$here/ in y/proc/*|y/sys/*|y/dev/*) left "$1" "its folder is $here, where no such file lies"; cd /; return 0;; esac
  t=./\${2##*/}
  frame output - "$1.stat" 0 stat -c "$FORMAT" "$t"
  if [ -h "$t" ]; then
    frame output - "$1.link" 0 readlink -n "$t"
    if [ "$o_f" != follow ]; then cd /; return 0; fi
    frame output - "$1.real" 0 readlink -f "$t"
    frame output - "$1.real.stat" 0 stat -L -c "$FORMAT" "$t"
  fi
  if [ -f "$t" ]; then
    t_m=
    if [ "$o_s" -gt 0 ]; then t_m=$(stat -L -c %Y "$t" 2>/dev/null); fi
    if number "$t_m" && [ "$t_m" -lt "$o_s" ]; then left "$1" 'it was last written before the time window'
    else frame file - "$1" "$o_l" read_file "$o_l" "$o_f" "$t"; fi
  fi
  cd /
}
list() {
  frame note - "$1.path" 0 printf %s "$2"
  if [ -h "$2" ]; then frame output - "$1.link" 0 readlink -n "$2"; return 0; fi
  if ! enter "$2"; then left "$1" 'it cannot be entered, or leads elsewhere'; return 0; fi
  frame output - "$1.list" 0 list_here "$o_l"
  cd /
}
matches() {
  p=$2
  if [ "$pseudo" = y ]; then set -- "$2"
  elif [ "$homes" = y ] || [ -n "$base" ]; then IFS=; set -- "$base"/$2; unset IFS
  else IFS=; set -- $2; unset IFS; fi
  for m; do
    if [ -e "$m" ] || [ -h "$m" ]; then
      if [ "$mode" = probe ]; then have=1; return 0; fi
      n=$((n + 1))
      "$o_do" "$o_as:$n" "$m"
    elif [ "$mode" = take ] && [ "$homes" = n ]; then
      if [ "$pseudo" = n ]; then case $p in *[*?[]*) return 0;; esac; fi
      n=$((n + 1))
      frame note - "$o_as:$n.path" 0 printf %s "$m"
      frame note - "$o_as:$n.absent" 0 printf 'nothing of this name'
    fi
  done
}
each() {
  if [ "$BASES" = '!' ]; then
    if [ "$mode" = take ]; then n=$((n + 1)); frame note - "$o_as:$n.absent" 0 printf 'there is no such folder'; fi
    return 0
  fi
  e_b=$BASES
  while :; do
    base=\${e_b%%"$nl"*}
    matches "$o_as" "$1"
    case $e_b in *"$nl"*) e_b=\${e_b#*"$nl"};; *) break;; esac
  done
  base=
}
find_homes() {
  BASES= h_seen=$nl
  h_l=$(cut -d: -f6 /etc/passwd 2>/dev/null)$nl/root
  for h in /home/* /var/home/*; do case $h in *"$nl"*) ;; *) if [ -d "$h" ]; then h_l=$h_l$nl$h; fi;; esac; done
  while [ -n "$h_l" ]; do
    h=\${h_l%%"$nl"*}
    case $h_l in *"$nl"*) h_l=\${h_l#*"$nl"};; *) h_l=;; esac
    case $h in /*) ;; *) continue;; esac
    cd -P "$h" 2>/dev/null || continue
    h=$(readlink /proc/self/cwd); cd /
    case $h in /) h=;; *"$nl"*|/proc|/proc/*|/sys|/sys/*|/dev|/dev/*) continue;; esac
    case $h_seen in *"$nl$h$nl"*) continue;; esac
    h_seen=$h_seen$h$nl
  done
  h_seen=\${h_seen#"$nl"} BASES=\${h_seen%"$nl"}
  if [ -z "$h_seen" ]; then BASES='!'; fi
  if [ "$mode" = take ]; then n=$((n + 1)); frame note - "homes:$n" 0 printf %s "$BASES"; fi
}
run() {
  r_as=$1 r_g=$2 r_s=$3 r_k=$4; shift 4
  r_c=$# r_i=0
  for r_w; do
    r_i=$((r_i + 1))
    if [ "$r_i" -gt "$r_k" ]; then break; fi
    set -- "$@" "$r_w"
  done
  shift "$r_c"
  if ! r_p=$(command -v "$1" 2>/dev/null); then
    if [ "$mode" = take ]; then frame note - "$r_as.absent" 0 printf '%s is not on this host' "$1"; fi
    return 0
  fi
  if ! guard "$r_g" "$@"; then
    if [ "$mode" = take ]; then left "$r_as" "$why"; fi
    return 0
  fi
  if [ "$mode" = probe ]; then have=1; return 0; fi
  frame note - "$r_as.tool" 0 printf %s "$r_p"
  if [ "$r_s" -gt 0 ] && [ -n "$KILL" ]; then frame output - "$r_as" 0 timeout -s KILL "$r_s" "$@"
  else frame output - "$r_as" 0 "$@"; fi
}
walk() {
  BASES= homes=n n=0
  while [ $# -gt 0 ]; do
    pseudo=n o_s=0 o_f=stay
    case $1 in
      anywhere) BASES= homes=n; shift;;
      inside) BASES='!' homes=n; shift;;
      within) within "$2" "$3"; shift 3;;
      homes) find_homes; homes=y; shift;;
      files) o_do=take o_as=$2 o_l=$3 o_f=$4 o_s=$5; each "$6"; shift 6;;
      named) o_do=take o_as=$2 o_l=$3 pseudo=y; each "$4"; shift 4;;
      list) o_do=list o_as=$2 o_l=$3; each "$4"; shift 4;;
      binary) binary "$2" "$3"; shift 3;;
      running) running "$2" "$3"; shift 3;;
      run) shift; run "$@"; shift "$((4 + $4))";;
      *) exit 64;;
    esac
    if [ "$mode" = probe ] && [ -n "$have" ]; then return 0; fi
  done
}
have= mode=probe
walk "$@"
if [ -z "$have" ]; then exit 0; fi
mode=take
begin
walk "$@"
printf '%s end\\n' "$B"
`;

/**
 * One file of a folder to standard output, raw. Arguments: the folder below the base ('' or 'local-logs'), the file's name,
 * then pairs ROOT SUB of which the first that is there is the base. What stat says of it goes to standard error.
 */
export const ONE_FILE = `
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
exec 3>/dev/null </dev/null
${READING}
folder=$1 name=$2 BASES='!'; shift 2
while [ $# -gt 1 ]; do within "$1" "$2"; shift 2; done
if [ "$BASES" = '!' ]; then printf 'No such file or directory: the folder is gone\\n' >&2; exit 1; fi
base=$BASES
if ! enter "$base/$folder"; then printf 'not followed: its folder leads out of %s, to %s\\n' "$base" "$here" >&2; exit 3; fi
case $name in */*|''|.|..) exit 64;; esac
if [ -h "./$name" ]; then printf 'not followed: it is a link now\\n' >&2; exit 3; fi
stat -c "$FORMAT" "./$name" >&2 || exit 1
if ! [ -f "./$name" ]; then printf 'not a regular file now\\n' >&2; exit 3; fi
read_file 0 stay "./$name"
`;
