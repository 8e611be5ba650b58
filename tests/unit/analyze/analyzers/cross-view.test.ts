import { expect, it } from 'vitest';
import crossView from '../../../../src/main/analyze/analyzers/cross-view';
import { analyze, byRule, type Given, type GivenProcess, processFrames, socketFrames, tcpRow } from '../kit';

const PS = 'container.inside.processes';
const NET = 'container.inside.sockets';
const look = (collector: string, content: Buffer): Given => ({ collector, content, kind: 'frames' });
const said = (collector: string, content: string, more: Partial<Given> = {}): Given => ({
  collector,
  content,
  kind: 'text',
  how: { kind: 'inside', argv: ['ps', 'aux'], exit: 0, stderr: '', stderrBytes: 0 },
  ...more,
});
const process = (pid: number, inside: number, name: string): GivenProcess => ({
  pid,
  inside,
  comm: name,
  argv: [name],
  pidNamespace: true,
});
const WEB = process(1001, 1, 'web');
const MINER = process(1005, 7, 'miner');
const ps = (...rows: [pid: number, command: string][]) =>
  ['PID   USER     TIME  COMMAND', ...rows.map(([pid, command]) => `${pid} root 0:00 ${command}`), ''].join('\n');
const asked = (text: string, before: GivenProcess[], after = before, more: Partial<Given> = {}) =>
  analyze([look(PS, processFrames(before)), said(PS, text, more), look(PS, processFrames(after))], [crossView]);

it('names the process that a lying ps leaves out, and no other', async () => {
  const found = byRule(await asked(ps([1, 'web'], [9, 'ps aux']), [WEB, MINER]), 'crossview.hidden-process');
  expect(found).toHaveLength(1);
  expect(found[0]?.claim).toContain('Process 1005 of the host (7 in the container), "miner"');
});

it('finds nothing where both sides agree, or where a process came or went meanwhile', async () => {
  const honest = ps([1, 'web'], [9, 'ps aux']);
  expect((await asked(ps([1, 'web'], [7, 'miner'], [9, 'ps aux']), [WEB, MINER])).findings).toEqual([]);
  expect((await asked(honest, [WEB, MINER], [WEB])).findings).toEqual([]);
  expect((await asked(honest, [WEB], [WEB, MINER])).findings).toEqual([]);
});

it('names a process that only the container shows', async () => {
  const found = byRule(
    await asked(ps([1, 'web'], [3, 'sshd'], [9, 'ps aux']), [WEB, MINER]),
    'crossview.invented-process',
  );
  expect(found.map(({ claim }) => claim)).toEqual([expect.stringContaining('lists process 3, "sshd"')]);
});

it('compares no part of a table, and nothing without both looks', async () => {
  const cut = await asked(ps([1, 'web']), [WEB, MINER], undefined, { partial: true });
  expect(cut.findings).toEqual([]);
  const alone = await analyze([look(PS, processFrames([WEB, MINER])), said(PS, ps([1, 'web']))], [crossView]);
  expect(alone.findings).toEqual([]);
});

it('names the listener and the connection that netstat hides, and a listener that it invents', async () => {
  const rows = [tcpRow('0.0.0.0:31337', '0.0.0.0:0', '0A', 8), tcpRow('10.0.0.2:40000', '10.0.0.9:4444', '01', 9)];
  const table = (...lines: string[]) =>
    ['Proto Recv-Q Send-Q Local Address Foreign Address State', ...lines].join('\n');
  const net = (text: string) =>
    analyze(
      [look(NET, socketFrames({ tcp: rows })), said(NET, text), look(NET, socketFrames({ tcp: rows }))],
      [crossView],
    );
  const lies = await net(table('tcp 0 0 0.0.0.0:80 0.0.0.0:* LISTEN'));
  expect(byRule(lies, 'crossview.hidden-socket')).toHaveLength(2);
  expect(byRule(lies, 'crossview.invented-socket')).toHaveLength(1);
  const honest = table('tcp 0 0 0.0.0.0:31337 0.0.0.0:* LISTEN', 'tcp 0 0 10.0.0.2:40000 10.0.0.9:4444 ESTABLISHED');
  expect((await net(honest)).findings).toEqual([]);
});

it('names a process that ps shows under another command, and takes a cut one for what it is', async () => {
  const long = { ...process(1007, 8, 'java'), argv: ['java', '-cp', 'x'.repeat(200)] };
  const cut = `java -cp ${'x'.repeat(60)}`;
  const fake = await asked(ps([1, 'web'], [7, '/usr/sbin/sshd -D'], [8, cut], [9, 'ps aux']), [WEB, MINER, long]);
  const found = byRule(fake, 'crossview.renamed-process');
  expect(found.map(({ claim }) => claim)).toEqual([
    expect.stringContaining('(7 in the container) as "/usr/sbin/sshd -D"; before and after it the host shows "miner"'),
  ]);
  expect(fake.findings).toHaveLength(1);
  // One that changed its command meanwhile may be shown with either.
  const other = { ...MINER, argv: ['sleeper'] };
  expect((await asked(ps([1, 'web'], [7, 'x'], [9, 'ps aux']), [WEB, MINER], [WEB, other])).findings).toEqual([]);
});

it('is less sure of what is missing where rows cannot be read, and says how many', async () => {
  const result = await asked(`${ps([1, 'web'], [9, 'ps aux'])}?? root 0:00 something\n`, [WEB, MINER]);
  const [found] = byRule(result, 'crossview.hidden-process');
  expect(found).toMatchObject({ confidence: 'possible', claim: expect.stringContaining('One row of its table') });
  expect(result.unreadable.map(({ reason }) => reason)).toEqual([expect.stringContaining('1 row of the table')]);
});

it('tells sockets apart by address, not by port alone', async () => {
  const rows = [tcpRow('0.0.0.0:80', '0.0.0.0:0', '0A', 8), tcpRow('10.0.0.2:80', '10.0.0.9:4444', '01', 9)];
  const table = [
    'Proto Recv-Q Send-Q Local Address Foreign Address State',
    'tcp 0 0 127.0.0.1:80 0.0.0.0:* LISTEN',
    'tcp 0 0 10.0.0.2:80 10.0.0.8:4444 ESTABLISHED',
    '',
  ].join('\n');
  const frames = socketFrames({ tcp: rows });
  const result = await analyze([look(NET, frames), said(NET, table), look(NET, frames)], [crossView]);
  expect(byRule(result, 'crossview.hidden-socket').map(({ claim }) => claim)).toEqual([
    expect.stringContaining('listens on 0.0.0.0:80'),
    expect.stringContaining('from 10.0.0.2:80 to 10.0.0.9:4444'),
  ]);
  expect(byRule(result, 'crossview.invented-socket').map(({ claim }) => claim)).toEqual([
    expect.stringContaining('127.0.0.1:80'),
  ]);
});
