import { type KeyboardEvent, type PointerEvent, useMemo, useRef, useState } from 'react';
import { TIMELINE_KINDS, type TimelineSummary } from '../../../shared/contract/timeline';
import { formatUtc } from '../../components/Time';
import { KIND_WORDS } from './kinds';
import classes from './timeline.module.css';

interface Props {
  summary: TimelineSummary;
  /** A span of time was chosen, in ms since 1970. */
  onSpan: (from: number, to: number) => void;
}

const HEIGHT = 96;

/**
 * Rows by time, stacked by kind, on a square-root scale so that few rows beside many are seen. Dragging chooses a span; with the
 * keyboard: arrows move a mark, Shift with an arrow chooses, Enter zooms in.
 */
export function Histogram({ summary, onSpan }: Props) {
  const { buckets, widthMs } = summary;
  const ref = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  const [over, setOver] = useState<number>();
  const most = useMemo(() => Math.sqrt(Math.max(1, ...buckets.map(({ total }) => total))), [buckets]);

  const bucketAt = (clientX: number) => {
    const box = ref.current?.getBoundingClientRect();
    if (!box || box.width === 0) return 0;
    const at = Math.floor(((clientX - box.left) / box.width) * buckets.length);
    return Math.min(buckets.length - 1, Math.max(0, at));
  };
  const choose = (a: number, b: number) => {
    const first = buckets[Math.min(a, b)];
    const last = buckets[Math.max(a, b)];
    if (first && last) onSpan(Math.floor(Date.parse(first.start)), Math.ceil(Date.parse(last.start) + widthMs));
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    const at = bucketAt(event.clientX);
    setDrag({ from: at, to: at });
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const at = bucketAt(event.clientX);
    setOver(at);
    if (drag && event.currentTarget.hasPointerCapture(event.pointerId)) setDrag({ from: drag.from, to: at });
  };
  const onPointerUp = () => {
    if (drag) choose(drag.from, drag.to);
    setDrag(undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (by !== 0) {
      const at = Math.min(buckets.length - 1, Math.max(0, (over ?? 0) + by));
      setOver(at);
      setDrag(event.shiftKey ? { from: drag?.from ?? over ?? 0, to: at } : undefined);
    } else if (event.key === 'Enter' && over !== undefined) {
      choose(drag?.from ?? over, drag?.to ?? over);
      setDrag(undefined);
    } else if (event.key === 'Escape') setDrag(undefined);
    else return;
    event.preventDefault();
  };

  const shown = over === undefined ? undefined : buckets[over];
  const [low, high] = drag ? [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)] : [0, -1];
  const words = shown
    ? `${formatUtc(shown.start)} UTC: ${shown.total.toLocaleString('en')} rows (${TIMELINE_KINDS.flatMap((kind) =>
        shown.kinds[kind] ? [`${KIND_WORDS[kind].name} ${shown.kinds[kind].toLocaleString('en')}`] : [],
      ).join(', ')})`
    : `${span(widthMs)} a bar. Drag over the bars to look closer.`;
  return (
    <div className={classes.histogram}>
      <div
        ref={ref}
        className={classes.bars}
        role="slider"
        tabIndex={0}
        aria-label="Rows by time"
        aria-valuemin={0}
        aria-valuemax={Math.max(0, buckets.length - 1)}
        aria-valuenow={over ?? 0}
        aria-valuetext={words}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerLeave={() => setOver(undefined)}
        onKeyDown={onKeyDown}
      >
        <svg
          viewBox={`0 0 ${Math.max(1, buckets.length)} ${HEIGHT}`}
          preserveAspectRatio="none"
          width="100%"
          height={HEIGHT}
          aria-hidden
        >
          {buckets.map((bucket, i) => {
            let y = HEIGHT;
            const whole = bucket.total === 0 ? 0 : Math.max(2, (Math.sqrt(bucket.total) / most) * HEIGHT);
            return TIMELINE_KINDS.map((kind) => {
              const count = bucket.kinds[kind] ?? 0;
              if (count === 0) return null;
              const height = (whole * count) / bucket.total;
              y -= height;
              return (
                <rect
                  key={`${bucket.start} ${kind}`}
                  x={i + 0.06}
                  y={y}
                  width={0.88}
                  height={height}
                  fill={KIND_WORDS[kind].colour}
                />
              );
            });
          })}
          {drag && <rect x={low} y={0} width={high - low + 1} height={HEIGHT} className={classes.brush} />}
          {over !== undefined && !drag && <rect x={over} y={0} width={1} height={HEIGHT} className={classes.mark} />}
        </svg>
      </div>
      <div className={classes.axis}>
        <span>{summary.first === null ? '' : `${formatUtc(summary.first)} UTC`}</span>
        <span className={classes.words}>{words}</span>
        <span>{summary.last === null ? '' : `${formatUtc(summary.last)} UTC`}</span>
      </div>
    </div>
  );
}

/** A length of time in words. */
function span(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} days`;
}
