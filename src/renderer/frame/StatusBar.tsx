import { useQuery } from '@tanstack/react-query';
import { visible } from '../../shared/visible';
import { useCase } from '../case';
import { orpc } from '../client';
import { formatBytes, formatCount } from '../components/Bytes';
import { Copyable } from '../components/Copyable';
import { formatOffset, formatUtc } from '../components/Time';
import classes from './frame.module.css';

/** Below this the evidence disk is called nearly full. */
const LITTLE_SPACE = 2 * 1024 ** 3;

/** Who works where, where the ledger stands, whose clocks differ by how much, and how much room is left. */
export function StatusBar() {
  const { data, head, freeBytes } = useCase();
  const { data: info } = useQuery(orpc.app.info.queryOptions());
  const { data: hosts = [] } = useQuery(orpc.hosts.connected.queryOptions({ refetchInterval: 15_000 }));
  const seal = data.seals.at(-1);
  return (
    <footer className={classes.status}>
      <span title="Examiner and workstation">
        {visible(data.examiner, { max: 60 })}
        {info && ` @ ${visible(info.workstation, { max: 40 })}`}
      </span>
      <span>
        Ledger #{head.seq} <Copyable value={head.hash} label="hash of the ledger's last entry" short={10} />
      </span>
      <span title={seal ? `Sealed ${formatUtc(seal.time)} UTC` : 'A seal signs the ledger as it stands'}>
        {seal
          ? head.seq > seal.seq + 1
            ? `sealed at #${seal.seq}, ${head.seq - seal.seq} entries since`
            : `sealed at #${seal.seq}`
          : 'not sealed'}
      </span>
      <span className={classes.statusGap} />
      {hosts.length === 0 ? (
        <span>no host connected</span>
      ) : (
        hosts.map(({ spec, facts }) => (
          <span key={spec.address} title={`${visible(spec.address)}: its clock against ours`}>
            {visible(facts.hostname, { max: 30 })} clock{' '}
            {facts.clock
              ? `${formatOffset(facts.clock.offsetMs)} ± ${Math.round(facts.clock.uncertaintyMs)} ms`
              : 'not measured'}
          </span>
        ))
      )}
      <span
        className={freeBytes < LITTLE_SPACE ? classes.statusBad : undefined}
        title={`${formatCount(freeBytes)} bytes free on the evidence disk`}
      >
        {freeBytes < LITTLE_SPACE ? 'only ' : ''}
        {formatBytes(freeBytes)} free
      </span>
    </footer>
  );
}
