import type { HostSpec, Secrets } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import type { Identity } from '../hosts/identity';
import type { ElevatableHost } from '../hosts/local';

/**
 * Settles how commands become root on a host. Throws AUTH_REQUIRED and AUTH_FAILED (wants: 'sudoPassword') where the
 * examiner asked for sudo and it wants a password.
 */
export async function findElevation(
  host: ElevatableHost,
  identity: Identity | undefined,
  spec: Pick<HostSpec, 'sudo'>,
  secrets: Pick<Secrets, 'sudoPassword'>,
): Promise<void> {
  const user = visible(identity?.user ?? 'this user', { max: 60 });
  if (!identity) {
    host.elevation = {
      by: 'nothing',
      reason: `No command can be run on ${host.address}.`,
      advice: 'Use an account that may run commands.',
    };
  } else if (identity.uid === 0) {
    host.elevation = { by: 'login' };
  } else if (!spec.sudo) {
    host.elevation = {
      by: 'nothing',
      reason: `${user} is not root on ${host.address}, and sudo was not asked for.`,
      advice: 'Connect with --sudo, or as root.',
    };
  } else if (identity.sudoFree) {
    host.elevation = { by: 'sudo' };
  } else if (!identity.sudoThere) {
    host.elevation = { by: 'nothing', reason: `There is no sudo on ${host.address}.`, advice: 'Connect as root.' };
  } else if (secrets.sudoPassword === undefined) {
    throw new LadingError('AUTH_REQUIRED', `sudo on ${host.address} wants the password of ${user}.`, {
      advice: 'Give the password, or connect without sudo and take what needs no root.',
      details: { wants: 'sudoPassword', user },
    });
  } else {
    await tryPassword(host, user, secrets.sudoPassword);
  }
}

async function tryPassword(host: ElevatableHost, user: string, password: string): Promise<void> {
  host.elevation = { by: 'sudo password', password: () => password };
  const execution = await host.exec(['true'], { asRoot: true, timeoutMs: 30_000 });
  execution.stdout.resume();
  let words = '';
  execution.stderr.on('data', (piece: Buffer) => {
    if (words.length < 4096) words += piece.toString('utf8');
  });
  const exit = await execution.done;
  if (exit.code === 0) return;
  const said = visible(words.trim().split('\n').at(-1) ?? '', { max: 200 });
  host.elevation = {
    by: 'nothing',
    reason: `${user} may not become root on ${host.address}: ${said || `sudo ended with status ${exit.code}`}.`,
    advice: 'Connect as root, or have sudo allowed for this user.',
  };
}
