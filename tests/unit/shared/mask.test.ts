import { describe, expect, it } from 'vitest';
import { maskSecrets } from '../../../src/shared/mask';

describe('secrets on a screen', () => {
  it('are hidden in settings of Docker, environments and keys, and counted', () => {
    const config = '{"auths":{"r.example":{"auth":"dXNlcjpwYXNz", "identitytoken" : "a\\"b"}},"credsStore":"desktop"}';
    expect(maskSecrets(config)).toEqual({
      text: '{"auths":{"r.example":{"auth":"••• 12 characters •••", "identitytoken" : "••• 4 characters •••"}},"credsStore":"desktop"}',
      secrets: 2,
    });
    expect(maskSecrets('PATH=/bin␀\nDB_PASSWORD=hunter2␀\nHOME=/root')).toEqual({
      text: 'PATH=/bin␀\nDB_PASSWORD=••• 7 characters •••␀\nHOME=/root',
      secrets: 1,
    });
    const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n-----END OPENSSH PRIVATE KEY-----\n';
    expect(maskSecrets(key).text).not.toContain('b3BlbnNz');
    expect(maskSecrets(key.slice(0, 44)).text).not.toContain('b3Blbn');
  });

  it('leave what is none as it is', () => {
    for (const text of ['{"Name":"default","Endpoints":{}}', 'a=b', '-----BEGIN CERTIFICATE-----\nMIIB\n', '']) {
      expect(maskSecrets(text)).toEqual({ text, secrets: 0 });
    }
  });

  it('cost no more than the text is long, whatever a host puts into it', () => {
    for (const unit of ['"auth":"', '-----BEGIN PRIVATE KEY-----', 'password', 'secret_', '\\"', '"token" :    ']) {
      const began = performance.now();
      maskSecrets(unit.repeat(Math.ceil(65_536 / unit.length)));
      expect([unit, performance.now() - began < 3000]).toEqual([unit, true]);
    }
  });
});
