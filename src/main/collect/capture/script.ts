import { MEMBERS, NET, PRELUDE } from '../frames-prelude';

/**
 * Scripts that run on a host for a capture: POSIX sh, no file is written, what is said goes along as argv. Standard input is a line a
 * command: `stat` asks for the counters, `stop` ends it, and so does its end, which a lost connection brings about.
 */

/** Kernel buffer of tcpdump, in KiB: so much may come while the connection stalls. */
export const BUFFER_KIB = 32_768;

/** Exit statuses of the script itself, beside tcpdump's. */
export const REFUSED = { arguments: 64, filter: 65, tool: 69 } as const;

/**
 * AF_PACKET by python3 where there is no tcpdump: packet(7), pcap-savefile(5) with nanoseconds. Arguments: interface, bytes of each
 * packet, packets or 0, promiscuous or not, and the connection that is left out (address port address port, or nothing).
 */
const PYTHON = `
import signal, socket, struct, sys
dev, snap, count, promisc = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == 'yes'
own = sys.argv[5:9]
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
s.setsockopt(socket.SOL_SOCKET, 33, 33554432)
s.setsockopt(socket.SOL_SOCKET, 35, 1)
s.setsockopt(263, 8, 1)
s.bind((dev, 3))
kind = s.getsockname()[3]
if kind not in (1, 772):
    sys.exit('lading: the interface is of type %d, which needs tcpdump' % kind)
if promisc:
    s.setsockopt(263, 1, struct.pack('IHH8s', socket.if_nametoindex(dev), 1, 0, b''))
ends = set()
if len(own) == 4:
    family = socket.AF_INET6 if ':' in own[0] else socket.AF_INET
    a, b = [(socket.inet_pton(family, own[i]), int(own[i + 1])) for i in (0, 2)]
    ends = {(a, b), (b, a)}
def flow(p):
    at, proto = 14, p[12:14]
    while proto in (b'\\x81\\x00', b'\\x88\\xa8'):
        at, proto = at + 4, p[at + 2:at + 4]
    if proto == b'\\x08\\x00' and len(p) > at + 20 and p[at + 9] == 6:
        src, dst, at = p[at + 12:at + 16], p[at + 16:at + 20], at + (p[at] & 15) * 4
    elif proto == b'\\x86\\xdd' and len(p) > at + 40 and p[at + 6] == 6:
        src, dst, at = p[at + 8:at + 24], p[at + 24:at + 40], at + 40
    else:
        return None
    if len(p) < at + 4:
        return None
    sport, dport = struct.unpack('!HH', p[at:at + 4])
    return ((src, sport), (dst, dport))
got = seen = lost = 0
def kernel():
    global seen, lost
    n, d = struct.unpack('II', s.getsockopt(263, 6, 8))
    seen += n
    lost += d
def told(*_):
    kernel()
    sys.stderr.write('lading: %d packets captured, %d packets received by filter, %d packets dropped by kernel\\n' % (got, seen, lost))
    sys.stderr.flush()
def stop(*_):
    sys.exit(0)
signal.signal(signal.SIGUSR1, told)
signal.signal(signal.SIGTERM, stop)
out = sys.stdout.buffer
try:
    out.write(struct.pack('=IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, snap, 1))
    out.flush()
    while not count or got < count:
        p, extra, _, where = s.recvmsg(262144, 256)
        if where[0] == 'lo' and where[2] == 4:
            continue
        when, size, tag = None, len(p), b''
        for level, name, value in extra:
            if level == socket.SOL_SOCKET and name == 35:
                when = struct.unpack('qq', value[:16]) if len(value) >= 16 else struct.unpack('ll', value)
            elif level == 263 and name == 8 and len(value) >= 20:
                status, size, _, _, _, tci, tpid = struct.unpack('=IIIHHHH', value[:20])
                if status & 16:
                    tag = struct.pack('!HH', tpid if status & 64 else 0x8100, tci)
        if ends and flow(p) in ends:
            continue
        if when is None:
            import time
            now = time.time_ns()
            when = (now // 1000000000, now % 1000000000)
        p = p[:12] + tag + p[12:]
        kept = p[:snap]
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGTERM})
        out.write(struct.pack('=IIII', when[0], when[1], len(kept), max(size + len(tag), len(kept))) + kept)
        out.flush()
        got += 1
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
finally:
    kernel()
    sys.stderr.write('%d packets captured\\n%d packets received by filter\\n%d packets dropped by kernel\\n' % (got, seen, lost))
`;

