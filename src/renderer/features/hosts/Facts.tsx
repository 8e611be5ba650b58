import { IconCheck, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Capability, HostFacts } from '../../../shared/domain';
import { Copyable } from '../../components/Copyable';
import { Panel } from '../../components/Panel';
import { formatOffset, Time } from '../../components/Time';
import { VisibleText } from '../../components/VisibleText';
import classes from './hosts.module.css';

/** What a capability lets be taken, for the examiner. */
const NEEDS: Record<Capability['need'], string> = {
  engine: 'Docker Engine API: containers, images, events, logs, changes',
  procfs: 'The host’s /proc: processes, sockets, executables as the kernel sees them',
  root: 'Root on the host: every process, the engine’s own files',
  running: 'Running containers',
  ssh: 'A recorded shell on the host itself',
  criu: 'Checkpoints of containers',
  kcore: 'The kernel’s view of its memory: all of the host’s RAM',
};

/** What the host said of itself, and what can be taken there. */
export function Facts({ facts }: { facts: HostFacts }) {
  const { engine, clock } = facts;
  return (
    <div className={classes.facts}>
      <Panel title="Host">
        <dl className="l-pairs">
          <Pair name="Hostname" value={<VisibleText text={facts.hostname} />} />
          <Pair name="System" value={<VisibleText text={`${facts.os}, ${facts.arch}`} />} />
          <Pair name="Kernel" value={<VisibleText text={facts.kernel} mono />} />
          <Pair
            name="User"
            value={
              <>
                <VisibleText text={facts.user} />
                {facts.uid !== undefined && ` (uid ${facts.uid})`}
                {facts.root ? ', can act as root' : ', without root'}
              </>
            }
          />
          {facts.machineId && (
            <Pair name="Machine id" value={<Copyable value={facts.machineId} label="machine id" />} />
          )}
          {facts.bootId && <Pair name="Boot id" value={<Copyable value={facts.bootId} label="boot id" />} />}
          {facts.hostKey && (
            <Pair
              name="Host key"
              value={
                <>
                  <VisibleText text={facts.hostKey.algorithm} mono />{' '}
                  <Copyable value={facts.hostKey.fingerprint} label="host key fingerprint" />
                </>
              }
            />
          )}
          <Pair
            name="Clock"
            value={
              clock ? (
                <>
                  <Time at={clock.localTime} host={clock.hostTime} offsetMs={clock.offsetMs} />,{' '}
                  {formatOffset(clock.offsetMs)} against this machine, ± {Math.round(clock.uncertaintyMs)} ms
                  {facts.timeZone && (
                    <>
                      {' '}
                      · zone <VisibleText text={facts.timeZone} />
                    </>
                  )}
                </>
              ) : (
                'not measured: no command can be run there'
              )
            }
          />
        </dl>
      </Panel>
      <Panel title="Engine">
        {engine ? (
          <dl className="l-pairs">
            <Pair
              name="Product"
              value={<VisibleText text={`${engine.product} ${engine.version}, API ${engine.apiVersion}`} />}
            />
            <Pair name="Id" value={<Copyable value={engine.id} label="engine id" />} />
            <Pair name="Storage" value={<VisibleText text={engine.storageDriver} />} />
            <Pair name="Logs" value={<VisibleText text={engine.loggingDriver} />} />
            <Pair name="Data root" value={<VisibleText text={engine.rootDir} mono />} />
            <Pair
              name="Cgroup"
              value={
                <>
                  v<VisibleText text={engine.cgroupVersion} />
                  {engine.rootless && ', rootless'}
                  {engine.usernsRemap && ', user namespaces remapped'}
                  {engine.experimental && ', experimental'}
                </>
              }
            />
            <Pair
              name="Holds"
              value={`${engine.containers} containers (${engine.running} running), ${engine.images} images`}
            />
            <Pair
              name="Socket"
              value={
                <>
                  <VisibleText text={engine.socket} mono /> · <VisibleText text={engine.via} />
                </>
              }
            />
          </dl>
        ) : (
          <p className={classes.why}>
            No engine answers: <VisibleText text={facts.engineError ?? 'no reason was given'} />
          </p>
        )}
      </Panel>
      <Panel title="What can be taken here">
        <ul className={classes.capabilities}>
          {facts.capabilities.map((capability) => (
            <li key={capability.need}>
              {capability.ok ? (
                <IconCheck size={16} className={classes.yes} aria-hidden />
              ) : (
                <IconX size={16} className={classes.no} aria-hidden />
              )}
              <div>
                <div>
                  <span className="l-sr-only">{capability.ok ? 'Possible: ' : 'Not possible: '}</span>
                  {NEEDS[capability.need]}
                </div>
                <div className={classes.reason}>
                  <VisibleText text={capability.reason} max={500} />
                </div>
              </div>
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}

function Pair({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
