import { Readable } from 'node:stream';
import type { ImportKind } from '../../shared/contract/import';
import type { ExhibitKind, ExhibitRecord, TargetRef } from '../../shared/domain';
import { visible } from '../../shared/visible';
import type { CaseSession } from '../cases/session';
import { type ImportCollector, provenanceOf } from './collectors';
import { rootFile } from './recognise/data-root';
import { bytesOf, type Survey } from './recognise/survey';
import { plainName } from './tar/names';
import { type Member, scanTar } from './tar/scan';
import { END, padding } from './tar/write';
import type { Packing } from './unpack';

/** Exhibits that are taken out of one archive, at most: a host with a thousand containers has some five thousand. */
const MAX_MEMBERS = 20_000;
/** The engine's small files on layers, gathered in memory into one exhibit: each, and all together. */
const LAYER_FILE = 64 << 10;
const LAYER_BYTES = 64 << 20;
const NOTES = 50;

export interface MembersOptions {
  session: CaseSession;
  importId: string;
  parent: ExhibitRecord;
  /** What the parent was taken for; members are looked for in data roots, UAC's output and saved images. */
  kind: ImportKind;
  packing: Packing;
  survey: Survey;
  /** The parent's bytes from the case, unpacked. */
  source(): AsyncIterable<Buffer>;
  signal: AbortSignal;
  count(record: ExhibitRecord): void;
  onBytes(bytes: number): void;
  onNote(note: string): void;
}

/** What a member becomes. */
interface Wanted {
  collector: ImportCollector;
  file: string;
  kind: ExhibitKind;
  title: string;
  target: TargetRef;
}

/**
 * Takes the members that analyzers work on out of an archive that is in the case, each by the evidence door, with the
 * archive's number and its own name there. The archive stays whole. A pure function of the archive: the same one gives
 * the same exhibits. Gives how many, and what was met that could not be taken.
 */
export async function takeMembers(options: MembersOptions): Promise<{ exhibits: number; notes: string[] }> {
  const { survey, signal } = options;
  const notes: string[] = [];
  const say = (note: string) => {
    if (notes.length < NOTES) notes.push(note);
    else if (notes.length === NOTES) notes.push('and more of the same');
  };
  let exhibits = 0;
  const layers = new Gathered();
  const looks = options.kind === 'data-root' || options.kind === 'uac' || options.kind === 'docker-save';
  if (!looks || (survey.root === undefined && survey.configs.size === 0)) return { exhibits, notes };
  const others = [...survey.names.dataRoots].filter((root) => root !== survey.root);
  if (others.length > 0)
    say(`data roots at other places in it were left alone: ${visible(others.join(', '), { max: 500 })}`);
  for await (const member of scanTar(options.source())) {
    signal.throwIfAborted();
    const path = plainName(member.name);
    if (path === undefined) continue;
    const wanted = wantedOf(path, survey);
    if (wanted === undefined) continue;
    const shown = visible(path, { max: 200 });
    if (member.type !== 'file') {
      if (member.type !== 'folder') say(`${shown} is a ${member.type}, not a file: it was not followed`);
      continue;
    }
    if (member.sparse) {
      say(
        `${shown} is stored without its holes, which are not its bytes: it is only in ${options.parent.id}; make the archive without --sparse to have it taken out`,
      );
      continue;
    }
    if (member.size === 0) continue;
    if (wanted === 'layer') {
      if (!(await layers.add(member)))
        say(`${shown} is larger than such a file ever is: it is only in ${options.parent.id}`);
      continue;
    }
    if (exhibits >= MAX_MEMBERS) {
      say(`more than ${MAX_MEMBERS} members could be taken out; the others are only in ${options.parent.id}`);
      break;
    }
    options.onNote(shown);
    const record = await storeMember(member, wanted, options);
    if (!record) continue;
    exhibits += 1;
    if (record.partial) say(`${shown}: ${record.reason}`);
  }
  if (layers.files > 0) {
    const record = await storeLayers(layers, options);
    if (record) exhibits += 1;
  }
  return { exhibits, notes };
}

