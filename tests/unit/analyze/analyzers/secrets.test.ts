import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSecret, masked, secretsInText, shown } from '../../../../src/main/analyze/analyzers/lib/secrets';

const SECRET = 'hunter2hunter';

describe('what looks like a secret', () => {
  it.each([
    'DB_PASSWORD',
    'dbPassword',
    'password',
    'PGPASS',
    'DB_PASS',
    'MYSQL_PWD',
    'api-key',
    'apiKey',
    'AWS_SECRET_ACCESS_KEY',
    'GITHUB_TOKEN',
    'SECRET_KEY_BASE',
    'jwt.secret',
    'PASSWORD1',
    'ADMIN_PASSWORD_HASH',
    'STORAGE_ACCOUNT_KEY',
  ])('%s', (name) => {
    expect(isSecret(name, SECRET)).toBe(name !== 'PGPASS');
  });

  it.each([
    'PWD',
    'OLDPWD',
    'PASSWORD_FILE',
    'TOKEN_TTL',
    'GPG_KEY',
    'COMPASS',
    'BYPASS_CACHE',
    'SSH_AUTH_SOCK',
    'KEYBOARD',
    'SECRETARY',
    'PASSENGERS',
  ])('not %s', (name) => {
    expect(isSecret(name, SECRET)).toBe(false);
  });

  it.each(['', 'true', 'yes', '/run/secrets/x', '$OTHER', '{{ .Value }}', '****', '<changeme>'])(
    'not a value like %j',
    (value) => {
      expect(isSecret('PASSWORD', value)).toBe(false);
    },
  );
});

describe('a text that is shown', () => {
  const WAYS = [
    (s: string) => `env DB_PASSWORD=${s} ./run`,
    (s: string) => `sh -c export DB_PASSWORD='${s}'; ./run`,
    (s: string) => `docker run -e DB_PASSWORD=${s} shop`,
    (s: string) => `run --password ${s} --verbose`,
    (s: string) => `run --db-password=${s}`,
    (s: string) => `run -token "${s}"`,
    (s: string) => `mysql -uroot -p${s} shop`,
    (s: string) => `sshpass -p ${s} ssh a@b`,
    (s: string) => `curl -u admin:${s} https://x/`,
    (s: string) => `psql postgres://shop:${s}@db:5432/shop`,
    (s: string) => `curl -H 'Authorization: Bearer ${s}' https://x/`,
  ];

  it.each(WAYS.map((way): [string, (s: string) => string] => [way('…'), way]))('masks: %s', (_, way) => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z][A-Za-z0-9+_]{7,30}$/), (secret) => {
        const text = way(secret);
        expect(shown(text)).not.toContain(secret);
        expect(secretsInText(text).map(({ value }) => value)).toContain(secret);
        // what is no secret stays
        expect(shown(text).startsWith(text.slice(0, 3))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('shows of a long secret two characters, of a short one none', () => {
    expect(masked(SECRET)).toBe('hu… (13 characters)');
    expect(masked('abcde')).toBe('… (5 characters)');
    expect(masked('\u001b\u202eabcdef')).not.toMatch(/[\u001b\u202e]/);
    expect(masked('🔑🔑🔑🔑🔑🔑')).toBe('🔑🔑… (6 characters)');
  });

  it('is cut, harmless, and found in a moment, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
        const safe = shown(text, 100);
        expect(safe).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      }),
    );
    const started = Date.now();
    for (const part of [
      '-',
      'a=',
      '--a ',
      'Authorization: ',
      'mysql ',
      'curl -u ',
      '://a:',
      'eyJa.',
      '"',
      'PASSWORD=',
    ]) {
      shown(part.repeat(300_000 / part.length));
    }
    expect(Date.now() - started).toBeLessThan(5000);
  });
});
