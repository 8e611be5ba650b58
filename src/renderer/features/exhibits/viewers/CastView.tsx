import { Alert, Button, Group, SegmentedControl, Skeleton, Slider, Text } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import type { Terminal as Xterm } from '@xterm/xterm';
import { useEffect, useMemo, useRef, useState } from 'react';
import { refusedText, type TerminalFilter, terminalFilter } from '../../../../shared/terminal-filter';
import { Terminal } from '../../../components/Terminal';
import { VisibleText } from '../../../components/VisibleText';
import { type Cast, readCast } from '../model/cast';
import { useWhole } from './useWhole';
import type { ViewerProps } from './viewer';
import classes from './viewers.module.css';

/** A pause longer than this is passed over while playing; the times shown stay those of the session. In seconds. */
const LONGEST_PAUSE = 2;
const SPEEDS = ['1', '2', '8'];

/** A recorded shell, replayed: what the examiner saw, when, and what was typed. */
export function CastView({ source, id }: ViewerProps) {
  const { made, error, tooLarge } = useWhole(source, readCast);
  if (tooLarge) return <Alert color="yellow">This session is larger than 20 MiB; Lines and Hex show all of it.</Alert>;
  if (error !== undefined)
    return (
      <Alert color="yellow">
        This session cannot be replayed: {error instanceof Error ? error.message : String(error)}
      </Alert>
    );
  if (!made) return <Skeleton height={200} aria-label="Loading" />;
  return <Player key={id} cast={made} id={id} />;
}

function Player({ cast, id }: { cast: Cast; id: string }) {
  const { head, events, length, unread } = cast;
  const [terminal, setTerminal] = useState<Xterm>();
  const [time, setTime] = useState(length);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState('1');
  const [refused, setRefused] = useState('');
  const shown = useRef<{ next: number; filter: TerminalFilter }>(undefined);

  // The terminal is always at `time`: forwards by what is between, backwards from the begin.
  useEffect(() => {
    if (!terminal) return;
    let now = shown.current;
    if (!now || (now.next > 0 && (events[now.next - 1]?.at ?? 0) > time)) {
      terminal.reset();
      terminal.resize(head.width, head.height);
      now = { next: 0, filter: terminalFilter() };
      shown.current = now;
    }
    for (let event = events[now.next]; event && event.at <= time; event = events[now.next]) {
      if ('shown' in event) terminal.write(now.filter.push(event.shown));
      else if ('columns' in event) {
        const { columns, rows } = event;
        // After what was written before it: a new size breaks lines anew.
        terminal.write('', () => terminal.resize(columns, rows));
      }
      now.next += 1;
    }
    setRefused(refusedText(now.filter.refused));
  }, [terminal, time, events, head]);

  useEffect(() => {
    if (!playing) return undefined;
    const next = events.find(({ at }) => at > time);
    if (!next) {
      setPlaying(false);
      return undefined;
    }
    const wait = Math.min(next.at - time, LONGEST_PAUSE) / Number(speed);
    const timer = setTimeout(() => setTime(next.at), wait * 1000);
    return () => clearTimeout(timer);
  }, [playing, time, speed, events]);

  const typed = useMemo(() => typedUntil(cast, time), [cast, time]);
  return (
    <div className={classes.viewer}>
      <Group gap="sm" wrap="nowrap">
        <Button
          variant="default"
          leftSection={playing ? <IconPlayerPause size={14} aria-hidden /> : <IconPlayerPlay size={14} aria-hidden />}
          onClick={() => {
            if (!playing && time >= length) setTime(0);
            setPlaying(!playing);
          }}
        >
          {playing ? 'Pause' : 'Play'}
        </Button>
        <Slider
          style={{ flex: 1 }}
          aria-label="Time in the session"
          thumbLabel="Time in the session"
          min={0}
          max={Math.max(length, 0.001)}
          step={0.001}
          value={time}
          onChange={(value) => {
            setPlaying(false);
            setTime(value);
          }}
          label={null}
        />
        <Text size="sm" className={classes.mono} role="status">
          {time.toFixed(3)} of {length.toFixed(3)} s
        </Text>
        <SegmentedControl
          size="xs"
          aria-label="Speed"
          value={speed}
          onChange={setSpeed}
          data={SPEEDS.map((value) => ({ value, label: `${value}×` }))}
        />
      </Group>
      <Text size="xs" c="dimmed">
        {head.timestamp !== undefined && `Begun ${new Date(head.timestamp * 1000).toISOString()} (this machine). `}
        Pauses over {LONGEST_PAUSE} s are passed over while playing.
        {refused !== '' && ` Not shown, but in the recording: ${refused}.`}
        {unread > 0 && ` ${unread} ${unread === 1 ? 'line is' : 'lines are'} no event and not replayed.`}
      </Text>
      <div style={{ flex: 1, minHeight: 0, overflow: 'auto', background: '#000' }}>
        <Terminal
          label={`Replay of ${id}`}
          size={{ columns: head.width, rows: head.height }}
          onReady={(made) => {
            shown.current = undefined;
            setTerminal(made);
          }}
        />
      </div>
      <Text size="sm" component="div">
        Typed until then: {typed === '' ? 'nothing' : <VisibleText text={typed} mono max={2000} />}
      </Text>
    </div>
  );
}

function typedUntil({ events }: Cast, time: number): string {
  const utf8 = new TextDecoder();
  let text = '';
  for (const event of events) {
    if (event.at > time) break;
    if ('typed' in event) text += utf8.decode(event.typed, { stream: true });
  }
  return text.slice(-2000);
}
