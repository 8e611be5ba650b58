import type { Block } from '../types';
import { line, piece } from './format';

/** Words a reader meets in a report, for one who has never seen a container. Sorted. */
const TERMS: [string, string][] = [
  ['API', 'Application programming interface: here the calls that the engine answers over its socket.'],
  ['ATT&CK', 'A public catalogue of the techniques of intruders, kept by MITRE; technique ids look like T1611.'],
  ['Capability', 'On Linux, one part of the rights of the root user that can be given to a process by itself.'],
  ['Collection', 'One run of a plan: which collectors took evidence from which targets, when.'],
  ['Collector', 'The part of Lading that knows how to take one kind of evidence.'],
  [
    'Container',
    'A group of processes on a host that the engine runs apart from the others, with a file system of their own made from an image.',
  ],
  ['Engine', 'The program on a host that runs containers: Docker Engine, or one that answers the same calls.'],
  ['Exhibit', 'One file of evidence with its record: how, when and by whom it was taken, and its hash.'],
  ['Finding', 'A claim that cites exhibits: made by a rule, or by the examiner.'],
  [
    'Hash, SHA-256',
    'A number of 64 hexadecimal digits computed from a file (FIPS 180-4). Two files with the same one are the same; a single changed bit gives another.',
  ],
  ['Host', 'The machine evidence was taken from.'],
  ['Image', 'The files a container starts from, in layers, named by a hash of their content.'],
  [
    'Ledger',
    'The file in which everything done with the case is written; each entry holds the hash of the one before, so that none can be changed, removed or put in later unseen.',
  ],
  [
    'Locator',
    'The place in an exhibit that a finding cites: json: a member, bytes: an offset and a length, line: a line.',
  ],
  ['Order of volatility', 'Taking first what disappears first (RFC 3227).'],
  ['PID', 'Process identifier: the number of a process on a host.'],
  ['Seal', 'The examiner’s digital signature over the head of the ledger and the list of all files.'],
  ['SSH', 'Secure Shell: an encrypted connection to another machine, which proves itself by its host key.'],
  ['Target', 'A container, image, volume, network, or the host itself.'],
  ['UTC', 'Coordinated Universal Time. All times in this report are UTC.'],
  ['Volume', 'A folder on the host that containers share and that outlives them.'],
];

/** Appendix "terms and abbreviations". */
export function glossary(): Block[] {
  return [{ kind: 'facts', caption: 'Terms', rows: TERMS.map(([term, text]) => [term, [line(piece(text))]]) }];
}
