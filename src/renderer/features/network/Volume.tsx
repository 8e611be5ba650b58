import { useQuery } from '@tanstack/react-query';
import { orpc } from '../../client';
import { formatBytes, plural } from '../../components/Bytes';
import { formatUtc } from '../../components/Time';
import classes from './network.module.css';

const HEIGHT = 44;

/** Bytes on the wire over the time of the capture, a bar a span of seconds. */
export function Volume({ path, exhibit }: { path: string; exhibit: string }) {
  const { data } = useQuery(orpc.network.volume.queryOptions({ input: { case: path, exhibit } }));
  const bars = data?.bars ?? [];
  const [first, last] = [bars[0], bars.at(-1)];
  if (!data || !first || !last) return null;
  const begin = Date.parse(first.start) / 1000;
  const count = Math.max(1, Math.round((Date.parse(last.start) / 1000 - begin) / data.seconds) + 1);
  const most = Math.max(1, ...bars.map(({ bytes }) => bytes));
  const width = `${plural(data.seconds, 'second')} a bar, at most ${formatBytes(most)}`;
  return (
    <div className={classes.volume}>
      <svg
        viewBox={`0 0 ${count} ${HEIGHT}`}
        preserveAspectRatio="none"
        width="100%"
        height={HEIGHT}
        role="img"
        aria-label={`Bytes over time from ${formatUtc(first.start)} to ${formatUtc(last.start)} UTC, ${width}`}
      >
        {bars.map(({ start, bytes, packets }) => {
          const height = Math.max(1, (bytes / most) * HEIGHT);
          const x = Math.round((Date.parse(start) / 1000 - begin) / data.seconds);
          return (
            <rect key={start} x={x + 0.05} y={HEIGHT - height} width={0.9} height={height}>
              <title>{`${formatUtc(start)} UTC: ${formatBytes(bytes)}, ${plural(packets, 'packet')}`}</title>
            </rect>
          );
        })}
      </svg>
      <div className={classes.axis}>
        <span>{formatUtc(first.start)} UTC</span>
        <span>{width}</span>
        <span>{formatUtc(last.start)} UTC</span>
      </div>
    </div>
  );
}
