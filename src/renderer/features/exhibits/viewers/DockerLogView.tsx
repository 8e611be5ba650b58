import { Alert, Switch } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { ErrorAlert } from '../../../components/ErrorAlert';
import { VisibleText } from '../../../components/VisibleText';
import { createFrameIndex, type FrameIndex, HEADER, type LogFrame } from '../model/dockerlog';
import { FindBar } from './FindBar';
import { PlaceBar } from './PlaceBar';
import { Scanned, TextView, useScan, useWrap } from './TextView';
import { VirtualLines } from './VirtualLines';
import type { ViewerProps } from './viewer';
import classes from './viewers.module.css';

const utf8 = new TextDecoder();

/** A container's log: one line a frame of the engine's stream, with its time and whether it went to stdout or stderr. */
export function DockerLogView(props: ViewerProps) {
  const { path, id, source, place, onPlace } = props;
  const index = useMemo(() => createFrameIndex(source), [source]);
  const error = useScan(index);
  const [wrap, setWrap] = useWrap();
  const [hit, setHit] = useState<number>();
  const [active, setActive] = useState<number>();
  const { frames, scanned, done, broken } = index.state();
  const offset = hit ?? (place.kind === 'bytes' ? place.offset : undefined);
  const marked = offset === undefined ? (place.kind === 'line' ? place.line - 1 : undefined) : index.frameAt(offset);
  useEffect(() => {
    if (marked !== undefined) setActive(undefined);
  }, [marked]);
  const chosen = useFrame(index, active ?? marked, frames);
  // A container with a terminal has one plain stream.
  if (broken === 0) return <TextView {...props} />;
  return (
    <div className={classes.viewer}>
      <div className={classes.bar}>
        <FindBar path={path} id={id} onHit={setHit} />
        <Switch label="Wrap lines" checked={wrap} onChange={(event) => setWrap(event.currentTarget.checked)} />
        <Scanned
          scanned={broken === undefined ? scanned : source.total}
          total={source.total}
          words={`${frames.toLocaleString('en')} ${frames === 1 ? 'record' : 'records'}${done ? '' : ' so far'}`}
        />
      </div>
      <ErrorAlert error={error} />
      {broken !== undefined && (
        <Alert color="yellow">
          From byte {broken.toLocaleString('en')} on the log is not in the engine's format, or it is cut off there. The
          hex view shows all bytes.
        </Alert>
      )}
      <VirtualLines
        label={`Log records of ${id}`}
        count={frames}
        load={index.frame}
        marked={marked}
        active={active}
        onActive={setActive}
        wrap={wrap}
        render={(frame) => (
          <>
            <span className={`${classes.stream} ${frame.stream === 'err' ? classes.err : ''}`}>{frame.stream}</span>
            {frame.time !== undefined && <span className={classes.stamp}>{frame.time}</span>}
            <span className={classes.text}>
              <VisibleText text={utf8.decode(frame.bytes)} max={8192} />
              {frame.length > frame.bytes.length + 64 && frame.bytes.length > 8000 && ` … (${frame.length} bytes)`}
            </span>
          </>
        )}
      />
      {chosen && <PlaceBar locator={`bytes:${chosen.offset + HEADER}+${chosen.length}`} onPlace={onPlace} />}
    </div>
  );
}

/** The record of a number, as soon as the walk has come there. */
function useFrame(index: FrameIndex, n: number | undefined, frames: number): LogFrame | undefined {
  const [frame, setFrame] = useState<LogFrame>();
  const known = n !== undefined && n < frames;
  useEffect(() => {
    setFrame(undefined);
    if (!known || n === undefined) return;
    let gone = false;
    void index.frame(n).then((found) => !gone && setFrame(found));
    return () => {
      gone = true;
    };
  }, [index, n, known]);
  return frame;
}
