import { Progress, Switch, Text } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useEffect, useMemo, useState } from 'react';
import { ErrorAlert } from '../../../components/ErrorAlert';
import { JsonTree } from '../../../components/JsonTree';
import { type JsonNode, parseJson } from '../../../components/json/parse';
import { VisibleText } from '../../../components/VisibleText';
import { createLineIndex, type LineIndex, type TextLine } from '../model/lines';
import { FindBar } from './FindBar';
import { PlaceBar } from './PlaceBar';
import { VirtualLines } from './VirtualLines';
import type { ViewerProps } from './viewer';
import classes from './viewers.module.css';

const utf8 = new TextDecoder();

/** Whether long lines are broken; remembered. */
export function useWrap() {
  return useLocalStorage({ key: 'lading.wrap', defaultValue: false, getInitialValueInEffect: false });
}

/** Runs an index's scan while the view is open and renders with what it knows. */
export function useScan<I extends { scan(signal: AbortSignal, tell: () => void): Promise<void> }>(index: I): unknown {
  const [error, setError] = useState<unknown>();
  const [, tell] = useState(0);
  useEffect(() => {
    const ending = new AbortController();
    setError(undefined);
    index
      .scan(ending.signal, () => tell((count) => count + 1))
      .catch((thrown: unknown) => !ending.signal.aborted && setError(thrown));
    return () => ending.abort();
  }, [index]);
  return error;
}

export function Scanned({ scanned, total, words }: { scanned: number; total: number; words: string }) {
  return (
    <>
      <Text size="xs" ml="auto" style={{ fontVariantNumeric: 'tabular-nums' }}>
        {words}
      </Text>
      {scanned < total && (
        <Progress w={90} size="sm" value={(100 * scanned) / Math.max(1, total)} aria-label="Lines counted so far" />
      )}
    </>
  );
}

/** The line that a place points at, as soon as the scan has come there. */
function useMarkedLine(index: LineIndex, place: ViewerProps['place'], hit: number | undefined): number | undefined {
  const [line, setLine] = useState<number>();
  const offset = hit ?? (place.kind === 'bytes' ? place.offset : undefined);
  const { scanned } = index.state();
  const reached = offset !== undefined && scanned > offset;
  useEffect(() => {
    if (offset === undefined) return setLine(place.kind === 'line' ? place.line - 1 : undefined);
    let gone = false;
    if (reached) void index.lineAt(offset).then((n) => !gone && setLine(n));
    return () => {
      gone = true;
    };
  }, [index, offset, reached, place]);
  return line;
}

/** Text of any size with line numbers. JSON lines open as a tree below. */
export function TextView({ path, id, source, place, onPlace, find, jsonl }: ViewerProps & { jsonl?: boolean }) {
  const index = useMemo(() => createLineIndex(source), [source]);
  const error = useScan(index);
  const [wrap, setWrap] = useWrap();
  const [hit, setHit] = useState<number>();
  const marked = useMarkedLine(index, place, hit);
  const [active, setActive] = useState<number>();
  const { lines, scanned, done } = index.state();
  const chosen = active ?? marked;
  useEffect(() => {
    if (marked !== undefined) setActive(undefined);
  }, [marked]);
  const list = (
    <div className={classes.viewer}>
      <div className={classes.bar}>
        <FindBar path={path} id={id} find={find} onHit={setHit} />
        <Switch label="Wrap lines" checked={wrap} onChange={(event) => setWrap(event.currentTarget.checked)} />
        <Scanned
          scanned={scanned}
          total={source.total}
          words={`${lines.toLocaleString('en')} ${lines === 1 ? 'line' : 'lines'}${done ? '' : ' so far'}`}
        />
      </div>
      <ErrorAlert error={error} />
      <VirtualLines
        label={`Text of ${id}`}
        count={lines}
        load={index.line}
        render={(line) => <TextOf line={line} />}
        marked={marked}
        active={active}
        onActive={setActive}
        wrap={wrap}
      />
      {chosen !== undefined && <PlaceBar locator={`line:${chosen + 1}`} onPlace={onPlace} />}
    </div>
  );
  if (!jsonl) return list;
  return (
    <div className={classes.halves}>
      {list}
      <LineTree index={index} line={chosen} lines={lines} />
    </div>
  );
}

function TextOf({ line }: { line: TextLine }) {
  const text = utf8.decode(line.bytes);
  const shown = text.endsWith('\r') ? text.slice(0, -1) : text;
  return (
    <span className={classes.text}>
      <VisibleText text={shown} keepLines max={8192} />
      {line.cut && (
        <Text span size="xs" c="dimmed">
          {' '}
          … the line goes on; the hex view shows all of it
        </Text>
      )}
    </span>
  );
}

/** One line of a JSON lines file as a tree. */
function LineTree({ index, line, lines }: { index: LineIndex; line: number | undefined; lines: number }) {
  const known = line !== undefined && line < lines;
  const [shown, setShown] = useState<{ line: number; node?: JsonNode; error?: string }>();
  useEffect(() => {
    if (!known || line === undefined) return setShown(undefined);
    let gone = false;
    void index.line(line).then((found) => {
      if (gone || !found) return;
      if (found.cut) return setShown({ line, error: 'This line is too long to be shown as a tree.' });
      try {
        setShown({ line, node: parseJson(utf8.decode(found.bytes)) });
      } catch (thrown) {
        setShown({
          line,
          error: `This line is no JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}.`,
        });
      }
    });
    return () => {
      gone = true;
    };
  }, [index, line, known]);
  if (!shown) return <Text size="sm">Choose a line to see it as a tree.</Text>;
  if (!shown.node) return <Text size="sm">{shown.error}</Text>;
  return <JsonTree root={shown.node} label={`Line ${shown.line + 1}`} depth={3} bare />;
}
