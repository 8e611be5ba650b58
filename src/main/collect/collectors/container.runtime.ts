import { defineCollector } from '../collector';
import { captureHostFiles, containerId } from '../host-files';

/** Where a control group of a container lies, by driver (cgroupfs, systemd, Podman) and version. */
const FOLDERS = (id: string) =>
  ['', '/unified'].flatMap((top) => [
    `/sys/fs/cgroup${top}/docker/${id}`,
    `/sys/fs/cgroup${top}/system.slice/docker-${id}.scope`,
    `/sys/fs/cgroup${top}/machine.slice/libpod-${id}.scope`,
    `/sys/fs/cgroup${top}/machine.slice/libpod-${id}.scope/container`,
    `/sys/fs/cgroup${top}/user.slice/user-*.slice/user@*.service/user.slice/docker-${id}.scope`,
    `/sys/fs/cgroup${top}/user.slice/user-*.slice/user@*.service/user.slice/libpod-${id}.scope`,
  ]);
/** Of version 1, one hierarchy a controller. */
const HIERARCHIES = (id: string) =>
  [`docker/${id}`, `system.slice/docker-${id}.scope`, `machine.slice/libpod-${id}.scope`].map(
    (folder) => `/sys/fs/cgroup/*/${folder}`,
  );

export default defineCollector({
  id: 'container.runtime',
  version: '1.0.0',
  title: 'State of the runtime',
  answers:
    'What does the runtime say of the container, beneath the engine: state, OCI configuration, control groups, use of memory, CPU, disk?',
  how: 'Reads the state of runc, the task’s folder of containerd and the files of the container’s control groups.',
  replaces: [
    'cat /run/docker/runtime-runc/moby/<container_id>/state.json',
    'cat /sys/fs/cgroup/memory/docker/<container_id>/memory.stat',
    'runc --root /run/docker/runtime-runc/moby state <container_id>',
  ],
  scope: 'container',
  volatility: 'process',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root'],
  async collect(ctx, target) {
    const id = containerId(target.id);
    const tasks = [
      '/run/containerd/io.containerd.runtime.v*.task/*',
      '/run/docker/containerd/daemon/io.containerd.runtime.v*.task/*',
      '/run/user/*/docker/containerd/daemon/io.containerd.runtime.v*.task/*',
    ].map((folder) => `${folder}/${id}`);
    const states = [
      '/run/docker/runtime-*/*',
      '/run/containerd/runc/*',
      '/run/runc',
      '/run/crun',
      '/run/user/*/docker/runtime-*/*',
      '/run/user/*/crun',
      '/run/user/*/runc',
    ].map((folder) => `${folder}/${id}`);
    await captureHostFiles(ctx, {
      source: 'container.runtime',
      title: 'State of the runtime',
      nothing: 'Neither runc nor containerd nor a control group of the host knows this container: it does not run.',
      parts: [
        { as: 'state', files: states.flatMap((folder) => [`${folder}/state.json`, `${folder}/status`]) },
        // rootfs of the task is the container's own file system: only what lies beside it
        { as: 'task', list: tasks, depth: 1 },
        {
          as: 'task',
          files: tasks.flatMap((folder) =>
            [
              'config.json',
              'init.pid',
              'runtime',
              'options.json',
              'address',
              'bootstrap.json',
              'shim-binary-path',
              'log.json',
            ].map((name) => `${folder}/${name}`),
          ),
        },
        // every file of them; those that can only be written (memory.reclaim) say so
        { as: 'cgroup', files: [...FOLDERS(id), ...HIERARCHIES(id)].map((folder) => `${folder}/[a-z]*.*`) },
      ],
    });
  },
});
