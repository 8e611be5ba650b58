import type { ExhibitRecord } from '../../../../../shared/domain';
import { visible } from '../../../../../shared/visible';
import type { AnalyzeContext } from '../../../analyzer';
import { type NetstatRow, parseNetstat, sameAddress } from '../../../formats/netstat';
import { endpoint, readSockets, type Socket } from '../process/sockets';
import { type Hit, type Rule, report } from '../rule';
import { cautious, lineOf, sayUnreadable, type Views, wholeOf, wholeText } from './looks';

export const hiddenSocket: Rule = {
  id: 'crossview.hidden-socket',
  version: '2',
  title: 'A socket that the container hides',
  severity: 'critical',
  confidence: 'likely',
  techniques: ['T1014', 'T1564'],
  benign: 'The socket is in another network namespace that a process of the container made for itself.',
};

export const inventedSocket: Rule = {
  id: 'crossview.invented-socket',
  version: '2',
  title: 'A listening socket that only the container shows',
  severity: 'medium',
  confidence: 'possible',
  techniques: ['T1014'],
  benign: 'It was opened and closed again between two looks of a second.',
};

type Inet = Extract<Socket, { kind: 'inet' }>;

/** Sockets that last: those that wait for peers, and connections that stand. UDP comes and goes. */
async function readLook(ctx: AnalyzeContext, exhibit: ExhibitRecord): Promise<Map<number, Inet>> {
  const { byInode } = await readSockets(ctx, exhibit);
  const inet = [...byInode].flatMap(([inode, one]): [number, Inet][] =>
    one.kind === 'inet' && one.row.protocol.startsWith('tcp') ? [[inode, one]] : [],
  );
  // A program that the engine starts is in the namespace of the first process, whose tables come first.
  const first = inet[0]?.[1].namespace;
  return new Map(inet.filter(([, one]) => one.namespace === first));
}

/** Compares netstat or ss in the container with the host's two looks. */
export async function compareSockets(ctx: AnalyzeContext, views: Views): Promise<void> {
  const text = await wholeText(ctx, views.said);
  if (text === undefined) return;
  const table = parseNetstat(text);
  if (!table) {
    ctx.unreadable(views.said, 'This is no table of netstat or ss.');
    return;
  }
  sayUnreadable(ctx, views.said, table.unreadable);
  const tcp = table.rows.filter(({ protocol }) => protocol === 'tcp');
  const [before, after] = [await readLook(ctx, views.before), await readLook(ctx, views.after)];
  const target = views.said.target;
  for (const hit of hidden(tcp, before, after, views.said)) {
    report(ctx, hiddenSocket, target, cautious(hit, table.unreadable));
  }
  for (const hit of invented(tcp, before, after, views)) report(ctx, inventedSocket, target, hit);
}

function hidden(rows: readonly NetstatRow[], before: Map<number, Inet>, after: Map<number, Inet>, said: ExhibitRecord) {
  const told = ({ row }: Inet) =>
    rows.some(
      (one) =>
        one.localPort === row.localPort &&
        one.listening === (row.state === 'LISTEN') &&
        one.remotePort === row.remotePort &&
        sameAddress(one.localAddress, one.localPort, row.localAddress) &&
        sameAddress(one.remoteAddress, one.remotePort, row.remoteAddress),
    );
  return [...before].flatMap(([inode, socket]): Hit[] => {
    const { row, cite } = socket;
    const still = after.get(inode);
    if (!still || still.row.state !== row.state || still.row.localPort !== row.localPort) return [];
    const waits = row.state === 'LISTEN';
    if (!waits && row.state !== 'ESTABLISHED') return [];
    if (told(socket)) return [];
    const local = endpoint(row.localAddress, row.localPort);
    const what = waits
      ? `The TCP socket that listens on ${local}`
      : `The TCP connection from ${local} to ${endpoint(row.remoteAddress, row.remotePort)}`;
    const claim = `${what} was there before and after the container was asked for its sockets, and the container does not list it.`;
    return [{ claim, cites: [cite, still.cite, wholeOf(said)] }];
  });
}

function invented(
  rows: readonly NetstatRow[],
  before: Map<number, Inet>,
  after: Map<number, Inet>,
  { said, before: first, after: second }: Views,
): Hit[] {
  const real = [...before.values(), ...after.values()].filter(({ row }) => row.state === 'LISTEN');
  return rows.flatMap(({ listening, localAddress, localPort, line }) => {
    const is = ({ row }: Inet) => row.localPort === localPort && sameAddress(localAddress, localPort, row.localAddress);
    if (!listening || real.some(is)) return [];
    const local = visible(endpoint(localAddress, localPort), { max: 80 });
    const claim = `The container lists a TCP socket that listens on ${local}, which the host shows neither just before nor just after.`;
    return [{ claim, cites: [lineOf(said, line), wholeOf(first), wholeOf(second)] }];
  });
}
