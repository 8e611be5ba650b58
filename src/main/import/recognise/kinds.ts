import type { ImportKind } from '../../../shared/contract/import';
import type { ExhibitKind, TargetKind } from '../../../shared/domain';

interface KindInfo {
  /** What the exhibit is called in lists. */
  title: string;
  /** What its bytes are where they are not packed. */
  bytes: ExhibitKind;
  /** What it is evidence of, where nothing in it says so more exactly. */
  target: TargetKind;
}

/** The kinds of evidence that an import knows. A kind's collector id is `import.` and its name. */
export const KINDS: Record<ImportKind, KindInfo> = {
  'docker-save': { title: 'Images saved by docker save', bytes: 'tar', target: 'image' },
  'oci-archive': { title: 'OCI image layout', bytes: 'tar', target: 'image' },
  'docker-export': { title: 'File system exported from a container', bytes: 'tar', target: 'container' },
  'docker-inspect': { title: 'Answer of docker inspect', bytes: 'json', target: 'host' },
  'json-log': { title: "Container's log (json-file)", bytes: 'log', target: 'container' },
  'data-root': { title: 'Copied data root of a Docker engine', bytes: 'tar', target: 'host' },
  'containerd-root': { title: 'Copied data root of containerd', bytes: 'tar', target: 'host' },
  checkpoint: { title: "Container's checkpoint (Podman, Kubernetes)", bytes: 'tar', target: 'container' },
  uac: { title: 'Output of UAC', bytes: 'tar', target: 'host' },
  pcap: { title: 'Captured packets', bytes: 'pcap', target: 'host' },
  memory: { title: 'Memory image', bytes: 'binary', target: 'host' },
  tar: { title: 'Tar archive', bytes: 'tar', target: 'host' },
  json: { title: 'JSON', bytes: 'json', target: 'host' },
  'known-bad': { title: 'List of digests known as bad (for reference, no evidence)', bytes: 'text', target: 'host' },
  'known-good': {
    title: 'List of digests known as harmless (for reference, no evidence)',
    bytes: 'text',
    target: 'host',
  },
  indicators: { title: 'List of indicators (for reference, no evidence)', bytes: 'text', target: 'host' },
  'yara-rules': { title: 'YARA rules (for reference, no evidence)', bytes: 'text', target: 'host' },
  binary: { title: 'File, not recognised', bytes: 'binary', target: 'host' },
};

/** What an import was taken for, and by what in it. */
export interface Recognised {
  kind: ImportKind;
  /** A sentence without its full stop: what it was recognised by, or that it was not. */
  why: string;
  /** The container, image or host it is of, where it says so itself. */
  target?: { id: string; name: string };
}
