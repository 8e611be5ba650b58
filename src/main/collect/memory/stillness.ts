import { PassThrough, Readable } from 'node:stream';
import type { CollectContext } from '../collector';
import { atMost } from '../fs/host-file';
import { wire } from './wire';

/**
 * Says when a container's first process stands still and when it goes on: frozen by its control group, or held by a tracer. Looks about
 * every 10 ms; touches nothing. Ends when its standard input ends. Arguments: the container's id, its first PID.
 */
const WATCH = `
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
id=$1 pid=$2 at=
case $id in *[!0-9a-f]*|'') exit 64;; esac
case $pid in *[!0-9]*|'') exit 64;; esac
exec 4<&0 </dev/null
for x in $(find /sys/fs/cgroup -path "*$id*" '(' -name cgroup.freeze -o -name freezer.state ')' 2>/dev/null); do
  case $x in *"$id"*/*/*) ;; *) case $at in *freezer.state) ;; *) at=$x;; esac;; esac
done
end= n=0
trap 'end=1' TERM
{ cat <&4 >/dev/null; kill -TERM $$; } 2>/dev/null &
was=goes
printf 'watching\\n'
while :; do
  IFS= read -r l < "/proc/$pid/stat" || exit 0
  now=goes w=
  case \${l##*')'} in ' t'*|' T'*) now=still;; esac
  if [ -n "$at" ]; then IFS= read -r w < "$at"; fi
  case $w in 1|FROZEN|FREEZING) now=still;; esac
  if [ "$now" != "$was" ]; then read -r u w < /proc/uptime; printf '%s %s\\n' "$now" "$u"; was=$now; fi
  if [ -n "$end" ]; then
    # it may be let go a moment after the answer
    n=$((n + 1))
    if [ "$now" = goes ] || [ "$n" -gt 30 ]; then exit 0; fi
  fi
  sleep 0.01 2>/dev/null || sleep 1
done
`;

/** Seconds of standing still in a watch's answer; undefined where its end was not seen. */
export function stoodStill(text: string): number | undefined {
  let sum = 0;
  let since: number | undefined;
  for (const line of text.split('\n')) {
    const [, what, at] = /^(still|goes) (\d{1,12}\.\d\d)$/.exec(line) ?? [];
    if (what === 'still') since = Number(at);
    if (what === 'goes' && since !== undefined) {
      sum += Number(at) - since;
      since = undefined;
    }
  }
  return since === undefined ? Math.round(sum * 100) / 100 : undefined;
}

/** Does `work` and stores when the container stood still meanwhile. Gives what `work` gives, and the seconds. */
export async function watchStillness<T>(
  ctx: CollectContext,
  { id, pid }: { id: string; pid: number },
  work: () => Promise<T>,
): Promise<{ result: T; still: number | undefined }> {
  const argv = ['sh', '-c', WATCH, 'lading', id, String(pid)];
  const input = new PassThrough();
  const run = await ctx.host.exec(argv, { asRoot: true, stdin: input, signal: ctx.signal });
  const words = atMost(run.stderr, 65536).catch(() => Buffer.alloc(0));
  run.done.catch(() => undefined);
  const out = wire(run.stdout);
  let text = '';
  try {
    await out.line();
    const result = await work();
    input.end();
    text = (await out.rest(1 << 20)).toString('latin1');
    const still = stoodStill(text);
    await ctx.exhibit(
      {
        file: 'checkpoint.times.txt',
        kind: 'text',
        title: `When the container stood still (seconds since the host’s start), in all: ${still ?? 'its end was not seen'} s`,
      },
      Readable.from([Buffer.from(text === '' ? 'not seen to stand still\n' : text)]),
      async () => {
        const stderr = (await words).toString('utf8');
        const exit = await run.done;
        return { kind: 'exec', argv, asRoot: true, exit: exit.code, stderr, stderrBytes: Buffer.byteLength(stderr) };
      },
    );
    return { result, still };
  } finally {
    input.end();
    out.close();
  }
}
