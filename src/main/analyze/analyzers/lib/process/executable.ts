import { visible } from '../../../../../shared/visible';
import { isInterpreter, isShell, programName } from '../commands';
import { citeArgv, citeFrames, citeLink, type Process } from './model';
import type { ProcessRule } from './rule';

const show = (path: string) => visible(path, { max: 300 });

/** ' Its SHA-256 is …', where it was hashed. */
const hashOf = ({ exe }: Process) => (exe?.sha256 ? ` Its SHA-256 is ${exe.sha256}.` : '');

function hashCites(process: Process) {
  const { exe } = process;
  return exe?.hashFrame ? citeFrames(process, 'exe.sha256') : [];
}

export const deletedExecutable: ProcessRule = {
  id: 'process.deleted-executable',
  version: '1',
  title: 'A process runs whose program file was deleted',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1070.004'],
  benign: 'An upgrade replaces the file of a running program as well. The bytes can still be read through /proc.',
  check: (process) => {
    const { exe } = process;
    if (!exe?.deleted || exe.memfd) return [];
    // a file may merely be called 'x (deleted)', or be deleted under one of several names
    const proven = exe.names === 0;
    const names = proven ? ' and no name of the file is left' : '';
    return [
      {
        claim: `${process.label} runs ${show(exe.path)}, which the kernel says is deleted${names}.${hashOf(process)}`,
        confidence: proven ? 'certain' : 'likely',
        cites: [...citeLink(process, 'exe'), ...citeFrames(process, 'exe.stat'), ...hashCites(process)],
      },
    ];
  },
};

/** runc copies itself into a memfd before it enters a container: a guard against CVE-2019-5736. */
const RUNC_COPY = /^\/memfd:runc_cloned:/;

export const memfdExecutable: ProcessRule = {
  id: 'process.memfd-executable',
  version: '1',
  title: 'A process runs from memory only',
  severity: 'critical',
  confidence: 'certain',
  techniques: ['T1620'],
  benign: 'runc runs so for a moment while a container or a command in it starts; hardly any other program does.',
  check: (process) => {
    const { exe } = process;
    if (!exe?.memfd) return [];
    const runc = RUNC_COPY.test(exe.path) && /^runc/.test(process.stat?.comm ?? '');
    return [
      {
        claim: `${process.label} runs ${show(exe.path)}: its program was never a file (memfd_create).${hashOf(process)}`,
        severity: runc ? 'low' : 'critical',
        cites: [...citeLink(process, 'exe'), ...hashCites(process)],
      },
    ];
  },
};

/** Folders that are for data which does not last; /run/ holds sockets and PID files. */
const TEMPORARY = /^\/(?:dev|tmp|var\/tmp|run|var\/run|var\/lock)\//;

/** Whether a path lies in a folder for temporary files. */
export function isTemporary(path: string): boolean {
  return TEMPORARY.test(path);
}

/** Whether a part of a path is hidden by a leading dot. */
export function isHidden(path: string): boolean {
  return /\/\.[^/]/.test(path);
}

export const temporaryExecutable: ProcessRule = {
  id: 'process.executable-temporary',
  version: '1',
  title: 'A program runs from a folder for temporary files',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1059.004', 'T1105'],
  benign: 'Installers and some runtimes unpack programs there and run them.',
  check: (process) => {
    const path = process.exe?.path;
    if (!path || process.exe?.memfd || !isTemporary(path)) return [];
    return [
      {
        claim: `${process.label} runs ${show(path)}.${hashOf(process)}`,
        cites: [...citeLink(process, 'exe'), ...hashCites(process)],
      },
    ];
  },
};

export const hiddenExecutable: ProcessRule = {
  id: 'process.executable-hidden',
  version: '1',
  title: 'A program runs from a hidden file or folder',
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1564.001'],
  benign: 'Version managers keep programs in hidden folders of a home (.nvm, .pyenv, .cargo).',
  check: (process) => {
    const path = process.exe?.path;
    if (!path || process.exe?.memfd || !isHidden(path)) return [];
    const usual = /\/\.(?:nvm|pyenv|rbenv|rustup|cargo|local|npm|asdf|sdkman|dotnet|venv|virtualenvs|deno|bun|volta)\//;
    if (usual.test(path) && !isTemporary(path)) return [];
    return [
      {
        claim: `${process.label} runs ${show(path)}.${hashOf(process)}`,
        cites: [...citeLink(process, 'exe'), ...hashCites(process)],
      },
    ];
  },
};

