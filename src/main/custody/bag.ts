import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaseData } from '../../shared/domain';
import { replaceFile } from './files';
import { sha256, sha256File } from './hash';
import { LEDGER_FILE } from './ledger';
import { EVIDENCE, RECORD_FILE } from './record';

/**
 * The case folder as a BagIt bag (RFC 8493). Evidence and its records are in manifest-sha256.txt with the payload;
 * ledger, seals, reports and case.json are tag files, in tagmanifest-sha256.txt. `derived/` is in neither: it can be
 * deleted and made again.
 */
export const MANIFEST = 'manifest-sha256.txt';
export const TAG_MANIFEST = 'tagmanifest-sha256.txt';
export const BAG_FILES = ['bagit.txt', 'bag-info.txt', MANIFEST, TAG_MANIFEST];
export const PAYLOAD = 'data';
const README = 'README.txt';

/**
 * Prepares bagit.txt, bag-info.txt, data/README.txt and the payload manifest; gives the manifest's SHA-256, and what puts
 * them in place. Until then the manifest that an earlier seal covers stays.
 */
export async function stageBag(
  dir: string,
  data: CaseData,
  tool: string,
  date: string,
): Promise<{ manifest: string; commit: () => Promise<void> }> {
  const readme = howToCheck(data);
  const octets = data.exhibits.reduce((sum, exhibit) => sum + exhibit.bytes, 0);
  const info: [string, string][] = [
    ['Source-Organization', data.agency ?? ''],
    ['Contact-Name', data.examiner],
    ['External-Identifier', data.number],
    ['External-Description', data.title],
    ['Internal-Sender-Identifier', data.id],
    ['Bagging-Date', date.slice(0, 10)],
    ['Bag-Software-Agent', tool],
    ['Payload-Oxum', `${Buffer.byteLength(readme)}.1`],
    ['Lading-Evidence-Oxum', `${octets}.${data.exhibits.length}`],
  ];
  const lines = info
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}: ${value.replace(/[\r\n]+/g, ' ')}\n`);
  const rows = [`${sha256(readme)}  ${PAYLOAD}/${README}\n`];
  for (const exhibit of data.exhibits) {
    rows.push(`${exhibit.sha256}  ${EVIDENCE}/${exhibit.id}/${exhibit.file}\n`);
    rows.push(`${exhibit.recordSha256}  ${EVIDENCE}/${exhibit.id}/${RECORD_FILE}\n`);
  }
  const manifest = rows.join('');
  return {
    manifest: sha256(manifest),
    // The manifest first: from it verify sees whether a crash came before or after the files beside it.
    commit: async () => {
      await replaceFile(join(dir, MANIFEST), manifest);
      await mkdir(join(dir, PAYLOAD), { recursive: true });
      await replaceFile(join(dir, PAYLOAD, README), readme);
      await replaceFile(join(dir, 'bagit.txt'), 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n');
      await replaceFile(join(dir, 'bag-info.txt'), lines.join(''));
    },
  };
}

/** Lists every tag file with its hash as it is now. Written last of all. */
export async function writeTagManifest(dir: string): Promise<void> {
  const paths = ['bag-info.txt', 'bagit.txt', 'case.json', LEDGER_FILE, MANIFEST];
  for (const folder of ['reports', 'seals']) {
    const names = await readdir(join(dir, folder)).catch(() => []);
    paths.push(...names.sort().map((name) => `${folder}/${name}`));
  }
  const rows: string[] = [];
  for (const path of paths) rows.push(`${(await sha256File(join(dir, path))).sha256}  ${path}\n`);
  await replaceFile(join(dir, TAG_MANIFEST), rows.join(''));
}

/** Lines of a manifest as `[hash, path]`; undefined for a line that is none. */
export async function readManifest(path: string): Promise<([string, string] | undefined)[]> {
  const text = await readFile(path, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const match = /^([0-9a-f]{64}) {2}(.+)$/.exec(line);
      return match?.[1] && match[2] ? [match[1], match[2]] : undefined;
    });
}

function howToCheck(data: CaseData): string {
  return `CASE ${data.number.replace(/[\r\n]+/g, ' ')}: HOW TO CHECK THIS FOLDER WITHOUT LADING

This folder holds evidence and the record of how it was taken. Nothing in it needs Lading to be read.

1. Every file is as it was when the case was sealed
   In this folder (Linux; on macOS use "shasum -a 256 -c"):

     sha256sum -c manifest-sha256.txt tagmanifest-sha256.txt

   manifest-sha256.txt lists the evidence, tagmanifest-sha256.txt the records about it. Work done after the last
   seal (a note, a report) changes ledger.jsonl and case.json; then tagmanifest-sha256.txt reports just those until the
   next seal. Any BagIt tool (RFC 8493) checks both at once.

2. The seals are the examiner's
   For each seals/<number>.json, with the key that its "fingerprint" names:

     openssl pkeyutl -verify -pubin -inkey seals/<fingerprint>.pem -rawin -in seals/<number>.json -sigfile seals/<number>.sig

   The fingerprint is the SHA-256 of the public key; compare it with the one the examiner gave you by other means:

     openssl pkey -pubin -in seals/<fingerprint>.pem -outform DER | sha256sum

3. The ledger is whole
   ledger.jsonl has one entry a line, in canonical JSON (RFC 8785). The seal's "head" is the "hash" of the entry with
   the number "seq". Each entry's "prev" is the "hash" of the one before it. Each "hash" is the SHA-256 of the line without
   its own "hash" member:

     sed -E 's/"hash":"[0-9a-f]{64}",("prev":"[0-9a-f]{64}","seq":[0-9]+,"subject":)/\\1/' ledger.jsonl | head -n 1 | tr -d '\\n' | sha256sum

4. The evidence is what the ledger says
   The entry "exhibit.stored" of each exhibit holds the SHA-256 of its file and of its record, evidence/<id>/exhibit.json, which says
   by what command or call, when on both clocks, and with what result it was taken.
`;
}
