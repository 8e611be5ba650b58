/** System calls of x86-64 that name files or run programs (arch/x86/entry/syscalls/syscall_64.tbl). Others keep their number. */
const X86_64: Readonly<Record<string, string>> = {
  2: 'open',
  4: 'stat',
  6: 'lstat',
  21: 'access',
  41: 'socket',
  42: 'connect',
  43: 'accept',
  49: 'bind',
  59: 'execve',
  62: 'kill',
  76: 'truncate',
  80: 'chdir',
  82: 'rename',
  83: 'mkdir',
  84: 'rmdir',
  85: 'creat',
  86: 'link',
  87: 'unlink',
  88: 'symlink',
  89: 'readlink',
  90: 'chmod',
  91: 'fchmod',
  92: 'chown',
  93: 'fchown',
  94: 'lchown',
  101: 'ptrace',
  105: 'setuid',
  133: 'mknod',
  155: 'pivot_root',
  161: 'chroot',
  165: 'mount',
  166: 'umount2',
  175: 'init_module',
  176: 'delete_module',
  188: 'setxattr',
  189: 'lsetxattr',
  197: 'removexattr',
  257: 'openat',
  258: 'mkdirat',
  259: 'mknodat',
  260: 'fchownat',
  262: 'newfstatat',
  263: 'unlinkat',
  264: 'renameat',
  265: 'linkat',
  266: 'symlinkat',
  268: 'fchmodat',
  269: 'faccessat',
  272: 'unshare',
  304: 'open_by_handle_at',
  308: 'setns',
  313: 'finit_module',
  316: 'renameat2',
  319: 'memfd_create',
  321: 'bpf',
  322: 'execveat',
  437: 'openat2',
};

/** The call's name for arch=c000003e (AUDIT_ARCH_X86_64); else its number. A log that was enriched says it itself. */
export function syscallName(arch: string | undefined, call: string): string {
  return (arch === 'c000003e' ? X86_64[call] : undefined) ?? call;
}

/** A value as auditd writes it: "quoted", or bare hex where it holds a blank, a quote or bytes beyond ASCII; (null) for none. */
export function auditText(value: string | undefined): string | undefined {
  if (value === undefined || value === '(null)' || value === '(none)' || value === '?') return undefined;
  if (value.startsWith('"')) return value.slice(1, value.endsWith('"') && value.length > 1 ? -1 : undefined);
  return /^(?:[0-9A-F]{2})+$/.test(value) ? Buffer.from(value, 'hex').toString('utf8') : value;
}

/** name=value pairs of a record; values may be quoted by " or by '. In a quoted msg='…' there are pairs again. */
export function auditPairs(text: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/([A-Za-z0-9_-]{1,64})=("[^"]*"|'[^']*'|[^\s'"\x1d]*)/g)) {
    if (name === undefined || value === undefined) continue;
    if (value.startsWith("'")) for (const [inner, its] of auditPairs(value.slice(1, -1))) pairs.set(inner, its);
    else if (!pairs.has(name)) pairs.set(name, value);
  }
  return pairs;
}
