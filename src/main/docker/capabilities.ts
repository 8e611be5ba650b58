import type { Capability, EngineFacts, Need } from '../../shared/domain';
import { NEEDS } from '../../shared/domain';
import { visible } from '../../shared/visible';
import type { Elevation } from '../hosts/elevation';

/** What decides on what can be taken from a host. */
export interface Situation {
  transport: 'local' | 'ssh' | 'engine only';
  engine?: EngineFacts;
  engineError?: string;
  /** Why commands give nothing there, where that is so. */
  noCommands?: string;
  system?: string;
  procfs: boolean;
  kcore?: boolean;
  lockdown?: string;
  criu?: string;
  kernel?: string;
  user: string;
  elevation: Elevation;
}

/** For every need whether it is met, on what that rests, or what is missing and what would help. */
export function capabilitiesOf(situation: Situation): Capability[] {
  return NEEDS.map((need) => ({ need, ...JUDGES[need](situation) }));
}

const JUDGES: Record<Need, (situation: Situation) => { ok: boolean; reason: string }> = {
  engine: ({ engine, engineError }) =>
    engine
      ? {
          ok: true,
          reason: `${visible(engine.product, { max: 60 })} ${visible(engine.version, { max: 40 })} answers on ${visible(engine.socket, { max: 200 })} (${engine.via}).`,
        }
      : { ok: false, reason: engineError ?? 'No engine answers on this host.' },

  procfs: ({ transport, noCommands, system, procfs }) => {
    if (transport === 'engine only') {
      return {
        ok: false,
        reason:
          'Only the engine can be reached here, not the machine it runs on: connect to that machine with ssh://user@host.',
      };
    }
    if (noCommands) return { ok: false, reason: noCommands };
    if (system !== 'Linux')
      return {
        ok: false,
        reason: `This host runs ${visible(system || 'an unknown system', { max: 40 })}, not Linux: it has no /proc.`,
      };
    return procfs
      ? { ok: true, reason: 'Linux; /proc can be read by command.' }
      : {
          ok: false,
          reason:
            '/proc shows nothing of other users here (hidepid, or a confined account): connect as root or with --sudo.',
        };
  },

  root: ({ transport, noCommands, user, elevation }) => {
    if (transport === 'engine only')
      return { ok: false, reason: 'No command can be run where only the engine can be reached.' };
    if (noCommands) return { ok: false, reason: noCommands };
    switch (elevation.by) {
      case 'login':
        return { ok: true, reason: 'The login is root.' };
      case 'sudo':
        return { ok: true, reason: `${visible(user, { max: 60 })} may use sudo without a password.` };
      case 'sudo password':
        return {
          ok: true,
          reason: `${visible(user, { max: 60 })} may use sudo; the password was given and is kept in memory only.`,
        };
      case 'nothing':
        return { ok: false, reason: `${elevation.reason} ${elevation.advice}` };
    }
  },

  criu: ({ engine, criu, kernel = '' }) => {
    if (!engine?.experimental) {
      return {
        ok: false,
        reason:
          'The engine makes checkpoints only with experimental features on; container.checkpoint-runc and process.memory need none.',
      };
    }
    if (!criu) return { ok: false, reason: 'CRIU is not installed on this host; process.memory needs none.' };
    const [major = 0, minor = 0] = criu.split('.').map(Number);
    const [first = 0, second = 0] = kernel.split('.').map(Number);
    const old = (major < 4 || (major === 4 && minor < 2)) && (first > 6 || (first === 6 && second >= 16));
    return {
      ok: true,
      reason: old
        ? `CRIU ${criu} on kernel ${first}.${second} saves only containers without inet sockets (fixed in CRIU 4.2).`
        : `CRIU ${criu}; the engine does not let it save established TCP connections, container.checkpoint-runc does.`,
    };
  },

  kcore: ({ transport, noCommands, kcore, lockdown = '' }) => {
    if (transport === 'engine only')
      return { ok: false, reason: 'No command can be run where only the engine can be reached.' };
    if (noCommands) return { ok: false, reason: noCommands };
    if (!kcore) {
      return {
        ok: false,
        reason:
          'The kernel has no /proc/kcore (it was built without it, or this is a container): memory can be had from the hypervisor instead.',
      };
    }
    return lockdown.includes('[confidentiality]')
      ? {
          ok: false,
          reason:
            'The kernel is locked down for confidentiality and lets nobody read /proc/kcore: memory can be had from the hypervisor instead.',
        }
      : { ok: true, reason: 'There is a /proc/kcore, and the kernel is not locked down against reading it.' };
  },

  ssh: ({ transport, noCommands }) => {
    if (transport !== 'ssh') {
      return {
        ok: false,
        reason: 'This host is not reached over SSH: connect with ssh://user@host to record a shell on it.',
      };
    }
    return noCommands
      ? { ok: false, reason: noCommands }
      : { ok: true, reason: 'Commands are run over SSH, which gives each a terminal where it is wanted.' };
  },

  running: () => ({ ok: true, reason: 'Depends on each container: one that does not run has no processes.' }),
};
