import { Anchor, Button, Code, Text } from '@mantine/core';
import { useState } from 'react';
import type { Answer, AnswerState, Missing, Point } from '../../../shared/contract/investigations';
import { visible } from '../../../shared/visible';
import { CiteLink } from '../../components/CiteLink';
import { Panel } from '../../components/Panel';
import { SeverityBadge } from '../../components/SeverityBadge';
import { href, routeTo } from '../../navigate';
import classes from './investigations.module.css';

/** Points that are shown before one asks for all. */
const FIRST = 6;
/** Places of a point that are shown. */
const CITES = 6;

const WORDS: Record<AnswerState, string> = {
  found: 'Something to weigh',
  'nothing found': 'Nothing found',
  partly: 'Nothing so far, not all was taken',
  'not analysed': 'Not analysed yet',
  'not taken': 'Not taken',
};

/** A question with what the evidence says to it, where it stands, and what is missing. */
export function AnswerCard({ answer, number }: { answer: Answer; number: number }) {
  const [all, setAll] = useState(false);
  // facts alone answer; only findings are to be weighed
  const told = answer.state === 'found' && answer.points.every(({ finding }) => finding === undefined);
  const shown = all ? answer.points : answer.points.slice(0, FIRST);
  return (
    <li>
      <Panel
        title={`${number}. ${answer.question}`}
        aside={
          <span className={classes.state} data-state={told ? 'told' : answer.state}>
            {told ? 'Answered' : WORDS[answer.state]}
          </span>
        }
      >
        <div className={classes.body}>
          <Text size="sm">{answer.summary}</Text>
          <Text size="xs" c="dimmed">
            {answer.why}{' '}
            {answer.instead.length > 0 && (
              <>
                Instead of{' '}
                {answer.instead.map((one, i) => (
                  <span key={one}>
                    {i > 0 && ', '}
                    <Code>{one}</Code>
                  </span>
                ))}
                .
              </>
            )}
          </Text>
          {shown.length > 0 && (
            <ul className={classes.points} aria-label={`What the evidence says: ${answer.question}`}>
              {shown.map((point) => (
                <PointRow key={`${point.finding ?? ''} ${point.text} ${point.cites[0]?.locator ?? ''}`} point={point} />
              ))}
            </ul>
          )}
          {answer.points.length > FIRST && (
            <Button variant="subtle" size="compact-sm" onClick={() => setAll(!all)} aria-expanded={all}>
              {all ? 'Show the first only' : `Show all ${answer.points.length}`}
            </Button>
          )}
          {answer.more > 0 && (
            <Text size="xs" c="dimmed">
              And {answer.more} more:{' '}
              <Anchor href={href('findings')} inherit underline="always">
                Findings
              </Anchor>{' '}
              has all.
            </Text>
          )}
          {answer.missing.length > 0 && (
            <ul className={classes.missing} aria-label={`Missing: ${answer.question}`}>
              {answer.missing.map((one) => (
                <MissingRow key={one.collector} missing={one} />
              ))}
            </ul>
          )}
        </div>
      </Panel>
    </li>
  );
}

function PointRow({ point }: { point: Point }) {
  const { text, cites, severity, status, finding } = point;
  return (
    <li data-dismissed={status === 'dismissed' || undefined}>
      <span>
        {severity ? (
          <SeverityBadge severity={severity} />
        ) : (
          <Text size="xs" c="dimmed">
            Fact
          </Text>
        )}
        {status && (
          <Text size="xs" c="dimmed">
            {status}
          </Text>
        )}
      </span>
      <div>
        <Text size="sm">
          {finding ? (
            <Anchor href={href(routeTo('findings', finding))} inherit>
              {visible(text, { max: 700 })}
            </Anchor>
          ) : (
            visible(text, { max: 700 })
          )}
        </Text>
        <span className={classes.cites}>
          {cites.slice(0, CITES).map(({ exhibit, locator }) => (
            <CiteLink key={`${exhibit} ${locator}`} exhibit={exhibit} locator={locator} />
          ))}
          {cites.length > CITES && (
            <Text size="xs" c="dimmed">
              and {cites.length - CITES} more places
            </Text>
          )}
        </span>
      </div>
    </li>
  );
}

function MissingRow({ missing }: { missing: Missing }) {
  const { collector, title, targets, reason } = missing;
  const names = targets
    .slice(0, 4)
    .map((one) => visible(one.name || one.id.slice(0, 12), { max: 40 }))
    .join(', ');
  const more = targets.length > 4 ? ` and ${targets.length - 4} more` : '';
  const brought = collector.startsWith('import.');
  return (
    <li>
      <Text size="sm">
        <b>Missing:</b> {title}
        {names && ` of ${names}${more}`}
        {reason && ` (last time ${visible(reason, { max: 300 })})`}
      </Text>
      <Button
        component="a"
        variant="default"
        size="compact-sm"
        href={href(
          brought
            ? 'exhibits?import=1'
            : routeTo('collect', undefined, {
                collectors: collector,
                targets: targets.length > 0 ? targets.map(({ id }) => id).join(',') : undefined,
              }),
        )}
      >
        {brought ? 'Import it' : 'Plan to take it'}
      </Button>
    </li>
  );
}
