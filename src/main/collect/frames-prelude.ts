/**
 * The scripts that read a host's /proc in one go. They need a POSIX shell and coreutils or busybox; they write no file
 * (so no here-documents, for which some shells make one, and no sort); they run nothing that belongs to a container.
 * Everything a host says is handled as data: it is never evaluated, and paths are made of digits and fixed words.
 * The format of what they write is that of analyze/formats/frames.ts.
 *
 * The functions of the prelude:
 *   begin                                the first line of the stream
 *   frame KIND PID NAME LIMIT COMMAND…   the command's output as one frame
 *   file PID NAME                        /proc/PID/NAME, at most LIMIT bytes
 *   mem PID NAME                         the same for files that are read from the process's own memory: a process can
 *                                        make such a read hang (userfaultfd, FUSE), so it ends after ten seconds
 *   links PID PATH…                      the links at or directly below /proc/PID/PATH…
 *   number WORD                          whether it is a decimal number of at most ten digits
 */
export const PRELUDE = `
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
IFS= read -r B; exec 3>&1 </dev/null
case $B in *[!0-9a-f]*) exit 64;; ????????????????????????????????) ;; *) exit 64;; esac
S=$1; shift
begin() { printf 'LADING-FRAMES 1 %s %s\\n' "$B" "$S"; }
L=4194304
frame() {
  f_k=$1 f_p=$2 f_n=$3 f_l=$4; shift 4
  printf '%s %s %s %s %s\\n' "$B" "$f_k" "$f_p" "$f_n" "$f_l"
  f_e=$("$@" 2>&1 >&3 3>&-); f_s=$?
  printf '\\n%s = %s\\n' "$B" "$f_s"
  if [ -n "$f_e" ]; then printf '%s error %s %s 0\\n%s\\n%s = 0\\n' "$B" "$f_p" "$f_n" "$f_e" "$B"; fi
}
KILL=
if timeout -s KILL 10 true >/dev/null 2>&1 3>&-; then KILL='timeout -s KILL 10'; fi
file() { frame file "$1" "$2" "$L" head -c "$L" "/proc/$1/$2"; }
mem() { frame file "$1" "$2" "$L" $KILL head -c "$L" "/proc/$1/$2"; }
number() { case $1 in ''|*[!0-9]*|???????????*) return 1;; esac; }
if find / -maxdepth 0 -printf '' 2>/dev/null; then
  read_links() {
    d=/proc/$1; shift
    cd "$d" && exec find "$@" -maxdepth 1 -type l -printf '%p\\t%l\\0'
  }
else
  read_links() {
    d=/proc/$1 r=0; shift
    for x; do
      for y in "$d/$x" "$d/$x"/*; do
        if [ -h "$y" ]; then printf '%s\\t' "\${y#"$d/"}"; readlink -n "$y" || r=1; printf '\\0'; fi
      done
    done
    return $r
  }
fi
links() { frame links "$1" links 0 read_links "$@"; }
`;

/** Sets P to the processes of a container; `members` says in two frames where each of them was found. */
export const MEMBERS = `
id=$1 init=$2
case $id in *[!0-9a-f]*|'') exit 64;; esac
number "$init" || exit 64
P=' '
add() { if number "$1"; then case $P in *" $1 "*) ;; *) P="$P$1 ";; esac; fi; }
m=$(find /sys/fs/cgroup -path "*$id*" -name cgroup.procs -exec grep -H '' {} + 2>&1)
set -f; IFS='
'; for w in $m; do add "\${w##*:}"; done; unset IFS; set +f
n=
if [ -e "/proc/$init/ns/pid" ] && ! [ "/proc/$init/ns/pid" -ef "/proc/$$/ns/pid" ]; then
  for d in /proc/[0-9]*; do
    if [ "$d/ns/pid" -ef "/proc/$init/ns/pid" ]; then n="$n\${d#/proc/} "; add "\${d#/proc/}"; fi
  done
fi
members() {
  frame output - cgroup.procs 0 printf '%s' "$m"
  frame output - pidns 0 printf '%s' "$n"
  # a fork copies what the shell holds
  m= n=
}
`;

/**
 * exe.stat (stat(1) of what the link means, deleted or not: device, inode, size, number of names, mode in hex, uid, gid, atime, mtime,
 * ctime) and exe.sha256, once for each file: a process with the same device and inode has the same hash.
 */
export const EXECUTABLE = `
seen=' ' budget=4294967296
executable() {
  key= z=0
  k=$(stat -L -c '%d:%i %s %h %f %u %g %X %Y %Z' "/proc/$1/exe" 2>/dev/null) || return 0
  frame output "$1" exe.stat 0 printf '%s\n' "$k"
  key=\${k%% *} z=\${k#* } z=\${z%% *}
  case $seen in *" $key "*) return 0;; esac
  seen="$seen$key "
  if [ "$z" -gt 1073741824 ] || [ "$z" -gt "$budget" ]; then
    frame note "$1" exe.unhashed 0 printf 'size %s' "$z"; return 0
  fi
  budget=$((budget - z))
  frame output "$1" exe.sha256 0 sha256sum "/proc/$1/exe"
}
`;

/** What lies below /proc/PID/net is that of the process's network namespace: read once for each namespace. */
export const NET = `
nets=
net() {
  for r in $nets; do if [ "/proc/$1/ns/net" -ef "/proc/$r/ns/net" ]; then return 0; fi; done
  nets="$nets $1"
  for x in tcp tcp6 udp udp6 udplite udplite6 raw raw6 unix packet icmp icmp6 netlink sctp/eps sctp/assocs \\
    route ipv6_route arp if_inet6 dev fib_trie; do
    if [ -e "/proc/$1/net/$x" ]; then file "$1" "net/$x"; fi
  done
}
`;
