import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LadingError } from '../../../src/shared/errors';
import { facts, fakeIo, run } from './kit';

const FINGERPRINT = 'SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU';
interface Attempt {
  trust?: string;
  secrets?: { password?: string; passphrase?: string; answers?: string[] };
}

/** A host whose key is unknown until it is trusted. */
const unknownKey = ({ trust }: Attempt) => {
  if (trust === FINGERPRINT) return facts;
  throw new LadingError('HOST_KEY_UNKNOWN', 'h is not known yet.', {
    details: { algorithm: 'ssh-ed25519', fingerprint: FINGERPRINT },
  });
};

/** A host that wants the password "right", told as the ssh part tells it. */
const wantsPassword = ({ secrets }: Attempt) => {
  if (secrets?.password === 'right') return facts;
  const code = secrets?.password === undefined ? 'AUTH_REQUIRED' : 'AUTH_FAILED';
  throw new LadingError(code, `root@h: ${code}`, { details: { wants: 'password' } });
};

const check = ['hosts', 'check', 'h'];
const trusts = (calls: { input: unknown }[]) => calls.map((c) => (c.input as Attempt).trust);

describe('an unknown host key', () => {
  it('is refused where nobody can be asked, with the fingerprint to compare', async () => {
    const got = await run(check, { 'hosts.connect': unknownKey });
    expect(got.code).toBe(1);
    expect(got.err).toContain(`--trust-host-key ${FINGERPRINT}`);
    expect(trusts(got.calls)).toEqual([undefined]);
  });

  it('is taken when its fingerprint was given, and only after the host has shown it', async () => {
    const got = await run([...check, '--trust-host-key', FINGERPRINT], { 'hosts.connect': unknownKey });
    expect(got.code).toBe(0);
    expect(trusts(got.calls)).toEqual([undefined, FINGERPRINT]);
  });

  it('is refused when another one was compared, also by a person who is there', async () => {
    const got = await run(
      [...check, '--trust-host-key', 'SHA256:other'],
      { 'hosts.connect': unknownKey },
      fakeIo({ answers: ['yes'] }),
    );
    expect(got.code).toBe(1);
    expect(got.questions).toEqual([]);
    expect(got.err).toContain('not the key you compared');
  });

  it.each([
    ['yes', 0],
    [FINGERPRINT, 0],
    ['y', 1],
    ['', 1],
    ['SHA256:other', 1],
  ])('a person answers %j: exit %i', async (answer, code) => {
    const got = await run(check, { 'hosts.connect': unknownKey }, fakeIo({ answers: [answer] }));
    expect(got.code).toBe(code);
    expect(got.err).toContain(FINGERPRINT);
    expect(got.calls).toHaveLength(code === 0 ? 2 : 1);
  });

  it('of a jump host and of the host behind it are two questions', async () => {
    const seen: string[] = [];
    const got = await run(
      check,
      {
        'hosts.connect': ({ trust }: Attempt) => {
          if (trust) seen.push(trust);
          const next = ['SHA256:jump', 'SHA256:host'].find((key) => !seen.includes(key));
          if (!next) return facts;
          throw new LadingError('HOST_KEY_UNKNOWN', 'x', { details: { algorithm: 'ed', fingerprint: next } });
        },
      },
      fakeIo({ answers: ['yes', 'yes'] }),
    );
    expect(got.code).toBe(0);
    expect(trusts(got.calls)).toEqual([undefined, 'SHA256:jump', 'SHA256:host']);
  });

  it('that changed is never asked about', async () => {
    const changed = () => {
      throw new LadingError('HOST_KEY_CHANGED', 'The key of h has changed.', { details: { fingerprint: FINGERPRINT } });
    };
    const got = await run(
      [...check, '--trust-host-key', FINGERPRINT],
      { 'hosts.connect': changed },
      fakeIo({ answers: ['yes'] }),
    );
    expect(got).toMatchObject({ code: 1, questions: [] });
    expect(got.calls).toHaveLength(1);
  });
});