/**
 * Arguments: PID whose network namespace is entered, or `-`; interface; bytes of each packet; packets, 0 for no limit; promiscuous,
 * `yes` or `no`; seconds after which it ends whatever happens; the filter, whole; whether that is the examiner's or only leaves
 * the own connection out, `own`; that connection in four words. On standard error it says what the record shall tell, then
 * tcpdump speaks.
 */
export const CAPTURE = `
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
pid=$1 dev=$2 snap=$3 count=$4 promisc=$5 most=$6 filter=$7 whose=$8
shift 8
for x in "$snap" "$count" "$most"; do case $x in ''|*[!0-9]*) exit ${REFUSED.arguments};; esac; done
case $dev in ''|-*|*/*) exit ${REFUSED.arguments};; esac
say() { printf 'lading: %s\\n' "$*" >&2; }
enter=
case $pid in
  -) ;;
  ''|*[!0-9]*) exit ${REFUSED.arguments};;
  *) if ! command -v nsenter >/dev/null 2>&1; then say 'this host has no nsenter'; exit ${REFUSED.tool}; fi
     enter="nsenter -t $pid -n";;
esac
exec 3>&1 4<&0 </dev/null 1>&2
say "interface $dev, namespace of process $pid, $snap bytes of each packet, promiscuous $promisc"
say "clock source $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource 2>/dev/null)"
if [ "$pid" = - ] && [ -d "/sys/class/net/$dev" ]; then
  cd "/sys/class/net/$dev" && grep -H '' address ifindex iflink mtu flags type gso_max_size gro_flush_timeout 2>/dev/null
  cd /
fi
if command -v ethtool >/dev/null 2>&1; then $enter ethtool -k "$dev" 2>&1 | grep -v ': off \\[fixed\\]'
else say 'no ethtool: the state of offloading is not known'; fi
if command -v tcpdump >/dev/null 2>&1; then
  tcpdump --version
  p=-p; if [ "$promisc" = yes ]; then p=; fi
  ns=; case $(tcpdump --help 2>&1) in *time-stamp-precision*) ns=--time-stamp-precision=nano;; esac
  c=; if [ "$count" -gt 0 ]; then c="-c $count"; fi
  say 'filter as compiled'
  if ! $enter tcpdump -d -p -i "$dev" -s "$snap" -- "$filter"; then say 'the filter or the interface was refused'; exit ${REFUSED.filter}; fi
  $enter tcpdump -i "$dev" $p -n -U -s "$snap" -B ${BUFFER_KIB} $ns $c -w - -- "$filter" >&3 3>&- 4<&- & t=$!
elif command -v python3 >/dev/null 2>&1; then
  if [ "$whose" != own ]; then say 'there is no tcpdump here, and without it no filter can be used'; exit ${REFUSED.tool}; fi
  say 'no tcpdump: a packet socket of python3'
  python3 -V
  $enter python3 -I -S -B -c '${PYTHON.replaceAll("'", `'\\''`)}' "$dev" "$snap" "$count" "$promisc" "$@" >&3 3>&- 4<&- & t=$!
else
  say 'neither tcpdump nor python3 is on this host, and nothing may be installed: packets cannot be captured'
  exit ${REFUSED.tool}
