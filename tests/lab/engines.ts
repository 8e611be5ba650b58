import type { HostSpec } from '../../src/shared/domain';
import type { LabHost } from './index';

/** Debian packages that the engines below need, for `startHost(name, { packages })`. */
export const ENGINE_PACKAGES = ['podman', 'crun', 'netavark', 'uidmap'];

/** Engines other than Docker with its defaults. */
export const ENGINES = {
  /** Docker that maps root in containers to another user, with its data in another folder (which then ends in the mapped ids). */
  remapped: '/run/docker-remap.sock',
  podman: '/run/podman/podman.sock',
  /** Podman of the user `dockeruser`, who has no other right. */
  rootless: '/run/user/2003/podman/podman.sock',
} as const;
export type LabEngine = keyof typeof ENGINES;

/** What the container does: adds a file, deletes one of the image's, writes a log line, stays. */
const WORK = 'echo planted > /tmp/planted; rm /bin/head; echo a log line; exec sleep 86400';

const IMAGE = `
r=$(mktemp -d); cd "$r"; mkdir -p bin tmp; cp /bin/busybox bin/; for a in sh sleep cat head rm; do ln -s busybox bin/$a; done
tar -cf /tmp/engine-image.tar .; chmod 644 /tmp/engine-image.tar; cd /; rm -rf "$r"
until_answers() { for _ in $(seq 100); do [ -S "$1" ] && return; sleep 0.1; done; echo "no engine at $1" >&2; exit 1; }
`;

/** How each is started with one container, \`one\`. Under hybrid cgroups crun refuses, so Podman is told to use runc. */
const START: Record<LabEngine, string> = {
  remapped: `
grep -q dockremap /etc/subuid 2>/dev/null || { useradd -r dockremap; for f in subuid subgid; do echo dockremap:100000:65536 >>/etc/$f; done; }
mkdir -p /srv/docker-remap
setsid dockerd --config-file /dev/null --userns-remap=default --data-root /srv/docker-remap -H unix://${ENGINES.remapped} --exec-root /run/docker-remap \\
  --pidfile /run/docker-remap.pid --bridge none --iptables=false >/var/log/docker-remap.log 2>&1 </dev/null &
until_answers ${ENGINES.remapped}
d() { docker -H unix://${ENGINES.remapped} "$@"; }
for _ in $(seq 100); do d info >/dev/null 2>&1 && break; sleep 0.1; done
d import /tmp/engine-image.tar lading/engine:1 >/dev/null
d rm -f one >/dev/null 2>&1 || true; d run -d --name one --network none lading/engine:1 sh -c '${WORK}' >/dev/null
`,
  podman: `
export PODMAN_IGNORE_CGROUPSV1_WARNING=1
mkdir -p /run/podman; setsid podman system service --time=0 unix://${ENGINES.podman} >/var/log/podman.log 2>&1 </dev/null &
until_answers ${ENGINES.podman}
podman import -q /tmp/engine-image.tar lading/engine:1 >/dev/null; podman rm -fi one >/dev/null
podman --runtime runc --cgroup-manager cgroupfs run -d --name one --network none lading/engine:1 sh -c '${WORK}' >/dev/null
`,
  rootless: `
grep -q dockeruser /etc/subuid 2>/dev/null || for f in subuid subgid; do echo dockeruser:200000:65536 >>/etc/$f; done
mkdir -p /run/user/2003/podman; chown -R dockeruser /run/user/2003; chmod 700 /run/user/2003; cd /home/dockeruser
as() { setpriv --reuid dockeruser --regid dockeruser --clear-groups env HOME=/home/dockeruser XDG_RUNTIME_DIR=/run/user/2003 PODMAN_IGNORE_CGROUPSV1_WARNING=1 "$@"; }
as setsid podman system service --time=0 unix://${ENGINES.rootless} >/var/log/podman-rootless.log 2>&1 </dev/null &
until_answers ${ENGINES.rootless}
as podman import -q /tmp/engine-image.tar lading/engine:1 >/dev/null; as podman rm -fi one >/dev/null
as podman --runtime runc --cgroup-manager cgroupfs run -d --name one --network none lading/engine:1 sh -c '${WORK}' >/dev/null
`,
};

/** Starts one beside the host's Docker engine, with the container \`one\`; says how to connect to it. Ends with the lab host. */
export async function startEngine(host: LabHost, engine: LabEngine): Promise<HostSpec> {
  await host.output(['bash', '-euc', IMAGE + START[engine]]);
  const spec = engine === 'rootless' ? host.specFor('dockeruser') : host.spec;
  return { ...spec, address: spec.address + ENGINES[engine] };
}