describe('secrets', () => {
  it('come from the environment when they are asked for, not before', async () => {
    const got = await run(check, { 'hosts.connect': wantsPassword }, fakeIo({ env: { LADING_PASSWORD: 'right' } }));
    expect(got.code).toBe(0);
    expect(got.calls.map((c) => (c.input as Attempt).secrets?.password)).toEqual([undefined, 'right']);
  });

  it('come from the first line of a file, whoever wrote it', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'lading-')), 'pw');
    writeFileSync(file, '\ufeffright\r\nnot this\r\n');
    const got = await run([...check, '--password-file', file], { 'hosts.connect': wantsPassword });
    expect(got.code).toBe(0);
    const absent = await run([...check, '--password-file', `${file}-no`], { 'hosts.connect': wantsPassword });
    expect(absent.code).toBe(1);
    expect(absent.err).toContain(`${file}-no`);
  });

  it('that are wrong are tried once when nobody can be asked: an account may lock', async () => {
    const got = await run(check, { 'hosts.connect': wantsPassword }, fakeIo({ env: { LADING_PASSWORD: 'wrong' } }));
    expect(got.code).toBe(1);
    expect(got.calls).toHaveLength(2);
    expect(`${got.out}${got.err}`).not.toContain('wrong');
  });

  it('are not sent again to a host that only asks again', async () => {
    const greedy = () => {
      throw new LadingError('AUTH_REQUIRED', 'h wants a password.', { details: { wants: 'password' } });
    };
    const got = await run(check, { 'hosts.connect': greedy }, fakeIo({ env: { LADING_PASSWORD: 'right' } }));
    expect(got.code).toBe(1);
    expect(got.calls).toHaveLength(2);
  });

  it('are asked of a person without echo, three times at most', async () => {
    const good = await run(check, { 'hosts.connect': wantsPassword }, fakeIo({ answers: ['wrong', 'right'] }));
    expect(good.code).toBe(0);
    expect(good.questions.every((q) => q.hidden)).toBe(true);
    const bad = await run(check, { 'hosts.connect': wantsPassword }, fakeIo({ answers: ['1', '2', '3', '4'] }));
    expect(bad.code).toBe(1);
    expect(bad.questions).toHaveLength(3);
  });

  it('a refused one of the environment is typed anew, not sent again', async () => {
    const io = fakeIo({ answers: ['right'], env: { LADING_PASSWORD: 'wrong' } });
    const got = await run(check, { 'hosts.connect': wantsPassword }, io);
    expect(got.code).toBe(0);
    expect(got.calls.map((c) => (c.input as Attempt).secrets?.password)).toEqual([undefined, 'wrong', 'right']);
  });

  it('that are missing are named, with where to put them', async () => {
    const got = await run(check, { 'hosts.connect': wantsPassword });
    expect(got.code).toBe(1);
    expect(got.err).toContain('LADING_PASSWORD');
  });

  it('a passphrase and then a password are two questions', async () => {
    const got = await run(
      check,
      {
        'hosts.connect': ({ secrets }: Attempt) => {
          const wants = !secrets?.passphrase ? 'passphrase' : !secrets.password ? 'password' : undefined;
          if (!wants) return facts;
          throw new LadingError('AUTH_REQUIRED', `wants ${wants}`, { details: { wants } });
        },
      },
      fakeIo({ env: { LADING_KEY_PASSPHRASE: 'a', LADING_PASSWORD: 'b' } }),
    );
    expect(got.code).toBe(0);
  });

  it('answers what the host itself asks, shown harmless, with its echo', async () => {
    const got = await run(
      check,
      {
        'hosts.connect': ({ secrets }: Attempt) => {
          if (secrets?.answers?.join() === 'tok,yes') return facts;
          const prompts = [
            { prompt: 'Token\u001b[2J: ', echo: true },
            { prompt: 'Sure? ', echo: false },
          ];
          throw new LadingError('AUTH_REQUIRED', 'asks', { details: { wants: 'answers', prompts } });
        },
      },
      fakeIo({ answers: ['tok', 'yes'] }),
    );
    expect(got.code).toBe(0);
    expect(got.questions).toEqual([
      { question: 'h asks: Token␛[2J: ', hidden: false },
      { question: 'h asks: Sure? ', hidden: true },
    ]);
  });

  it('Ctrl-C while connecting closes what is open and ends with 130', async () => {
    const io = fakeIo();
    const got = await run(
      check,
      {
        'hosts.connect': async () => {
          io.interrupt();
          await new Promise((done) => setTimeout(done, 20));
          return facts;
        },
      },
      io,
    );
    expect(got.exits).toEqual([130]);
    expect(got.closed).toBeGreaterThan(0);
  });

  it('a cancelled question cancels the command', async () => {
    const got = await run(check, { 'hosts.connect': wantsPassword }, fakeIo({ answers: [] }));
    expect(got.code).toBe(1);
    expect(got.err).toContain('Cancelled by the examiner.');
    expect(got.closed).toBe(1);
  });
});

describe('seal', () => {
  const seal = {
    format: 1,
    case: 'c',
    seq: 9,
    head: 'a'.repeat(64),
    manifest: 'b'.repeat(64),
    time: '2026-11-25T09:00:00.000Z',
    examiner: 'A',
    fingerprint: 'c'.repeat(64),
  };
  const handlers = (state: 'none' | 'locked') => ({
    'custody.key': () => ({ state, where: 'file', path: '/k' }),
    'custody.seal': ({ passphrase }: { passphrase?: string }) => {
      if (passphrase === 'right passphrase') return seal;
      throw new LadingError(passphrase === undefined ? 'KEY_LOCKED' : 'KEY_WRONG_PASSPHRASE', 'The key is locked.');
    },
  });

  it('makes a new key with a passphrase typed twice', async () => {
    const io = fakeIo({
      answers: ['', 'short', 'right passphrase', 'wrong passphrase', 'right passphrase', 'right passphrase'],
    });
    const got = await run(['seal', 'c', '--json'], handlers('none'), io);
    expect(got.code).toBe(0);
    expect(JSON.parse(got.out)).toEqual(seal);
    expect(got.err).toContain('They differ.');
    expect(got.err.match(/at least 8 characters/g)).toHaveLength(2);
    expect(got.questions.every((q) => q.hidden)).toBe(true);
  });

  it('takes the passphrase of the environment, and fails with a wrong one', async () => {
    expect(
      (await run(['seal', 'c'], handlers('locked'), fakeIo({ env: { LADING_SEAL_PASSPHRASE: 'right passphrase' } })))
        .code,
    ).toBe(0);
    const wrong = await run(
      ['seal', 'c'],
      handlers('locked'),
      fakeIo({ env: { LADING_SEAL_PASSPHRASE: 'wrong passphrase' } }),
    );
    expect(wrong.code).toBe(1);
    expect(wrong.calls.filter((c) => c.call === 'custody.seal')).toHaveLength(2);
    expect((await run(['seal', 'c'], handlers('locked'))).code).toBe(1);
  });

  it('lets a person mistype', async () => {
    expect(
      (await run(['seal', 'c'], handlers('locked'), fakeIo({ answers: ['wrong passphrase', 'right passphrase'] })))
        .code,
    ).toBe(0);
  });
});
