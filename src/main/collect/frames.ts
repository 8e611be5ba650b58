import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ExhibitRecord, Target } from '../../shared/domain';
import type { CollectContext } from './collector';
import { EXECUTABLE, MEMBERS, NET, PRELUDE } from './frames-prelude';

const END = `printf '%s end\\n' "$B"\n`;

/** stat again at the end, since a PID may have gone to another process while it was read. */
const AGAIN = `frame file "$q" stat.after "$L" head -c "$L" "/proc/$q/stat"`;

const PROCESSES = `${PRELUDE}${MEMBERS}${EXECUTABLE}
fdinfo() { cd "/proc/$1/fdinfo" && exec grep -H '' *; }
threads() { cd "/proc/$1/task" && exec grep -H '' */comm; }
D=
for x in loginuid sessionid timens_offsets uid_map gid_map limits io; do if [ -e "/proc/$$/$x" ]; then D="$D $x"; fi; done
details() { cd "/proc/$1" && exec head -v -c 65536 $D; }
begin; members
for q in $P; do
  file "$q" stat
  file "$q" status
  mem "$q" cmdline
  mem "$q" environ
  links "$q" exe cwd root fd ns
  executable "$q"
  frame output "$q" fdinfo 0 fdinfo "$q"
  mem "$q" maps
  file "$q" mountinfo
  file "$q" cgroup
  file "$q" attr/current
  frame output "$q" details 0 details "$q"
  frame output "$q" task.comm 0 threads "$q"
  ${AGAIN}
done
${END}`;

/** The processes of a container and no more: a quick look before and after the container itself is asked. */
const MEMBER_TABLE = `${PRELUDE}${MEMBERS}
begin; members
for q in $P; do
  file "$q" stat
  file "$q" status
  mem "$q" cmdline
  links "$q" exe ns/pid
  ${AGAIN}
done
${END}`;

const SOCKETS = `${PRELUDE}${MEMBERS}${NET}
L=33554432
begin; members
for q in $P; do
  file "$q" stat
  links "$q" exe fd ns/net
  net "$q"
  ${AGAIN}
done
${END}`;

/**
 * The bytes of executables that the file system no longer has, or that lie in memory: deleted, from a memfd, on a tmpfs.
 * Each file once, at most 64 MiB of it and 256 MiB in all. Where
 * no process has one the script says nothing, which becomes a miss.
 */
const EXECUTABLES = `${PRELUDE}${MEMBERS}${EXECUTABLE}
X= Q=
for q in $P; do X="$X $q/exe"; done
cd /proc || exit 1
if find / -maxdepth 0 -printf '' 2>/dev/null; then
  gone=$(find $X -maxdepth 0 -lname '* (deleted)' 2>/dev/null)
else
  gone=$(for x in $X; do case $(readlink "$x" 2>/dev/null) in (*' (deleted)') printf '%s\\n' "$x";; esac; done)
fi
for x in $gone $(stat -f -L -c '%T %n' $X 2>/dev/null | grep -E '^(tmpfs|ramfs) '); do
  q=\${x%/exe}
  if number "$q"; then case " $Q " in *" $q "*) ;; *) Q="$Q $q";; esac; fi
done
if [ -z "$Q" ]; then exit 0; fi
begin; members
taken=' ' room=268435456 max=67108864
for q in $Q; do
  file "$q" stat
  links "$q" exe
  executable "$q"
  case $taken in *" $key "*) continue;; esac
  taken="$taken$key "
  if [ "$max" -gt "$room" ]; then max=$room; fi
  if [ "$max" -eq 0 ]; then frame note "$q" exe.left 0 printf 'size %s' "$z"; continue; fi
  frame file "$q" exe.bytes "$max" head -c "$max" "/proc/$q/exe"
  if [ "$z" -gt "$max" ]; then room=$((room - max)); else room=$((room - z)); fi
  ${AGAIN}
done
${END}`;

/** The whole host's process table, light: five reads a process, and no hash. */
const HOST_PROCESSES = `${PRELUDE}
L=1048576
begin
for d in /proc/[0-9]*; do
  q=\${d#/proc/}
  if [ "$q" = "$$" ]; then frame note "$q" self 0 printf 'this script'; fi
  file "$q" stat
  file "$q" status
  mem "$q" cmdline
  links "$q" exe ns/pid ns/net ns/mnt
  file "$q" cgroup
done
${END}`;

