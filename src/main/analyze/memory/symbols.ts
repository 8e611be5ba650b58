import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExhibitRecord } from '../../../shared/domain';
import { evidenceFile } from '../context';
import { buildIsf } from '../formats/isf';

/** BTF and kallsyms have a few megabytes each; more is an attack. */
const PART_MAX = 256 << 20;
const PARTS = ['vmlinux.btf', 'kallsyms', 'version'] as const;

/** Goes up when the same exhibits give another symbol file. */
const VERSION = 1;

/**
 * Volatility runs this plugin only where the symbol file says it is from dwarf2json 0.8.0 or later, since older ones lacked what it follows;
 * Lading's file has that. So it gets a file of its own that says so, whose folder, and with it the ledger, says what it is.
 */
const AS_DWARF2JSON = { name: 'dwarf2json', version: '0.8.0' };
const ASKS_FOR_IT = 'linux.malware.hidden_modules.Hidden_modules';

/**
 * The folder with the symbol file of the kernel that an image of a host's memory is of, built from what host.symbols took from the same
 * host: of several takings the last that is whole. It lies below derived/ and can be deleted. Undefined where the case has none. Throws
 * CASE_DAMAGED and what buildIsf says of exhibits that are none.
 */
export async function symbolsFor(
  dir: string,
  image: Pick<ExhibitRecord, 'host'>,
  records: readonly ExhibitRecord[],
  plugin: string,
): Promise<{ folder: string; exhibits: string[] } | undefined> {
  const host = image.host?.id;
  const taken = new Map<string, Map<string, ExhibitRecord>>();
  for (const one of records) {
    if (one.collector.id !== 'host.symbols' || one.host?.id !== host || host === undefined || one.partial) continue;
    if (one.bytes > PART_MAX) continue;
    const key = one.collection ?? '';
    taken.set(key, (taken.get(key) ?? new Map()).set(one.file, one));
  }
  const sets = [...taken.values()].flatMap((of) => {
    const parts = PARTS.flatMap((file) => of.get(file) ?? []);
    return parts.length === PARTS.length ? [parts] : [];
  });
  const [btf, kallsyms, version] = sets.at(-1) ?? [];
  if (!btf || !kallsyms || !version) return undefined;
  const hashes = [btf, kallsyms, version].map(({ sha256 }) => sha256.slice(0, 12)).join('-');
  const producer = plugin === ASKS_FOR_IT ? AS_DWARF2JSON : undefined;
  const name = `${VERSION}-${hashes}${producer ? '-of-lading-as-dwarf2json' : ''}`;
  const folder = join(dir, 'derived', 'memory', 'symbols', name);
  const file = join(folder, 'linux', 'kernel.json');
  if (!existsSync(file)) {
    const bytes = (one: ExhibitRecord) => readFile(evidenceFile(dir, one));
    const text = buildIsf(await bytes(btf), await bytes(kallsyms), await bytes(version), producer);
    await mkdir(join(folder, 'linux'), { recursive: true });
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  }
  return { folder, exhibits: [btf.id, kallsyms.id, version.id] };
}
