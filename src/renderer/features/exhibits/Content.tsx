import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { ExhibitKind } from '../../../shared/domain';
import { type Place, parseLocator } from '../../../shared/locator';
import { fromBase64 } from '../../base64';
import { client } from '../../client';
import { EmptyState } from '../../components/EmptyState';
import { createByteSource } from './model/source';
import { CastView } from './viewers/CastView';
import { DockerLogView } from './viewers/DockerLogView';
import { FramesView } from './viewers/FramesView';
import { HexView } from './viewers/HexView';
import { JsonView } from './viewers/JsonView';
import { TarView } from './viewers/TarView';
import { TextView } from './viewers/TextView';
import type { ViewerProps } from './viewers/viewer';

type View = 'cast' | 'json' | 'jsonl' | 'text' | 'log' | 'frames' | 'tar' | 'hex';

const NAMES: Record<View, string> = {
  cast: 'Replay',
  json: 'Tree',
  jsonl: 'Lines',
  text: 'Text',
  log: 'Log',
  frames: 'Reads',
  tar: 'Members',
  hex: 'Hex',
};

/** The views that make sense for a kind, the best first. */
const VIEWS: Record<ExhibitKind, View[]> = {
  json: ['json', 'text', 'hex'],
  jsonl: ['jsonl', 'hex'],
  text: ['text', 'hex'],
  log: ['text', 'hex'],
  frames: ['frames', 'text', 'hex'],
  'docker log': ['log', 'hex'],
  tar: ['tar', 'hex'],
  pcap: ['hex', 'text'],
  binary: ['hex', 'text'],
};

/** What is a recorded session. */
const SHELLS = new Set(['container.shell', 'host.shell']);

/** A locator from a link; a wrong one shows the whole. */
export function placeOf(locator: string | null): Place {
  try {
    return parseLocator(locator ?? 'whole');
  } catch {
    return { kind: 'whole' };
  }
}

interface Props {
  path: string;
  exhibit: { id: string; kind: ExhibitKind; bytes: number; collector: { id: string } };
  at: string | null;
  onPlace: (locator: string) => void;
}

/** The bytes of an exhibit, as what they are, at the cited place. */
export function Content({ path, exhibit, at, onPlace }: Props) {
  const { id, kind, bytes, collector } = exhibit;
  const views: View[] = SHELLS.has(collector.id) ? ['cast', ...VIEWS[kind]] : VIEWS[kind];
  const [choice, setChoice] = useState<View>();
  const view = choice !== undefined && views.includes(choice) ? choice : views[0];
  const source = useMemo(
    () =>
      createByteSource(bytes, async (offset, length) =>
        fromBase64((await client.exhibits.read({ case: path, id, offset, length })).base64),
      ),
    [path, id, bytes],
  );
  const place = useMemo(() => placeOf(at), [at]);
  if (bytes === 0) return <EmptyState title="No bytes">This exhibit is empty; its record says why.</EmptyState>;
  const props: ViewerProps = { path, id, source, place, onPlace };
  return (
    <div style={{ display: 'flex', flexDirection: 'column', gap: 6, height: '100%', minHeight: 0 }}>
      {views.length > 1 && (
        <SegmentedControl
          size="xs"
          aria-label="How to show the bytes"
          style={{ alignSelf: 'flex-start' }}
          value={view}
          onChange={setChoice}
          data={views.map((value) => ({ value, label: NAMES[value] }))}
        />
      )}
      <div style={{ flex: 1, minHeight: 0 }}>
        {view === 'cast' && <CastView {...props} />}
        {view === 'json' && <JsonView {...props} />}
        {view === 'jsonl' && <TextView {...props} jsonl />}
        {view === 'text' && <TextView {...props} />}
        {view === 'log' && <DockerLogView {...props} />}
        {view === 'frames' && <FramesView {...props} />}
        {view === 'tar' && <TarView {...props} />}
        {view === 'hex' && <HexView {...props} />}
      </div>
    </div>
  );
}