fi
{
  while IFS= read -r w; do case $w in stat) kill -USR1 "$t";; stop) break;; esac; done
  kill -TERM "$t"
} <&4 >/dev/null 2>&1 3>&- & r=$!
{
  sleep "$most" & z=$!
  trap 'kill "$z"; exit' TERM
  wait "$z"; kill -TERM "$t"
} </dev/null >/dev/null 2>&1 3>&- 4<&- & g=$!
exec 3>&- 4<&-
wait "$t"; s=$?
kill "$r" "$g" 2>/dev/null
exit "$s"`;

/** What a host says of the connection by which it is reached: `client port server port`, or nothing. */
export const OWN = `printf '%s' "$SSH_CONNECTION"`;

/** Interfaces of a process's network namespace and of the host, with the indices of their other ends. Argument: PID. */
export const LINKS = `
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
case $1 in ''|*[!0-9]*) exit 64;; esac
[ -e "/proc/$1/ns/net" ] || exit 3
if [ "/proc/$1/ns/net" -ef "/proc/$$/ns/net" ]; then echo 'same'; exit 0; fi
if ! nsenter -t "$1" -n ip -o link show 2>/dev/null; then
  for d in "/proc/$1/root/sys/class/net"/*; do
    printf '%s: %s@if%s:\\n' "$(head -c 16 "$d/ifindex")" "\${d##*/}" "$(head -c 16 "$d/iflink")"
  done
fi
echo 'host'
for d in /sys/class/net/*; do
  printf '%s: %s@if%s:\\n' "$(head -c 16 "$d/ifindex")" "\${d##*/}" "$(head -c 16 "$d/iflink")"
done`;

/**
 * A process as one sample sees it: its stat each time, read by the shell itself as there is one of it for every process and sample;
 * what a process has from its execve(2) on, once for each that is new. A name with a line feed in it (15 bytes at most, so it
 * forges no line of stat) is left to head(1).
 */
const PROCESS = `
known=' '
process() {
  q=$1 x= k=
  { IFS= read -r x <"/proc/$q/stat"; } 2>/dev/null || return 0
  case $x in *") "*) k=\${x%") "*}; set -- \${x##*") "};; *) set --;; esac
  if [ -n "\${20}" ]; then
    frame file "$q" stat 0 printf '%s\\n' "$x"
    # a child of kthreadd is the kernel's own: it has no command line and is in no container
    if [ "$2" = 2 ]; then return 0; fi
    k="<$k \${20}>"
    case $known in *" $k "*) return 0;; esac
    if [ "\${#known}" -gt 200000 ]; then known=' '; fi
    known="$known$k "
  else
    file "$q" stat
  fi
  mem "$q" cmdline
  file "$q" cgroup
}`;

/**
 * Samples of sockets until `stop` comes, one more after that. Arguments behind the source's name: seconds between two, seconds after
 * which it ends whatever happens, then what a sample needs. Each sample is `sample`, frames, `sample.end`.
 */
function samples(one: string): string {
  return `exec 4<&0
${PRELUDE}
# what is ended below has names of its own: the functions above use short ones, and a wrong number would end another process
every=$1 most=$2; shift 2
case $every in ''|*[!0-9.]*|*.*.*|.*|?????????*) exit 64;; esac
number "$most" || exit 64
${PROCESS}${NET}
L=33554432
sample() {
  nets=
  ${one}
}
X=
trap 'X=1' TERM
{
  while IFS= read -r w; do case $w in stop) break;; esac; done
  kill -TERM $$
} <&4 >/dev/null 2>&1 3>&- & listener=$!
exec 4<&-
until=$(($(date +%s) + most))
begin
while :; do
  last=$X
  frame output - sample 0 date -u '+%s.%N'
  sample "$@"
  frame output - sample.end 0 date -u '+%s.%N'
  if [ -n "$last" ] || [ "$(date +%s)" -ge "$until" ]; then break; fi
  if [ -z "$X" ]; then
    sleep "$every" >/dev/null 2>&1 3>&- & pause=$!
    wait "$pause"; kill "$pause" 2>/dev/null
  fi
done
kill "$listener" 2>/dev/null
printf '%s end\\n' "$B"
`;
}

/** Of a container: its id and the PID of its first process. */
export const CONTAINER_SAMPLES = samples(`${MEMBERS}
  members
  for q in $P; do
    process "$q"
    links "$q" exe fd ns/net
    net "$q"
  done`);

/** Of the whole host: every network namespace that a process is in. */
export const HOST_SAMPLES = samples(`
  for d in /proc/[0-9]*; do
    q=\${d#/proc/}
    if [ "$q" = "$$" ]; then continue; fi
    process "$q"
    links "$q" exe fd ns/net
    net "$q"
  done`);
