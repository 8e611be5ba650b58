import { PassThrough, Readable } from 'node:stream';
import type { Target } from '../../../shared/domain';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import type { CollectContext } from '../collector';
import { atMost } from '../fs/host-file';
import { wire } from './wire';

/** How often the host hears from here, and after how long without a word it lets the container go on, in seconds. */
const BEAT = 2;
export const SILENCE = 10;

/**
 * Freezes a container's control group and lets it go again in any case: when it is told to, when its standard input ends, when nothing is
 * heard for SILENCE seconds (a dead link), after the longest time allowed, and when this shell itself is killed (the timers are
 * processes of their own). The engine is not asked: it writes no event, and its own state cannot get stuck at "paused". Arguments: the
 * container's id, the longest time in seconds. Standard output: `frozen TIME`, then `thawed TIME held|early`; where somebody
 * else has frozen it, nothing is done: `already TIME`, then `left TIME held|early`, whether it still stood still.
 */
const PAUSE = `
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
id=$1 max=$2
case $id in *[!0-9a-f]*|'') exit 64;; esac
case $max in *[!0-9]*|'') exit 64;; esac
shortest() {
  at=
  for x in $(find /sys/fs/cgroup -path "*$id*" -name "$1" 2>/dev/null); do
    if [ -z "$at" ] || [ \${#x} -lt \${#at} ]; then at=$x; fi
  done
  [ -n "$at" ]
}
# Where both versions of control groups are mounted, that of version 2 may be empty.
shortest freezer.state || shortest cgroup.freeze
case $at in
  */cgroup.freeze) on=1 off=0 seen=\${at%/*}/cgroup.events word='frozen 1';;
  */freezer.state) on=FROZEN off=THAWED seen=$at word=FROZEN;;
  *) printf 'No control group of the container can be frozen on this host.\\n' >&2; exit 3;;
esac
frozen() { grep -qx "$word" "$seen"; }
now() { date -u '+%s.%N'; }
if frozen; then
  how=held
  printf 'already %s\\n' "$(now)"
  while IFS= read -r w; do if ! frozen; then how=early; fi; if [ "$w" = go ]; then break; fi; done
  if ! frozen; then how=early; fi
  printf 'left %s %s\\n' "$(now)" "$how"; exit 0
fi
trap '' HUP INT TERM PIPE
thaw() { printf '%s\\n' "$off" > "$at"; }
after() { sleep "$1"; thaw; }
after "$max" >/dev/null 2>&1 </dev/null & longest=$!
after ${SILENCE} >/dev/null 2>&1 </dev/null & silence=$!
printf '%s\\n' "$on" > "$at" || { thaw; kill -9 $longest $silence; exit 4; }
n=0
until frozen; do
  n=$((n + 1))
  if [ $n -gt 100 ]; then thaw; kill -9 $longest $silence; printf 'It did not stand still in time.\\n' >&2; exit 4; fi
  sleep 0.05 2>/dev/null || sleep 1
done
printf 'frozen %s\\n' "$(now)"
while IFS= read -r w; do
  kill -9 $silence 2>/dev/null
  if [ "$w" = go ]; then break; fi
  after ${SILENCE} >/dev/null 2>&1 </dev/null & silence=$!
done
if frozen; then how=held; else how=early; fi
thaw; kill -9 $longest $silence 2>/dev/null
printf 'thawed %s %s\\n' "$(now)" "$how"
`;

/** The command that freezes and lets go. */
export function pauseCommand(id: string, longest: number): string[] {
  return ['sh', '-c', PAUSE, 'lading', id, String(longest)];
}

/**
 * Does `work` while the container stands still, at most `longest` seconds; what happened when is an exhibit. The container goes on
 * however this ends. Throws NOT_POSSIBLE where it cannot be frozen, and what `work` throws.
 */
export async function whilePaused(
  ctx: CollectContext,
  target: Target,
  longest: number,
  work: () => Promise<void>,
): Promise<void> {
  const argv = pauseCommand(target.id, longest);
  const beats = new PassThrough();
  const run = await ctx.host.exec(argv, { asRoot: true, stdin: beats, signal: ctx.signal });
  const words = atMost(run.stderr, 65536).catch(() => Buffer.alloc(0));
  run.done.catch(() => undefined);
  const out = wire(run.stdout);
  const beat = setInterval(() => beats.write('beat\n'), BEAT * 1000);
  let said = '';
  try {
    const first = await out.line();
    if (!first?.startsWith('frozen ') && !first?.startsWith('already ')) {
      const why = visible((await words).toString('utf8').trim(), { max: 300 });
      throw new LadingError('NOT_POSSIBLE', `The container could not be made to stand still: ${why}`, {
        advice: 'Take its memory without a pause (process.memory).',
      });
    }
    said = `${first}\n`;
    await work();
  } finally {
    clearInterval(beat);
    beats.end('go\n');
    said += (await out.rest(4096).catch(() => Buffer.alloc(0))).toString('latin1');
    out.close();
    if (said !== '' && !ctx.signal.aborted) await recordPause(ctx, argv, said, run.done, words);
  }
}

async function recordPause(
  ctx: CollectContext,
  argv: string[],
  said: string,
  done: Promise<{ code: number | null; signal?: string }>,
  words: Promise<Buffer>,
): Promise<void> {
  await ctx.exhibit(
    { file: 'pause.txt', kind: 'text', title: 'When the container stood still (the host’s clock, in seconds)' },
    Readable.from([Buffer.from(said)]),
    async () => {
      const stderr = (await words).toString('utf8');
      const exit = await done;
      return { kind: 'exec', argv, asRoot: true, exit: exit.code, stderr, stderrBytes: stderr.length };
    },
    () =>
      / held$/m.test(said)
        ? undefined
        : 'The container went on before the reading ended: its processes changed while they were read.',
  );
}
