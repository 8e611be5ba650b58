import { LadingError } from '../../../shared/errors';
import { defineCollector } from '../collector';
import { atMost } from '../fs/host-file';

const READ = 'exec cat "$1"';

/** Where the kernel's text begins: zero where the kernel hides addresses (those of per-CPU variables are small in any case). */
const LOOK = "printf '%s\\n' \"$(grep -m 1 ' _stext$' /proc/kallsyms)\"; cat /proc/sys/kernel/kptr_restrict";

const FILES = [
  { path: '/proc/version', file: 'version', kind: 'text', title: 'The kernel’s version, as its banner says it' },
  { path: '/sys/kernel/btf/vmlinux', file: 'vmlinux.btf', kind: 'binary', title: 'The kernel’s types (BTF)' },
  { path: '/proc/kallsyms', file: 'kallsyms', kind: 'text', title: 'The kernel’s symbols with their addresses' },
  { path: '/sys/kernel/notes', file: 'kernel-notes', kind: 'binary', title: 'The kernel’s ELF notes: its build id' },
] as const;

export default defineCollector({
  id: 'host.symbols',
  version: '1.0.0',
  title: 'Types and symbols of the kernel',
  answers:
    'How are the structures of this very kernel laid out in memory, and where do they lie, as Volatility needs to know?',
  how: 'Reads /sys/kernel/btf/vmlinux, /proc/kallsyms, /proc/version and /sys/kernel/notes: a few megabytes, in place of a debug package of the kernel.',
  replaces: ['dwarf2json linux --elf vmlinux-dbg', 'cat /boot/System.map-$(uname -r)'],
  scope: 'host',
  volatility: 'host',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    const look = await ctx.host.exec(['sh', '-c', LOOK], { asRoot: true, signal: ctx.signal });
    const [first] = await Promise.all([atMost(look.stdout, 4096), atMost(look.stderr, 4096), look.done]);
    const [line = '', restrict = ''] = first.toString('latin1').split('\n');
    for (const { path, file, kind, title } of FILES) {
      if (file === 'kallsyms' && /^0+ /.test(line)) {
        await ctx.miss(
          'denied',
          `/proc/kallsyms hides the addresses, from root too (kptr_restrict is ${/^\d$/.test(restrict) ? restrict : 'unknown'}): without them no symbol file can be made. Writing 1 into /proc/sys/kernel/kptr_restrict would show them, and changes the host.`,
        );
        continue;
      }
      try {
        await ctx.capture({ file, kind, title }, ['sh', '-c', READ, 'lading', path], { asRoot: true });
      } catch (error) {
        if (!(error instanceof LadingError) || error.code !== 'COMMAND_FAILED') throw error;
        await ctx.miss('unreadable', `${path}: ${error.message}`);
      }
    }
  },
});