const KERNEL_NAME =
  /^\[.+\]$|^(?:kthreadd|kworker\/.*|ksoftirqd\/.*|migration\/.*|rcu_\w+|watchdog\/.*|kswapd\d*|khugepaged|kcompactd\d*|irq\/.*|jbd2\/.*|scsi_eh_\d+|cpuhp\/.*|kdevtmpfs|netns|oom_reaper|writeback|kauditd)$/;

export const fakeKernelThread: ProcessRule = {
  id: 'process.fake-kernel-thread',
  version: '1',
  title: 'A process calls itself a thread of the kernel',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1036.004', 'T1036.005'],
  benign: 'A program may choose any name for itself; there is hardly a reason for this one.',
  check: (process) => {
    const first = process.argv[0]?.text.trim() ?? '';
    const comm = process.stat?.comm ?? '';
    const named = KERNEL_NAME.test(first) ? first : KERNEL_NAME.test(comm) ? comm : undefined;
    // a thread of the kernel has no program file
    if (named === undefined || !process.exe || process.stat?.kernelThread) return [];
    return [
      {
        claim: `${process.label} goes by "${visible(named, { max: 100 })}" but is no thread of the kernel: its program is ${show(process.exe.path)}.`,
        cites: [...citeArgv(process), ...citeFrames(process, 'stat'), ...citeLink(process, 'exe')],
      },
    ];
  },
};

/** Names that intruders hide behind, as what a system runs of itself. */
const SYSTEM_NAMES = new Set(
  'systemd systemd-journald systemd-udevd systemd-logind init sshd cron crond rsyslogd syslogd dbus-daemon dockerd containerd containerd-shim runc udevd agetty getty auditd atd ntpd chronyd polkitd nginx apache2 httpd php-fpm mysqld postgres redis-server java'.split(
    ' ',
  ),
);

export const foreignName: ProcessRule = {
  id: 'process.foreign-name',
  version: '1',
  title: 'A process goes by the name of another program',
  severity: 'medium',
  confidence: 'possible',
  techniques: ['T1036.005'],
  benign: 'Links, wrappers and scripts give a program another name than its file has.',
  check: (process) => {
    const { exe } = process;
    if (!exe || exe.memfd) return [];
    const file = programName(exe.path);
    const names = [process.stat?.comm ?? '', programName(process.argv[0]?.text.split(/[\s:]/, 1)[0] ?? '')];
    const claimed = names.find((name) => SYSTEM_NAMES.has(name));
    // 'php-fpm8.2' and 'mysqld_safe' are versions of the name, 'busybox' has many, and the shebang's program runs scripts
    if (!claimed || file.startsWith(claimed) || claimed.startsWith(file) || file === 'busybox') return [];
    const script = process.argv.slice(1, 3).some(({ text }) => programName(text).startsWith(claimed));
    if (script && (isInterpreter(file) || isShell(file))) return [];
    return [
      {
        claim: `${process.label} goes by "${claimed}", but its program is ${show(exe.path)}.`,
        cites: [...citeFrames(process, 'stat', 'cmdline'), ...citeLink(process, 'exe')],
      },
    ];
  },
};

/** Programs that lend themselves to many names. */
const MANY_NAMES =
  /^(?:busybox|toybox|coreutils|node|java|dash|bash|ruby|perl|php|python|lua|tini|dumb-init|catatonit|docker-init)/;

export const otherName: ProcessRule = {
  id: 'process.renamed',
  version: '1',
  title: 'The name of a process fits neither its program nor its command',
  severity: 'low',
  confidence: 'possible',
  techniques: ['T1036.005'],
  benign: 'Programs name their threads and workers, and links have other names than the files that they mean.',
  check: (process) => {
    const { exe, stat, argv } = process;
    if (!exe || !stat || exe.memfd || stat.kernelThread) return [];
    const file = programName(exe.path);
    const near = (text: string) => {
      const name = programName(text).slice(0, 15);
      return name !== '' && (name.startsWith(stat.comm) || stat.comm.startsWith(name));
    };
    if (
      MANY_NAMES.test(file) ||
      near(file) ||
      argv.slice(0, 3).some(({ text }) => near(text.split(/\s/, 1)[0] ?? ''))
    ) {
      return [];
    }
    return [
      {
        claim: `${process.label} has the name "${visible(stat.comm, { max: 40 })}"; its program is ${show(exe.path)}.`,
        cites: [...citeFrames(process, 'stat'), ...citeLink(process, 'exe')],
      },
    ];
  },
};

/** Every rule of this file. */
export const executableRules: readonly ProcessRule[] = [
  deletedExecutable,
  memfdExecutable,
  temporaryExecutable,
  hiddenExecutable,
  fakeKernelThread,
  foreignName,
  otherName,
];
