import { BLOCK, isZero, readHeader, readPax, sumFits } from '../../import/tar/header';
import type { ByteSource } from './layout';

/** A plain file in an archive. */
export interface TarMember {
  /** Without './' before it. Hostile text. */
  name: string;
  /** Where its bytes begin in the archive. */
  offset: number;
  size: number;
  /** The archive ends inside it. */
  cut: boolean;
}

/** A checkpoint of a thousand processes has some ten thousand images. */
const MEMBERS_MAX = 1_000_000;
const EXTENDED_MAX = 1 << 20;

/**
 * Lists the plain files of a tar archive by its headers alone, passing over the contents: gigabytes of pages cost nothing.
 * Gives what there is before the first fault. Sparse members hold other bytes than their file's, and are told as faults.
 */
export async function tarMembers(source: ByteSource): Promise<{ members: TarMember[]; faults: string[] }> {
  const members: TarMember[] = [];
  const faults: string[] = [];
  let extended: { name?: string; size?: number; sparse?: boolean } = {};
  for (let at = 0; at + BLOCK <= source.size && members.length < MEMBERS_MAX; ) {
    const block = await source.read(at, BLOCK);
    if (isZero(block)) return { members, faults };
    const header = sumFits(block) ? readHeader(block) : undefined;
    if (!header) {
      faults.push(`There is no tar header at byte ${at}: what follows was not read.`);
      return { members, faults };
    }
    const body = at + BLOCK;
    if ('xgLK'.includes(header.type)) {
      if (header.size > EXTENDED_MAX) {
        faults.push(`An extended header at byte ${at} claims ${header.size} bytes: what follows was not read.`);
        return { members, faults };
      }
      const bytes = await source.read(body, header.size);
      if (header.type === 'x') extended = { ...extended, ...paxOf(bytes) };
      else if (header.type === 'L') extended.name = bytes.toString('utf8').replace(/\0[\s\S]*$/, '');
      at = body + padded(header.size);
      continue;
    }
    const size = extended.size ?? header.size;
    const name = (extended.name ?? header.name.toString('utf8')).replace(/^(\.?\/)+/, '');
    const plain = header.type === '0' || header.type === '7';
    if (header.type === 'S' || extended.sparse) faults.push(`${name} is stored without its holes and was not read.`);
    else if (plain) members.push({ name, offset: body, size, cut: body + size > source.size });
    extended = {};
    at = body + (plain || header.type === 'S' ? padded(size) : 0);
  }
  faults.push('The archive ends without its end mark: it is not whole.');
  return { members, faults };
}

const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

function paxOf(bytes: Buffer): { name?: string; size?: number; sparse?: boolean } {
  const records = readPax(bytes);
  const size = records.get('size')?.toString('latin1');
  return {
    ...(records.has('path') && { name: records.get('path')?.toString('utf8') }),
    ...(size !== undefined && /^\d{1,15}$/.test(size) && { size: Number(size) }),
    ...([...records.keys()].some((key) => key.startsWith('GNU.sparse.')) && { sparse: true }),
  };
}
