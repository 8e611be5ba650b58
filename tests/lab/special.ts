import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostSpec } from '../../src/shared/domain';
import type { LabHost } from './index';

const PORT = 2222;

/**
 * A root of its own with busybox and nothing else that a command could be, in which a second sshd of the same host runs:
 * its programs are seen as on an appliance. Its engine's socket, /proc and the engine's root are those of the host.
 */
const BUSYBOX = `
root=/srv/busybox-host
[ -s /run/sshd2.pid ] && kill "$(cat /run/sshd2.pid)" 2>/dev/null && rm -f /run/sshd2.pid || :
rm -rf --one-file-system $root; mkdir -p $root/bin $root/etc/ssh $root/root/.ssh $root/proc $root/sys $root/dev $root/run $root/tmp
mkdir -p $root/var/lib/docker $root/var/log $root/var/empty $root/usr/sbin $root/usr/lib/openssh; ln -s ../run $root/var/run
cp /bin/busybox $root/bin/; for a in $(busybox --list | grep -vx busybox); do ln -s busybox "$root/bin/$a"; done
# sshd itself, where no PATH of a session leads
for p in /usr/sbin/sshd /usr/lib/openssh/sshd-session /usr/lib/openssh/sshd-auth; do
  [ -e $p ] || continue
  cp $p $root$p
  ldd $p | grep -o '/[^ ]*' | while read -r l; do mkdir -p "$root\${l%/*}"; cp -L "$l" "$root$l"; done
done
mv $root/usr/sbin $root/usr/lib/openssh/sbin
cp /etc/ssh/ssh_host_* $root/etc/ssh/; cp /root/.ssh/authorized_keys $root/root/.ssh/
cp /etc/machine-id $root/etc/; printf 'NAME=Busybox\\nPRETTY_NAME="Busybox only"\\n' >$root/etc/os-release
printf 'root:x:0:0::/root:/bin/sh\\nsshd:x:100:65534::/var/empty:/bin/false\\n' >$root/etc/passwd
printf 'root:*:20000:0:99999:7:::\\n' >$root/etc/shadow; printf 'root:x:0:\\n' >$root/etc/group
chmod 700 $root/root $root/root/.ssh; chmod 755 $root/var/empty
setsid unshare -m sh -c '
  for d in proc sys dev run var/lib/docker; do mount --rbind /$d '$root'/$d; done
  mkdir -p /run/sshd
  exec chroot '$root' /usr/lib/openssh/sbin/sshd -D -f /dev/null -p ${PORT} -o UsePAM=no -o StrictModes=no -o PidFile=/run/sshd2.pid -o SetEnv=PATH=/bin \\
    -E /var/log/sshd.log' </dev/null >/dev/null 2>&1 &
for i in $(seq 50); do [ -s /run/sshd2.pid ] && exit 0; sleep 0.1; done
cat $root/var/log/sshd.log; exit 1
`;

/** A host that has busybox and no other program: how to connect to it. Ends with the lab host. */
export async function busyboxHost(host: LabHost): Promise<HostSpec> {
  await host.output(['bash', '-euc', BUSYBOX]);
  const known = (await readFile(host.knownHosts, 'utf8')).replace(/^[^\s]+/gm, `[${host.address}]:${PORT}`);
  const knownHosts = join(host.dir, 'known_hosts_busybox');
  await writeFile(knownHosts, known);
  return { ...host.spec, address: `ssh://root@${host.address}:${PORT}`, knownHosts };
}

/** An image of busybox alone, for containers that are made in a moment. */
export async function tinyImage(host: LabHost, name: string): Promise<void> {
  const script = `cd "$(mktemp -d)"; mkdir -p bin tmp; cp /bin/busybox bin/; for a in sh sleep cat head; do ln -s busybox bin/$a; done
  tar -c . | docker import - "$1" >/dev/null; rm -rf "$PWD"`;
  await host.output(['bash', '-euc', script, 'bash', name]);
}

/** Makes a stopped container's log of the driver json-file so many bytes long, or a little more: whole, valid entries. */
export async function bigLog(host: LabHost, container: string, bytes: number): Promise<number> {
  const script = `
  f=$(docker inspect -f '{{.LogPath}}' "$1")
  line=$(head -c 15000 /dev/zero | tr '\\0' 'x')
  block=$(mktemp); for i in $(seq 70); do printf '{"log":"%s %s\\\\n","stream":"stdout","time":"2026-01-01T00:00:%02d.000000000Z"}\\n' "$line" $i $((i % 60)); done >$block
  size=$(stat -c %s $block); n=$((($2 + size - 1) / size))
  set --; for i in $(seq 64); do set -- "$@" $block; done
  while [ $n -ge 64 ]; do cat "$@"; n=$((n - 64)); done >>$f
  while [ $n -gt 0 ]; do cat $block; n=$((n - 1)); done >>$f
  rm $block; stat -c %s "$f"`;
  return Number(await host.output(['bash', '-euc', script, 'bash', container, String(bytes)]));
}