/** What to do with a member of that name: store it, gather it, or nothing. */
function wantedOf(path: string, survey: Survey): Wanted | 'layer' | undefined {
  const file = path.split('/').at(-1) ?? path;
  const config = survey.configs.get(path);
  if (config !== undefined) return imageConfig(config, `${config}.json`, survey);
  const { root } = survey;
  if (root === undefined || !path.startsWith(root)) return undefined;
  const found = rootFile(path.slice(root.length));
  if (!found) return undefined;
  switch (found.what) {
    case 'config':
    case 'hostconfig':
    case 'log':
    case 'local log':
    case 'other log': {
      const name = survey.containers.get(found.container) || found.container.slice(0, 12);
      const target: TargetRef = { kind: 'container', id: found.container, name };
      const { collector, kind, what } = OF_CONTAINER[found.what];
      return { collector, file, kind, target, title: `${what}: ${visible(file, { max: 120 })}` };
    }
    case 'image':
      return imageConfig(found.image, `${found.image}.json`, survey);
    case 'repositories':
      return {
        collector: 'import.engine-repositories',
        file,
        kind: 'json',
        title: "Names of images on the engine's disk",
        target: { kind: 'host', id: 'imported', name: 'imported' },
      };
    case 'layer':
    case 'mount':
      return 'layer';
    case 'engine id':
      return undefined;
  }
}

const OF_CONTAINER = {
  config: { collector: 'import.container-config', kind: 'json', what: "Configuration on the engine's disk" },
  hostconfig: {
    collector: 'import.container-hostconfig',
    kind: 'json',
    what: "Host configuration on the engine's disk",
  },
  log: { collector: 'import.container-log', kind: 'log', what: "Log on the engine's disk" },
  'local log': { collector: 'import.container-local-log', kind: 'binary', what: 'Log of the driver local' },
  'other log': { collector: 'import.container-local-log', kind: 'binary', what: 'Log, packed or of a remote driver' },
} as const;

function imageConfig(id: string, file: string, survey: Survey): Wanted {
  return {
    collector: 'import.image-config',
    file,
    kind: 'json',
    title: 'Configuration and history of an image',
    target: { kind: 'image', id: `sha256:${id}`, name: survey.images.get(id) ?? id.slice(0, 12) },
  };
}

async function storeMember(
  member: Member,
  wanted: Wanted,
  options: MembersOptions,
): Promise<ExhibitRecord | undefined> {
  const { session, importId, parent, packing, signal, onBytes } = options;
  let have = 0;
  const body = async function* () {
    for await (const piece of member.body()) {
      have += piece.length;
      yield piece;
    }
  };
  // The repositories' target is the host that the archive is of.
  const target = wanted.target.kind === 'host' ? parent.target : wanted.target;
  const { record, broken } = await session.door.store(
    wanted,
    provenanceOf(session, importId, wanted.collector, target),
    Readable.from(body(), { objectMode: false }),
    () => ({
      kind: 'import',
      from: `${parent.id}, of which this is a member`,
      note: `Bytes ${member.offset}+${member.size} of the ${packing === 'none' ? '' : `${packing}-unpacked `}archive whose SHA-256 is ${parent.sha256}.`,
      parent: parent.id,
      member: member.name,
    }),
    {
      signal,
      onBytes,
      judge: () =>
        have < member.size ? `The archive ends ${member.size - have} bytes before this member's end.` : undefined,
    },
  );
  if (record) options.count(record);
  if (broken) throw broken;
  return record;
}

/** Members that become one tar archive again, header blocks and bodies as they stand. */
class Gathered {
  readonly parts: Buffer[] = [];
  files = 0;
  bytes = 0;
  left = 0;

  /** Whether there was room. */
  async add(member: Member): Promise<boolean> {
    if (member.size > LAYER_FILE || this.bytes + member.size > LAYER_BYTES) {
      this.left += 1;
      return false;
    }
    const body = await bytesOf(member);
    if (body.length < member.size) return false;
    const piece = Buffer.concat([member.head, body, padding(body.length)]);
    this.parts.push(piece);
    this.bytes += piece.length;
    this.files += 1;
    return true;
  }
}

async function storeLayers(layers: Gathered, options: MembersOptions): Promise<ExhibitRecord | undefined> {
  const { session, importId, parent, signal, onBytes } = options;
  const { record, broken } = await session.door.store(
    { file: 'layerdb.tar', kind: 'tar', title: "What the engine's disk says of layers and mounts" },
    provenanceOf(session, importId, 'import.engine-layers', parent.target),
    Readable.from([...layers.parts, END], { objectMode: false }),
    () => ({
      kind: 'import',
      from: `${parent.id}, of which these are members`,
      note: `${layers.files} members of layerdb, headers and bodies as they stand in the archive whose SHA-256 is ${parent.sha256}${layers.left > 0 ? `; ${layers.left} were too large and are only there` : ''}.`,
      parent: parent.id,
    }),
    { signal, onBytes },
  );
  if (record) options.count(record);
  if (broken) throw broken;
  return record;
}
