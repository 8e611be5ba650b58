import { Alert, Button, Skeleton, Text } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { maskSecrets } from '../../../../shared/mask';
import { Bytes } from '../../../components/Bytes';
import { type DataColumn, DataTable } from '../../../components/DataTable';
import { VisibleText } from '../../../components/VisibleText';
import { type FrameEntry, listFrames } from '../model/frames';
import type { ByteSource } from '../model/source';
import { PlaceBar } from './PlaceBar';
import { TextView } from './TextView';
import { useWhole } from './useWhole';
import type { ViewerProps } from './viewer';
import classes from './viewers.module.css';

const outcome = (frame: FrameEntry) =>
  frame.exit === undefined
    ? 'cut off'
    : frame.exit !== 0
      ? `exit ${frame.exit}`
      : frame.limit > 0 && frame.length >= frame.limit
        ? 'at its limit'
        : frame.length === 0
          ? 'empty'
          : 'read';

const columns: DataColumn<FrameEntry>[] = [
  { id: 'pid', header: 'PID', value: (row) => row.pid, width: 80, align: 'end', facet: true },
  { id: 'name', header: 'Read', value: (row) => row.name, width: 170, mono: true, facet: true, grow: true },
  {
    id: 'bytes',
    header: 'Bytes',
    value: (row) => row.length,
    cell: (row) => <Bytes bytes={row.length} />,
    width: 90,
    align: 'end',
  },
  { id: 'outcome', header: 'Outcome', value: outcome, width: 100, facet: true },
  { id: 'error', header: 'What the command said', value: (row) => row.error, width: 260 },
];
const idOf = (row: FrameEntry) => String(row.offset);
/** More of a body than this is left to the text and hex views. */
const BODY_MAX = 65_536;

/** Many small reads of a host in one exhibit: which, how each ended, and the bytes of the chosen one. */
export function FramesView(props: ViewerProps) {
  const { id, source, place, onPlace } = props;
  const { made, error, tooLarge, loaded } = useWhole(source, listFrames);
  const [selected, setSelected] = useState<string>();
  const offset = place.kind === 'bytes' ? place.offset : undefined;
  const frames = made?.frames;
  const cited = useMemo(
    () => (offset === undefined ? undefined : frames?.findLast((frame) => frame.offset <= offset)),
    [frames, offset],
  );
  useEffect(() => {
    if (cited) setSelected(idOf(cited));
  }, [cited]);
  if (tooLarge || error !== undefined || (!made && loaded === source.total)) {
    return (
      <div className={classes.viewer}>
        <Alert color="yellow">
          {tooLarge ? 'This exhibit is larger than 20 MiB' : 'This exhibit is no framed output'}, so it is shown as
          text.
        </Alert>
        <div style={{ flex: 1, minHeight: 0 }}>
          <TextView {...props} />
        </div>
      </div>
    );
  }
  if (!made) return <Skeleton height={200} aria-label="Loading" />;
  const chosen = made.frames.find((frame) => idOf(frame) === selected);
  return (
    <div className={classes.halves}>
      <div className={classes.viewer}>
        {made.fault && <Alert color="yellow">{made.fault} What comes before is shown.</Alert>}
        <div style={{ flex: 1, minHeight: 0 }}>
          <DataTable
            label={`reads in ${id}`}
            rows={made.frames}
            columns={columns}
            rowId={idOf}
            selectedId={selected}
            onSelect={(row) => setSelected(idOf(row))}
            rowHeight={24}
          />
        </div>
      </div>
      {chosen ? (
        <Body
          key={idOf(chosen)}
          source={source}
          frame={chosen}
          onPlace={onPlace}
          mark={offset}
          length={place.kind === 'bytes' ? place.length : 0}
        />
      ) : (
        <Text size="sm">Choose a read to see what it gave.</Text>
      )}
    </div>
  );
}

const utf8 = new TextDecoder();

function Body({
  source,
  frame,
  mark,
  length,
  onPlace,
}: {
  source: ByteSource;
  frame: FrameEntry;
  mark?: number;
  length: number;
  onPlace: ViewerProps['onPlace'];
}) {
  const [bytes, setBytes] = useState<Uint8Array>();
  useEffect(() => {
    let gone = false;
    void source.bytes(frame.offset, Math.min(frame.length, BODY_MAX)).then((read) => !gone && setBytes(read));
    return () => {
      gone = true;
    };
  }, [source, frame]);
  // /proc lists (cmdline, environ) end each item with NUL: one a line is how a person reads them.
  const show = (part: Uint8Array) => utf8.decode(part).replaceAll('\0', '␀\n');
  // The exhibit has them whole; a screen that others may see does not, until the examiner says so.
  const [revealed, setRevealed] = useState(false);
  const masked = useMemo(() => maskSecrets(bytes ? utf8.decode(bytes).replaceAll('\0', '␀\n') : ''), [bytes]);
  const hidden = !revealed && masked.secrets > 0;
  const from = mark === undefined ? -1 : mark - frame.offset;
  const whole = from <= 0 && length >= frame.length;
  const marked = bytes !== undefined && from >= 0 && from < frame.length && length > 0 && !whole;
  return (
    <div className={classes.viewer}>
      <div className={classes.bar}>
        <Text size="xs" fw={600}>
          {frame.pid === undefined ? '' : `PID ${frame.pid} `}
          {frame.name}
        </Text>
        <PlaceBar locator={`bytes:${frame.offset}+${frame.length}`} onPlace={onPlace} />
        {masked.secrets > 0 && (
          <Button size="compact-xs" variant="default" onClick={() => setRevealed(!revealed)}>
            {revealed ? 'Hide' : 'Show'} {masked.secrets === 1 ? 'the secret' : `${masked.secrets} secrets`}
          </Button>
        )}
        {frame.length > BODY_MAX && <Text size="xs">The first 64 KiB; the hex view shows all.</Text>}
      </div>
      <section
        className={classes.scroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard (WCAG 2.1.1).
        tabIndex={0}
        aria-label={`What ${frame.name} gave`}
      >
        <pre style={{ margin: 0, padding: '4px 10px', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {bytes === undefined ? null : frame.length === 0 ? (
            <Text size="xs">Nothing.{frame.error && ` The command said: ${frame.error}`}</Text>
          ) : hidden ? (
            <VisibleText text={masked.text} keepLines max={BODY_MAX} />
          ) : marked ? (
            <>
              <VisibleText text={show(bytes.subarray(0, from))} keepLines max={BODY_MAX} />
              <mark
                className={classes.on}
                style={{ color: 'inherit' }}
                ref={(mark) => mark?.scrollIntoView({ block: 'center' })}
              >
                <VisibleText text={show(bytes.subarray(from, from + length))} keepLines max={BODY_MAX} />
              </mark>
              <VisibleText text={show(bytes.subarray(from + length))} keepLines max={BODY_MAX} />
            </>
          ) : (
            <VisibleText text={show(bytes)} keepLines max={BODY_MAX} />
          )}
        </pre>
      </section>
    </div>
  );
}
