import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countersText, finalCounters, liveCounters } from '../../../../src/main/collect/capture/counters';
import { INTERFACE, parseLinks } from '../../../../src/main/collect/capture/interfaces';
import { parseOwn, wholeFilter } from '../../../../src/main/collect/capture/own';
import { CONTAINER_SAMPLES, HOST_SAMPLES } from '../../../../src/main/collect/capture/script';
import { headAndTail } from '../../../../src/main/collect/capture/text';

describe('the own connection', () => {
  it('is read as sshd says it, of both families', () => {
    const own = parseOwn('10.77.1.1 51022 10.77.1.2 22');
    expect(own).toEqual({ client: '10.77.1.1', clientPort: 51_022, server: '10.77.1.2', serverPort: 22 });
    expect(parseOwn('fd00::1 5 fd00::2 22\n')?.client).toBe('fd00::1');
    expect(wholeFilter('', undefined)).toBe('');
    expect(wholeFilter(' tcp or udp ', undefined)).toBe('tcp or udp');
    // without the brackets `or` would take the exclusion away
    expect(wholeFilter('tcp or udp', own)).toMatch(/^\(tcp or udp\) and not \(tcp and \(\(src host 10\.77\.1\.1 and/);
  });

  it('is nothing where the host says something else: no word of it comes into a filter', () => {
    for (const text of [
      '',
      '1.2.3.4 1 5.6.7.8',
      '1.2.3.4 0 5.6.7.8 22',
      '1.2.3.4 70000 5.6.7.8 22',
      '1.2.3.4 1 fd00::1 22',
      'host) or (tcp 1 5.6.7.8 22',
      'fe80::1%eth0 1 fe80::2%eth0 22',
      '1.2.3.4 1 5.6.7.8 22 more',
    ]) {
      expect([text, parseOwn(text)]).toEqual([text, undefined]);
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        const own = parseOwn(text);
        if (own) expect(`${own.client}${own.server}`).toMatch(/^[0-9a-f.:]+$/i);
      }),
    );
  });
});

describe('interfaces', () => {
  const inside = '1: lo: <LOOPBACK> mtu 65536\n2: eth0@if7: <UP> mtu 1500\n9: mv0@if3: <UP>\n';

  it('pairs are those whose ends name each other', () => {
    const host = 'host\n1: lo@if1:\n3: eth0@if3:\n7: veth1a@if2:\n8: veth2b@if2:\n';
    expect(parseLinks(`${inside}${host}`)).toEqual({
      kind: 'own',
      pairs: [{ inside: 'eth0', host: 'veth1a' }],
      others: ['mv0'],
    });
    expect(parseLinks('same\n')).toEqual({ kind: 'host' });
  });

  it('a name that would be an option or leave its folder is not taken', () => {
    const host = 'host\n7: -w@if2:\n';
    expect(parseLinks(`${inside}${host}`)).toEqual({ kind: 'own', pairs: [], others: ['eth0', 'mv0'] });
    for (const name of ['-i', '..', 'a/b', 'a b', '', 'sixteen-letters-', 'eth0;id']) {
      expect([name, INTERFACE.test(name)]).toEqual([name, false]);
    }
    for (const name of ['eth0', 'br-0123456789ab', 'any', 'eth0.100']) expect(INTERFACE.test(name)).toBe(true);
  });
});

describe('counters', () => {
  const live = 'tcpdump: 12 packets captured, 14 packets received by filter, 1 packet dropped by kernel\n';
  const end = '31 packets captured\n33 packets received by filter\n2 packets dropped by kernel\n';

  it('are the newest while it runs and those of the end', () => {
    expect(liveCounters(`${live.replace('12', '3')}${live}`)).toEqual({ captured: 12, received: 14, dropped: 1 });
    expect(finalCounters(`tcpdump: listening on x\n${live}${end}`)).toEqual({ captured: 31, received: 33, dropped: 2 });
    expect(countersText({ captured: 31, received: 33, dropped: 2 })).toContain('2 received were not handed over');
  });

  it('are not known where it did not come to its end', () => {
    expect(finalCounters(live)).toBeUndefined();
    expect(finalCounters(end.replace('dropped by kernel', 'dropped by int'))).toBeUndefined();
    expect(liveCounters('tcpdump: listening on eth0')).toBeUndefined();
  });
});

describe('what a command says', () => {
  it('is kept with its beginning and its end, whatever the pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
        const kept = headAndTail(30, 20);
        for (const piece of pieces) kept.push(Buffer.from(piece.map((byte) => 97 + (byte % 26))));
        const all = Buffer.concat(pieces.map((piece) => Buffer.from(piece.map((byte) => 97 + (byte % 26))))).toString();
        expect(kept.bytes).toBe(all.length);
        const left = all.length - 50;
        expect(kept.text()).toBe(left > 0 ? `${all.slice(0, 30)}\n[${left} bytes left out]\n${all.slice(-20)}` : all);
      }),
    );
  });
});

describe('the script that samples sockets', () => {
  it.each([
    ['of a container', CONTAINER_SAMPLES],
    ['of the host', HOST_SAMPLES],
  ])('%s ends only what it began: nothing else gives a value to the variables that it kills by', (_, script) => {
    const killed = new Set([...script.matchAll(/\bkill (?:-\w+ )?"\$(\w+)"/g)].map(([, name = '']) => name));
    expect(killed.size).toBeGreaterThanOrEqual(2);
    for (const name of killed) {
      const given = [...script.matchAll(new RegExp(`(?:\\b${name}=\\S*|\\b(?:for|read(?: -\\w+)*) ${name}\\b)`, 'g'))];
      expect(given.map(([text]) => text)).toEqual([`${name}=$!`]);
    }
  });
});
