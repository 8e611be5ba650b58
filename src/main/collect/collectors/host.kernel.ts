import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';

/** Settings that decide on what a container can reach, or that an intruder turns. */
const SETTINGS = [
  ...[
    'core_pattern',
    'core_pipe_limit',
    'modprobe',
    'poweroff_cmd',
    'hotplug',
    'tainted',
    'modules_disabled',
    'kptr_restrict',
  ],
  ...[
    'dmesg_restrict',
    'perf_event_paranoid',
    'unprivileged_bpf_disabled',
    'unprivileged_userns_clone',
    'randomize_va_space',
  ],
  ...['yama/ptrace_scope', 'kexec_load_disabled', 'ftrace_enabled', 'seccomp/actions_avail', 'printk', 'sysrq'],
].map((name) => `/proc/sys/kernel/${name}`);

export default defineCollector({
  id: 'host.kernel',
  version: '1.0.0',
  title: 'Kernel of the host',
  answers: 'Which modules and eBPF programs are in the kernel, is it tainted, what guards it, and what did it log?',
  how: 'Reads /proc, /sys and the settings on the disk, and asks dmesg, and bpftool where the host has it.',
  replaces: [
    'dmesg',
    'lsmod',
    'cat /proc/modules',
    'bpftool prog show',
    'sysctl kernel.core_pattern',
    'sestatus',
    'aa-status',
  ],
  scope: 'host',
  volatility: 'host',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    await captureHostFiles(ctx, {
      source: 'host.kernel',
      title: 'Kernel of the host',
      nothing: 'The host shows nothing of its kernel.',
      parts: [
        { as: 'dmesg', run: ['dmesg'] },
        { as: 'modules', files: ['/proc/modules', '/proc/version', '/proc/cmdline', '/sys/module/*/taint'] },
        { as: 'modules.listed', list: ['/sys/module'] },
        {
          as: 'setting',
          files: [
            ...SETTINGS,
            '/proc/sys/user/max_user_namespaces',
            '/proc/sys/fs/suid_dumpable',
            '/proc/sys/vm/mmap_min_addr',
          ],
        },
        {
          as: 'guard',
          files: [
            ...['/sys/kernel/security/lsm', '/sys/kernel/security/lockdown', '/sys/kernel/security/apparmor/profiles'],
            ...[
              '/sys/fs/selinux/enforce',
              '/sys/fs/selinux/policyvers',
              '/etc/selinux/config',
              '/sys/kernel/security/ima/ascii_runtime_measurements',
            ],
          ],
        },
        // tracefs only where it is mounted: a look through debugfs would mount it
        {
          as: 'tracing',
          files: ['kprobe_events', 'uprobe_events', 'dynamic_events'].map((name) => `/sys/kernel/tracing/${name}`),
        },
        { as: 'probes', files: ['/sys/kernel/debug/kprobes/list'] },
        { as: 'bpf.pinned', list: ['/sys/fs/bpf'], depth: 6 },
        { as: 'bpf.programs', run: ['bpftool', '-j', 'prog', 'show'] },
        { as: 'bpf.maps', run: ['bpftool', '-j', 'map', 'show'] },
        { as: 'bpf.links', run: ['bpftool', '-j', 'link', 'show'] },
        { as: 'bpf.net', run: ['bpftool', '-j', 'net', 'show'] },
        {
          as: 'stored',
          files: [
            ...['/etc/modules', '/etc/modules-load.d/*', '/etc/modprobe.d/*', '/etc/sysctl.conf', '/etc/sysctl.d/*'],
            ...[
              '/usr/lib/sysctl.d/*',
              '/usr/lib/modules-load.d/*',
              '/usr/lib/modprobe.d/*',
              '/etc/ld.so.preload',
              '/etc/ld.so.conf',
              '/etc/ld.so.conf.d/*',
            ],
          ],
          follow: true,
        },
        { as: 'log', files: ['/var/log/kern.log*', '/var/log/dmesg*'], limit: 0 },
      ],
    });
  },
});
