import type { CarvedFile, MemoryCandidate, MemoryExhibit, MemoryHit, MemoryText } from '../../shared/contract/memory';
import type { ExhibitSummary } from '../../shared/domain';
import { masked } from '../analyze/analyzers/lib/secrets';
import type { Candidate } from '../analyze/memory/candidates';
import type { Carved } from '../analyze/memory/carve';
import { hexAddress, type MemorySpace, type Region, segmentFrom } from '../analyze/memory/layout';
import type { OpenMemory } from '../analyze/memory/open';
import { type MemoryHit as Hit, regionOf } from '../analyze/memory/search';
import type { MemoryText as Text } from '../analyze/memory/strings';

export type ExhibitFields = ReturnType<typeof summaryFields>;

/** Forms of analyze/memory as the contract says them. */
export function exhibitShape(record: ExhibitFields, opened: Pick<OpenMemory, 'layout' | 'unpacked'>): MemoryExhibit {
  const { layout, unpacked } = opened;
  return {
    ...aboutExhibit(record),
    form: layout.form,
    unpacked,
    faults: layout.faults,
    spaces: layout.spaces.map((space) => ({
      id: space.id,
      kind: space.kind,
      pid: space.pid ?? null,
      ppid: space.ppid ?? null,
      comm: space.comm ?? null,
      arguments: space.arguments ?? null,
      exe: space.exe ?? null,
      uid: space.uid ?? null,
      regions: space.regions.length,
      held: space.segments.reduce((sum, { length }) => sum + length, 0),
      size: Number(space.regions.reduce((sum, { start, end }) => sum + end - start, 0n)),
    })),
  };
}

/** One that could not be read, with the reason. */
export function brokenShape(record: ExhibitFields, reason: string): MemoryExhibit {
  return { ...aboutExhibit(record), form: 'raw', unpacked: false, faults: [reason], spaces: [] };
}

function aboutExhibit({ id, title, target, hostname, taken, partial, bytes }: ExhibitFields) {
  return { exhibit: id, title, target, hostname, taken, partial, bytes };
}

/** What is shown of an exhibit. */
export function summaryFields(record: {
  id: string;
  title: string;
  target: ExhibitSummary['target'];
  host?: { hostname: string };
  started: { local: string; host?: string };
  partial: boolean;
  bytes: number;
}) {
  const { id, title, target, partial, bytes } = record;
  return {
    id,
    title,
    target,
    hostname: record.host?.hostname ?? null,
    taken: record.started.host ?? record.started.local,
    partial,
    bytes,
  };
}

/** A place in an exhibit; in a packed one there is none but the whole. */
export const placeOf = (unpacked: boolean, offset: number, length: number): string =>
  unpacked ? 'whole' : `bytes:${offset}+${length}`;

interface Found {
  space: MemorySpace;
  address: bigint;
  offset: number;
  length: number;
}

const at = ({ space, address, offset, length }: Found, unpacked: boolean) => ({
  space: space.id,
  address: hexAddress(address),
  offset,
  length,
  locator: placeOf(unpacked, offset, length),
});

/** Bytes around a hit as text, a character a byte. */
const shownBytes = (bytes: Buffer): string => bytes.toString('latin1');

export function hitShape(hit: Hit, terms: readonly string[], unpacked: boolean): MemoryHit {
  const region = regionOf(hit);
  return {
    ...at(hit, unpacked),
    term: terms[hit.term] ?? '',
    encoding: hit.encoding,
    region: region ? regionWords(region) : '',
    perms: region?.perms ?? '????',
    before: shownBytes(hit.before),
    found: shownBytes(hit.found),
    after: shownBytes(hit.after),
  };
}

const regionWords = ({ name, kind, deleted }: Region): string => `${name || kind}${deleted ? ' (deleted)' : ''}`;

export function textShape(text: Text, unpacked: boolean): MemoryText {
  return { ...at(text, unpacked), encoding: text.encoding, text: text.text };
}

export function candidateShape(one: Candidate, unpacked: boolean, reveal: boolean): MemoryCandidate {
  const open = reveal || one.kind === 'URL';
  // what stands in a URL before the @ is a password
  const value =
    one.kind === 'URL' && !reveal
      ? one.value.replace(/(:\/\/[^\s:/@]{0,256}:)([^\s/@]{1,256})@/, (_, a: string, b: string) => `${a}${masked(b)}@`)
      : one.value;
  return {
    ...at(one, unpacked),
    kind: one.kind,
    what: one.what,
    value: open ? value : masked(one.value),
    masked: !open || value !== one.value,
    count: one.count,
  };
}

export function carvedShape(one: Carved, same: string[]): CarvedFile {
  const { pieces: _, address, space, ...rest } = one;
  return { ...rest, address: address === undefined ? null : hexAddress(address), space: space ?? null, same };
}

/** Bytes of a region that the exhibit has. */
export function heldOfRegion({ segments }: MemorySpace, { start, end }: Region): number {
  let held = 0n;
  for (let i = segmentFrom(segments, start); i < segments.length; i++) {
    const segment = segments[i];
    if (!segment || segment.address >= end) break;
    const last = segment.address + BigInt(segment.length);
    held += (last < end ? last : end) - (segment.address > start ? segment.address : start);
  }
  return Number(held);
}

/** Places in the source of stretches of an address space. */
export function heldPlaces(
  space: MemorySpace,
  address: bigint,
  held: readonly { from: number; length: number }[],
  unpacked: boolean,
) {
  return held.flatMap(({ from, length }) => {
    const start = address + BigInt(from);
    const segment = space.segments[segmentFrom(space.segments, start)];
    return segment
      ? [{ from, length, locator: placeOf(unpacked, segment.offset + Number(start - segment.address), length) }]
      : [];
  });
}
