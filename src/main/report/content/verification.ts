import type { VerifyResult } from '../../../shared/domain';
import type { ReportInput } from '../input';
import type { Block } from '../types';
import { bytes, clip, count, line, MEDIUM, number, piece, small, time } from './format';

/** Faults that are listed one by one; more are counted. */
const MOST_FAULTS = 200;

/** Section "Verification": the last check's result, and how to repeat it without Lading. */
export function verification({ verify, data }: ReportInput): Block[] {
  return [
    ...(verify ? result(verify, data.head.seq) : [none()]),
    { kind: 'heading', text: 'How to check without Lading' },
    ...byHand(data),
  ];
}

function none(): Block {
  return {
    kind: 'paragraph',
    look: 'note',
    pieces: [piece('The case was not verified for this report. The steps below, or `lading verify`, do it.')],
  };
}

function result(verify: VerifyResult, head: number): Block[] {
  const since = head - verify.head.seq;
  const blocks: Block[] = [
    {
      kind: 'facts',
      caption: 'Result of the verification',
      rows: [
        [
          'Result',
          [line(piece(verify.ok ? 'No fault was found' : `${count(verify.faults.length, 'fault')} found`, 'strong'))],
        ],
        [
          'Made',
          [
            line(
              `${time(verify.time)}${since > 0 ? `; ${count(since, 'ledger entry was', 'ledger entries were')} added since` : ''}`,
            ),
          ],
        ],
        ['Exhibits read again', [line(`${number(verify.exhibits)}, ${bytes(verify.bytes)}`)]],
        [
          'Ledger entries',
          [
            line(`${number(verify.entries)}, head at entry ${verify.head.seq}`),
            small(piece(clip(verify.head.hash), 'mono')),
          ],
        ],
        ['Seals', [line(seals(verify))]],
      ],
    },
  ];
  if (verify.interrupted.length > 0) {
    blocks.push(
      { kind: 'paragraph', pieces: [piece('Left by an interruption, no fault:')] },
      { kind: 'list', items: verify.interrupted.slice(0, 50).map((text) => [piece(clip(text, MEDIUM))]) },
    );
  }
  if (verify.faults.length > 0) {
    blocks.push({
      kind: 'table',
      caption: 'Faults',
      columns: [
        { title: 'Fault', width: 22 },
        { title: 'Where', width: 34 },
        { title: 'What', width: 44 },
      ],
      rows: verify.faults.slice(0, MOST_FAULTS).map((fault) => ({
        cells: [
          [line(piece(fault.kind, 'strong'))],
          [line(piece(clip(fault.path, 300), 'mono'))],
          [line(clip(fault.detail, MEDIUM))],
        ],
      })),
    });
    if (verify.faults.length > MOST_FAULTS) {
      blocks.push({
        kind: 'paragraph',
        pieces: [piece(`${count(verify.faults.length - MOST_FAULTS, 'more fault')} not listed.`)],
      });
    }
  }
  return blocks;
}

function seals(verify: VerifyResult): string {
  if (verify.unsealed === null) return 'The case was never sealed.';
  const after =
    verify.unsealed === 0
      ? 'none after the last seal'
      : `${count(verify.unsealed, 'entry', 'entries')} after the last seal`;
  return `${number(verify.seals)}; ${after}`;
}

/** The same steps as the README that a seal writes into the case (custody/bag.ts). */
function byHand(data: ReportInput['data']): Block[] {
  const sealed = data.seals.at(-1);
  const blocks: Block[] = [
    {
      kind: 'paragraph',
      pieces: [
        piece(
          'In the folder of the case, with the tools of any Linux system. A single exhibit is compared with the list of exhibits in this report:',
        ),
      ],
    },
    { kind: 'code', lines: ['sha256sum evidence/E0001/*'] },
  ];
  if (!sealed) {
    blocks.push({
      kind: 'paragraph',
      pieces: [
        piece('The manifests and the signature that check the whole folder are written by a seal; this case has none.'),
      ],
    });
    return blocks;
  }
  const name = String(sealed.seq).padStart(6, '0');
  const key = clip(sealed.fingerprint, 64);
  return [
    ...blocks,
    { kind: 'paragraph', pieces: [piece('All files, against the manifests that the last seal wrote:')] },
    { kind: 'code', lines: ['sha256sum -c manifest-sha256.txt tagmanifest-sha256.txt'] },
    {
      kind: 'paragraph',
      pieces: [piece('The signature of the last seal, and the fingerprint of the key that made it:')],
    },
    {
      kind: 'code',
      lines: [
        'openssl pkeyutl -verify -pubin -rawin \\',
        `  -inkey seals/${key}.pem \\`,
        `  -in seals/${name}.json -sigfile seals/${name}.sig`,
        '',
        'openssl pkey -pubin -outform DER \\',
        `  -in seals/${key}.pem | sha256sum`,
      ],
    },
    {
      kind: 'paragraph',
      pieces: [
        piece(
          'The “head” in the seal is the “hash” of the ledger entry with the number “seq”; the “prev” of each entry is the hash of the one before it. The file data/README.txt of the case tells how to compute them. Work done after the seal, such as writing this report, changes ledger.jsonl and case.json only.',
        ),
      ],
    },
  ];
}