/** Every network namespace that a process of the host is in, and which process holds which socket. */
const HOST_SOCKETS = `${PRELUDE}${NET}
L=33554432
begin
for d in /proc/[0-9]*; do
  q=\${d#/proc/}
  if [ "$q" = "$$" ]; then continue; fi
  links "$q" exe fd ns/net
  net "$q"
done
${END}`;

const IDENTITY = `${PRELUDE}
begin
at() { frame file - "$1" "$L" head -c "$L" "$2"; }
at version /proc/version
at cmdline /proc/cmdline
at uptime /proc/uptime
at stat /proc/stat
at loadavg /proc/loadavg
at meminfo /proc/meminfo
at modules /proc/modules
at mountinfo /proc/self/mountinfo
at boot_id /proc/sys/kernel/random/boot_id
at hostname /proc/sys/kernel/hostname
at tainted /proc/sys/kernel/tainted
at core_pattern /proc/sys/kernel/core_pattern
at modprobe /proc/sys/kernel/modprobe
at randomize_va_space /proc/sys/kernel/randomize_va_space
at lsm /sys/kernel/security/lsm
for x in /etc/os-release /usr/lib/os-release; do if [ -e "$x" ]; then at os-release "$x"; break; fi; done
at machine-id /etc/machine-id
frame output - uname 0 uname -a
frame output - clk_tck 0 getconf CLK_TCK
frame output - id 0 id
${END}`;

const CLOCK = `${PRELUDE}
begin
frame output - date.utc 0 date -u '+%s.%N'
frame output - date.local 0 date '+%Y-%m-%dT%H:%M:%S%z %Z'
frame file - uptime "$L" head -c "$L" /proc/uptime
frame file - stat "$L" head -c "$L" /proc/stat
frame output - localtime 0 readlink /etc/localtime
if command -v chronyc >/dev/null 2>&1; then frame output - chronyc.tracking 0 $KILL chronyc -n tracking; fi
frame output - date.utc.after 0 date -u '+%s.%N'
${END}`;

/** Every script there is. Arguments: the source's name; for those of a container its id and the PID of its first process. */
export const SCRIPTS = {
  processes: PROCESSES,
  members: MEMBER_TABLE,
  sockets: SOCKETS,
  executables: EXECUTABLES,
  hostProcesses: HOST_PROCESSES,
  hostSockets: HOST_SOCKETS,
  identity: IDENTITY,
  clock: CLOCK,
} as const;

/**
 * Runs one script on the host, as root where it is said, and stores its output as an exhibit of kind 'frames'. Only digits, hex and fixed
 * words go along as arguments. The boundary goes on standard input, where no other process sees it.
 */
export function captureFrames(
  ctx: CollectContext,
  meta: { source: string; title: string },
  script: keyof typeof SCRIPTS,
  options: { args?: readonly string[]; asRoot: boolean },
): Promise<ExhibitRecord | undefined> {
  return ctx.capture(
    { file: `${meta.source}.frames`, kind: 'frames', title: meta.title },
    ['sh', '-c', SCRIPTS[script], 'lading', meta.source, ...(options.args ?? [])],
    {
      asRoot: options.asRoot,
      stdin: `${randomBytes(16).toString('hex')}
`,
    },
  );
}

const State = z.object({ State: z.object({ Pid: z.number().int().nonnegative() }) });

/**
 * The same for a container: its first process comes from the engine at that moment, the others from its control group and
 * its PID namespace. A container that ended meanwhile becomes a miss.
 */
export async function captureContainerFrames(
  ctx: CollectContext,
  target: Target,
  meta: { source: string; title: string },
  script: keyof typeof SCRIPTS,
): Promise<void> {
  const { State: state } = await ctx.engine.json(State, `/containers/${encodeURIComponent(target.id)}/json`);
  if (state.Pid === 0) {
    await ctx.miss('missing', 'The container ended before its processes could be looked at.');
    return;
  }
  await captureFrames(ctx, meta, script, { args: [target.id, String(state.Pid)], asRoot: true });
}
