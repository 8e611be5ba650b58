import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { visible } from '../../../shared/visible';
import { orpc } from '../../client';
import { formatBytes, formatCount } from '../../components/Bytes';
import { ErrorAlert } from '../../components/ErrorAlert';
import { href, routeTo } from '../../navigate';
import classes from './network.module.css';
import { endLabel } from './rows';

const PAIRS = 40;
const [WIDTH, HEIGHT, R] = [1000, 560, 215];

/** Addresses on a circle and the bytes between them; each leads to its conversations. Containers are filled. */
export function Graph({ path, exhibit }: { path: string; exhibit: string }) {
  const { data, error, refetch } = useQuery(
    orpc.network.graph.queryOptions({ input: { case: path, exhibit, limit: PAIRS } }),
  );
  if (error) return <ErrorAlert error={error} title="The graph could not be made" onRetry={() => void refetch()} />;
  if (!data) return null;
  if (data.nodes.length === 0) return <Text size="sm">No addresses in this capture.</Text>;
  const places = data.nodes.map((_, i) => {
    const angle = (2 * Math.PI * i) / data.nodes.length - Math.PI / 2;
    return { x: WIDTH / 2 + R * 1.25 * Math.cos(angle), y: HEIGHT / 2 + R * Math.sin(angle) };
  });
  const most = Math.log2(2 + Math.max(...data.edges.map(({ bytesAB, bytesBA }) => bytesAB + bytesBA)));
  return (
    <div className={classes.graph}>
      <Text size="xs" c="dimmed">
        The {formatCount(data.edges.length)} pairs with the most bytes, of {formatCount(data.total)}. Thicker is more.
      </Text>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-label="Who talked to whom">
        {data.edges.map(({ a, b, bytesAB, bytesBA }) => {
          const [from, to] = [places[a], places[b]];
          if (!from || !to) return null;
          const names = [data.nodes[a], data.nodes[b]].map((node) => (node ? visible(endLabel(node)) : ''));
          return (
            <line
              key={`${a} ${b}`}
              x1={from.x}
              y1={from.y}
              x2={to.x}
              y2={to.y}
              strokeWidth={1 + (7 * Math.log2(2 + bytesAB + bytesBA)) / most}
            >
              <title>{`${names[0]} → ${names[1]}: ${formatBytes(bytesAB)}; back: ${formatBytes(bytesBA)}`}</title>
            </line>
          );
        })}
        {data.nodes.map((node, i) => {
          const { x, y } = places[i] ?? { x: 0, y: 0 };
          const right = x >= WIDTH / 2;
          return (
            <a
              key={node.address}
              href={href(routeTo('network', exhibit, { view: 'conversations', text: node.address }))}
              data-known={node.containers.length > 0 || undefined}
            >
              <circle cx={x} cy={y} r={7} />
              <text x={right ? x + 12 : x - 12} y={y + 4} textAnchor={right ? 'start' : 'end'}>
                {visible(endLabel(node), { max: 60 })}
              </text>
            </a>
          );
        })}
      </svg>
    </div>
  );
}
