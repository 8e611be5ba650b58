import { Button, CloseButton, Group, Title } from '@mantine/core';
import type { TimelineRow } from '../../../shared/contract/timeline';
import { visible } from '../../../shared/visible';
import { CiteLink } from '../../components/CiteLink';
import { formatOffset, formatUtc } from '../../components/Time';
import { navigate, routeTo } from '../../navigate';
import { AddNote } from './AddNote';
import { KIND_WORDS } from './kinds';
import classes from './timeline.module.css';

/** One row, whole: the corrected time beside the recorded one, and the place in the exhibit that says so. */
export function Detail({ row, onClose }: { row: TimelineRow; onClose: () => void }) {
  const { exhibit, locator, target } = row;
  return (
    <section className={classes.detail} aria-label="Row of the timeline">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Title order={2}>{visible(row.desc, { max: 120 })}</Title>
        <CloseButton aria-label="Close" onClick={onClose} />
      </Group>
      <pre className={classes.whole}>{visible(row.message, { keepLines: true, max: 8000 })}</pre>
      <dl className="l-pairs">
        <dt>Time</dt>
        <dd>
          {formatUtc(row.time, false)}
          {/\.\d+/.exec(row.time)?.[0] ?? ''} UTC
        </dd>
        <dt>As recorded</dt>
        <dd className={classes.mono}>{visible(row.raw, { max: 200 })}</dd>
        <dt>Clock</dt>
        <dd>
          {row.offsetMs === null
            ? 'Not corrected'
            : `Corrected: the clock of the host was ${formatOffset(row.offsetMs)} from the examiner’s`}
        </dd>
        <dt>Precision</dt>
        <dd>{row.precision}</dd>
        <dt>Kind</dt>
        <dd>{KIND_WORDS[row.kind].name}</dd>
        {target.id !== '' && (
          <>
            <dt>Target</dt>
            <dd>
              {target.kind} {visible(target.name || target.id, { max: 120 })}
            </dd>
          </>
        )}
        <dt>Place</dt>
        <dd>
          {exhibit !== null ? (
            <CiteLink exhibit={exhibit} locator={locator ?? undefined} />
          ) : (
            <Button variant="transparent" size="compact-sm" p={0} onClick={() => navigate('custody')}>
              Ledger, entry {row.entry}
            </Button>
          )}
        </dd>
      </dl>
      <AddNote key={row.n} row={row} />
      {exhibit !== null && (
        <Button
          variant="default"
          onClick={() => navigate(routeTo('findings', undefined, { new: '1', exhibit, at: locator ?? 'whole' }))}
        >
          Add a finding that cites it
        </Button>
      )}
    </section>
  );
}
