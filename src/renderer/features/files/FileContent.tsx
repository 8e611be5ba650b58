import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { FileDetail } from '../../../shared/contract/files';
import { parseLocator } from '../../../shared/locator';
import { fromBase64 } from '../../base64';
import { client } from '../../client';
import { EmptyState } from '../../components/EmptyState';
import { exhibitRoute, navigate } from '../../navigate';
import { createByteSource } from '../exhibits/model/source';
import { HexView } from '../exhibits/viewers/HexView';
import { TextView } from '../exhibits/viewers/TextView';
import type { ViewerProps } from '../exhibits/viewers/viewer';

type Look = 'text' | 'hex';

interface Props {
  path: string;
  file: FileDetail;
  version: 'now' | 'image';
}

/** A file's bytes, read straight out of the exhibit; a place in them leads to the same bytes of the exhibit. */
export function FileContent({ path, file, version }: Props) {
  const [look, setLook] = useState<Look>('text');
  const { view } = file;
  const size = version === 'now' ? file.size : file.was?.size;
  const readable = version === 'now' ? file.readable : (file.was?.readable ?? false);
  const props = useMemo((): ViewerProps => {
    const input = { case: path, view, path: file.path, version };
    const source = createByteSource(size ?? 0, async (offset, length) =>
      fromBase64((await client.files.read({ ...input, offset, length })).base64),
    );
    return {
      path,
      id: 'the file',
      source,
      place: { kind: 'whole' },
      find: (text, limit) => client.files.findIn({ ...input, text, from: 0, limit }),
      onPlace: (locator) => {
        const place = parseLocator(locator);
        const content = file.content && parseLocator(file.content.locator);
        if (file.content && content?.kind === 'bytes' && version === 'now') {
          const at =
            place.kind === 'bytes'
              ? `bytes:${content.offset + place.offset}+${place.length}`
              : `bytes:${content.offset}+${content.length}`;
          navigate(exhibitRoute(file.content.exhibit, at));
        }
      },
    };
  }, [path, view, file, version, size]);
  if (file.type === 'directory')
    return <EmptyState title="A folder">Choose it in the tree to see what is in it.</EmptyState>;
  if (!readable) {
    return (
      <EmptyState title="No content in the case">
        No exhibit holds the bytes of this file. Collect the container’s files or the image’s layers.
      </EmptyState>
    );
  }
  if (size === 0) return <EmptyState title="No bytes">The file is empty.</EmptyState>;
  return (
    <div style={{ display: 'flex', flexDirection: 'column', gap: 6, height: '100%', minHeight: 0 }}>
      <SegmentedControl
        size="xs"
        aria-label="How to show the bytes"
        style={{ alignSelf: 'flex-start' }}
        value={look}
        onChange={setLook}
        data={[
          { value: 'text', label: 'Text' },
          { value: 'hex', label: 'Hex' },
        ]}
      />
      <div style={{ flex: 1, minHeight: 0 }}>{look === 'text' ? <TextView {...props} /> : <HexView {...props} />}</div>
    </div>
  );
}
