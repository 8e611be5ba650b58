import { type MemoryMap, parseMaps } from './proc-maps';

/** A mapping with what /proc/PID/smaps says of its pages (proc_pid_smaps(5)), in bytes. */
export interface MappingUse extends MemoryMap {
  /** In RAM now. */
  resident: number;
  swapped: number;
  /** Pages that belong to no file: the process's own, or changed copies of a file's. */
  anonymous: number;
  /** Changed since they were read from their file, or without one. */
  dirty: number;
  /** Two letters each: 'rd', 'io', 'pf', 'dd'. Empty where the kernel does not say. */
  flags: string[];
}

const FIELD = /^([A-Za-z_]+): +(\d{1,15})(?: kB)?$/;

/** Reads smaps. What is no line of it is counted in `unreadable`; a cut-off text gives what was whole. */
export function parseSmaps(bytes: Buffer): { mappings: MappingUse[]; unreadable: number } {
  const mappings: MappingUse[] = [];
  let unreadable = 0;
  let now: MappingUse | undefined;
  for (const line of bytes.toString('latin1').split('\n')) {
    if (line === '') continue;
    const [, name, digits] = FIELD.exec(line) ?? [];
    if (name !== undefined && now) {
      const size = Number(digits) * 1024;
      if (name === 'Rss') now.resident = size;
      else if (name === 'Swap') now.swapped = size;
      else if (name === 'Anonymous') now.anonymous = size;
      else if (name === 'Private_Dirty' || name === 'Shared_Dirty') now.dirty += size;
    } else if (line.startsWith('VmFlags:') && now) {
      now.flags = line.slice(8).trim().split(/ +/);
    } else {
      // latin1 keeps each byte of a path, which is then read as UTF-8 like that of maps
      const [mapping] = parseMaps(Buffer.from(line, 'latin1')).maps;
      if (!mapping) {
        unreadable += 1;
        continue;
      }
      now = { ...mapping, resident: 0, swapped: 0, anonymous: 0, dirty: 0, flags: [] };
      mappings.push(now);
    }
  }
  return { mappings, unreadable };
}
