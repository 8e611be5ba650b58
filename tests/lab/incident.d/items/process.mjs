import { descriptor, lstat, stat } from '../host.mjs';
import { container, content, expect, file, find, inMemory, one, sinkSaw, socketTo } from '../look.mjs';
import { NETWORK, RELAY, WEB } from '../stage.mjs';
import { made, utf8 } from './made.mjs';

/** Processes, what is in their memory, whom they talk to. */
export function processItems(facts) {
  const relayIp = (seen) => container(seen, RELAY).NetworkSettings.Networks[NETWORK].IPAddress;
  return [
    made(
      'web-shell',
      'process',
      WEB,
      ['T1505.003', 'T1190'],
      'the web service spawned a shell',
      { path: '/usr/bin/dash', string: '/srv/shop/uploads/attack.sh' },
      (s) => {
        const parent = one(s, WEB, (p) => p.pid === find.shell(s).ppid, 'above the shell');
        expect(parent.argv[1] === '/srv/shop/server.pl', 'its parent is not the web service');
      },
      find.shell,
    ),
    made(
      'reverse-shell',
      'process',
      WEB,
      ['T1059.004', 'T1059'],
      'a shell whose descriptors 0, 1, 2 are one TCP connection',
      { remote: `${RELAY}:4444`, path: '/usr/bin/dash' },
      (s) => {
        const shell = find.reverse(s);
        const [first, ...others] = [0, 1, 2].map((fd) => descriptor(shell, fd));
        expect(
          others.every((other) => other === first) && socketTo(shell, 0, `${relayIp(s)}:4444`),
          'its descriptors are not one connection to the relay',
        );
      },
      find.reverse,
    ),
    made(
      'deleted-binary',
      'process',
      WEB,
      ['T1070.004'],
      'a process whose executable was deleted',
      { path: '/var/tmp/kdevtmpfsi' },
      (s) => {
        expect(stat(`${find.deleted(s).at}/exe`)?.nlink === 0, 'its executable still has a name');
      },
      find.deleted,
    ),
    made(
      'miner-arguments',
      'process',
      WEB,
      ['T1496.001', 'T1496'],
      'a command line with a mining pool',
      { string: 'stratum+tcp://pool.update-cdn.example:3333' },
      (s) => {
        expect(
          find.deleted(s).argv.includes('stratum+tcp://pool.update-cdn.example:3333'),
          'no pool in its command line',
        );
      },
      find.deleted,
    ),
    made(
      'memfd-process',
      'process',
      WEB,
      ['T1620'],
      'a process that runs from a memfd',
      { path: '/memfd:update (deleted)' },
      (s) => {
        expect(find.memfd(s).exe.startsWith('/memfd:update'), 'its memfd has another name');
      },
      find.memfd,
    ),
    made(
      'fake-kernel-thread',
      'process',
      WEB,
      ['T1036', 'T1036.004'],
      'a process that calls itself a kernel thread',
      { string: '[kworker/u8:3]' },
      (s) => {
        expect(find.memfd(s).argv[0] === '[kworker/u8:3]', 'it has another name');
      },
      find.memfd,
    ),
    made(
      'memory-only-string',
      'memory',
      WEB,
      [],
      'a text that is in one process’s memory and in no file, argument or environment',
      { string: facts.secret },
      async (s) => {
        expect(await inMemory(find.secret(s), facts.secret), 'the text is not in its memory');
        expect(!lstat(file(s, '/srv/shop/uploads/memory.pl')), 'its script is still a file');
      },
      find.secret,
    ),
    made(
      'established-connection',
      'network',
      WEB,
      ['T1571', 'T1071'],
      'an established TCP connection to a host outside',
      { remote: `${facts.sink.address}:8443`, host: facts.sink.name },
      (s) => {
        const beacon = find.beacon(s);
        expect(
          [3, 4, 5].some((fd) => socketTo(beacon, fd, `${facts.sink.address}:8443`)),
          'no such connection',
        );
      },
      find.beacon,
    ),
    made(
      'dns-lookups',
      'network',
      WEB,
      ['T1071.004'],
      'DNS lookups with data in their names',
      { string: '637573746f6d657273.t.update-cdn.example', host: facts.sink.name },
      (s) =>
        sinkSaw(
          s,
          facts,
          (line) => line.kind === 'dns' && line.name === '637573746f6d657273.t.update-cdn.example',
          'lookup',
        ),
    ),
    made(
      'upload',
      'network',
      WEB,
      ['T1048.003', 'T1048'],
      'the stolen archive was uploaded over HTTP',
      { string: 'PUT /dump-web01.tgz', remote: `${facts.sink.address}:8080`, host: facts.sink.name },
      (s) =>
        sinkSaw(
          s,
          facts,
          (line) => line.kind === 'upload' && line.path === '/dump-web01.tgz' && line.bytes > 100,
          'upload',
        ),
    ),
    made(
      'download',
      'network',
      WEB,
      ['T1105'],
      'the dropper fetched its second stage',
      { path: '/tmp/.ICE-unix/.cache/.s', remote: `${facts.sink.address}:8080`, host: facts.sink.name },
      (s) => {
        sinkSaw(s, facts, (line) => line.kind === 'download' && line.path === '/stage2', 'download');
        expect(utf8(content(s, '/tmp/.ICE-unix/.cache/.s')).includes('second stage'), 'what it fetched is not there');
      },
    ),
  ];
}
