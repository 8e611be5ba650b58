import type { IsfType } from './isf';

const struct = (name: string): IsfType => ({ kind: 'struct', name });
const base = (name: string): IsfType => ({ kind: 'base', name });
const pointer = (subtype: IsfType): IsfType => ({ kind: 'pointer', subtype });
const array = (subtype: IsfType, count = 0): IsfType => ({ kind: 'array', count, subtype });
const routine: IsfType = { kind: 'function' };
const long = base('long unsigned int');
const word = base('unsigned int');
const char = base('char');

/** The structure around the kernel's timekeeper, which the kernel declares where it is used and BTF does not name. */
export const TIMEKEEPER = 'memlab_tk_core';

const OPERATIONS = ['tcp4', 'tcp6', 'udp', 'udp6', 'raw', 'raw6', 'unix', 'packet', 'arp'];
const FAMILIES = { tcp4: 'tcp', tcp6: 'tcp', udp4: 'udp', udp6: 'udp', udplite4: 'udp', udplite6: 'udp' };

/** Types of the kernel's variables that Volatility's plugins follow: BTF has those of per-CPU variables only. */
export const VARIABLES: Readonly<Record<string, IsfType>> = {
  init_task: struct('task_struct'),
  init_files: struct('files_struct'),
  init_mm: struct('mm_struct'),
  init_pid_ns: struct('pid_namespace'),
  init_top_pgt: array(struct('pgd_t')),
  modules: struct('list_head'),
  mod_tree: struct('mod_tree_root'),
  module_kset: pointer(struct('kset')),
  net_namespace_list: struct('list_head'),
  prb: pointer(struct('printk_ringbuffer')),
  printk_rb_static: struct('printk_ringbuffer'),
  printk_rb_dynamic: struct('printk_ringbuffer'),
  log_buf: pointer(char),
  log_buf_len: word,
  prog_idr: struct('idr'),
  iomem_resource: struct('resource'),
  idt_table: array(struct('gate_struct'), 256),
  socket_file_ops: struct('file_operations'),
  sockfs_dentry_operations: struct('dentry_operations'),
  tty_drivers: struct('list_head'),
  keyboard_notifier_list: struct('atomic_notifier_head'),
  ftrace_ops_list: pointer(struct('ftrace_ops')),
  ftrace_list_end: struct('ftrace_ops'),
  ftrace_mod_maps: struct('list_head'),
  ftrace_ops_trampoline_list: struct('list_head'),
  cap_last_cap: base('int'),
  bpf_kallsyms: struct('list_head'),
  bpf_tree: struct('latch_tree_root'),
  kallsyms_num_syms: word,
  kallsyms_names: array(base('unsigned char')),
  kallsyms_offsets: array(base('int')),
  kallsyms_relative_base: long,
  kallsyms_markers: array(word),
  kallsyms_token_table: array(char),
  kallsyms_token_index: array(base('short unsigned int')),
  kallsyms_seqs_of_names: array(base('unsigned char')),
  sys_call_table: array(pointer(routine)),
  ia32_sys_call_table: array(pointer(routine)),
  vmemmap_base: long,
  mem_section: pointer(pointer(struct('mem_section'))),
  node_data: array(pointer(struct('pglist_data'))),
  tk_core: struct(TIMEKEEPER),
  registered_fb: array(pointer(struct('fb_info')), 32),
  num_registered_fb: base('int'),
  taint_flags: array(struct('taint_flag'), 19),
  fair_sched_class: struct('sched_class'),
  _text: array(char),
  _etext: array(char),
  _stext: array(char),
  _end: array(char),
  _sinittext: array(char),
  _einittext: array(char),
  linux_banner: array(char),
  module_addr_min: long,
  module_addr_max: long,
  __start___tracepoints_ptrs: array(base('int')),
  __stop___tracepoints_ptrs: array(base('int')),
  total_sleep_time: struct('timespec64'),
  wall_to_monotonic: struct('timespec64'),
  ...Object.fromEntries(OPERATIONS.map((name) => [`${name}_seq_ops`, struct('seq_operations')])),
  ...Object.fromEntries(
    Object.entries(FAMILIES).map(([name, of]) => [`${name}_seq_afinfo`, struct(`${of}_seq_afinfo`)]),
  ),
};

/** Names that a structure has in other versions of the kernel, and what then the variables are. */
export const RENAMED: Readonly<Record<string, Readonly<Record<string, IsfType>>>> = {
  gate_desc: { idt_table: array(struct('gate_desc'), 256) },
  pg_data_t: { node_data: array(pointer(struct('pg_data_t'))) },
};
