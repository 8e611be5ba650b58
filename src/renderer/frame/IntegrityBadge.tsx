import { Anchor, Button, Group, Popover, Progress, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconShieldCheck, IconShieldQuestion } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { VerifyResult } from '../../shared/domain';
import { useCase } from '../case';
import { orpc } from '../client';
import { plural } from '../components/Bytes';
import { ago, Time } from '../components/Time';
import { VisibleText } from '../components/VisibleText';
import { showError } from '../errors';
import { href, useRoute } from '../navigate';
import { useRunningTask } from '../tasks';
import { useNow } from '../useNow';
import classes from './frame.module.css';

type Integrity = { tone: 'good' | 'warn' | 'bad'; words: string };

/** What the last verification says about the case as it stands at ledger entry `seq`. */
export function integrity(last: VerifyResult | null | undefined, seq: number, now: number): Integrity {
  if (!last) return { tone: 'warn', words: 'Not verified yet' };
  if (!last.ok) return { tone: 'bad', words: `BROKEN: ${plural(last.faults.length, 'fault')}` };
  if (last.head.seq !== seq) {
    const more = seq - last.head.seq;
    // The folder is an older copy than the one that was verified.
    if (more < 0) return { tone: 'warn', words: 'Not verified as it is' };
    return { tone: 'warn', words: `${more} ${more === 1 ? 'entry' : 'entries'} since verified` };
  }
  return { tone: 'good', words: `Verified ${ago(last.time, now)}` };
}

/** Whether the case is intact, as far as it was looked at; the faults on a click. */
export function IntegrityBadge() {
  const { path, head } = useCase();
  const now = useNow();
  const [opened, setOpened] = useState(false);
  const { data: last, error } = useQuery(orpc.custody.lastVerify.queryOptions({ input: { case: path } }));
  const verify = useMutation(
    orpc.custody.verify.mutationOptions({ onError: (thrown) => showError(thrown, 'Verification could not begin') }),
  );
  const running = useRunningTask('verify', path);
  const route = useRoute();
  // biome-ignore lint/correctness/useExhaustiveDependencies: going elsewhere closes it
  useEffect(() => setOpened(false), [route]);
  const { tone, words } = integrity(last, head.seq, now);
  const Icon = tone === 'good' ? IconShieldCheck : tone === 'bad' ? IconAlertTriangle : IconShieldQuestion;

  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={460} trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className={`${classes.chip} ${classes[tone]}`}
          onClick={() => setOpened((was) => !was)}
          aria-label={`Integrity: ${running ? 'Verifying…' : words}`}
        >
          <Icon size={16} aria-hidden />
          {running ? 'Verifying…' : words}
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Integrity of the case">
        <Stack gap="xs">
          {error && <Text size="sm">The last verification could not be read.</Text>}
          {!last && !error && (
            <Text size="sm">
              This case has not been verified on this workstation. Verifying reads every exhibit, compares it with the
              ledger and the seals, and changes nothing.
            </Text>
          )}
          {last && (
            <>
              <Text size="sm">
                {last.ok ? 'No fault found' : `${plural(last.faults.length, 'fault')} found`} at <Time at={last.time} />
                : {last.exhibits} exhibits, {last.entries} ledger entries, {last.seals} seals
                {last.unsealed === null ? '; never sealed' : `; ${last.unsealed} entries after the last seal`}.
              </Text>
              {last.ok && last.head.seq !== head.seq && (
                <Text size="sm">
                  The ledger went on from entry {last.head.seq} to {head.seq} since; that part has not been verified.
                </Text>
              )}
              {last.faults.length > 0 && (
                // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard
                <ul className={classes.faults} tabIndex={0} aria-label="Faults">
                  {last.faults.slice(0, 200).map((fault) => (
                    <li key={`${fault.kind} ${fault.path} ${fault.detail}`}>
                      <b>{fault.kind}</b> <VisibleText text={fault.path} mono />
                      <div>
                        <VisibleText text={fault.detail} />
                      </div>
                    </li>
                  ))}
                </ul>
              )}
              {last.interrupted.length > 0 && (
                <Text size="sm" c="dimmed">
                  A crash left: <VisibleText text={last.interrupted.join('; ')} />
                </Text>
              )}
            </>
          )}
          {running && (
            <Progress
              value={running.total ? (100 * running.done) / running.total : 100}
              animated={!running.total}
              aria-label="Progress of the verification"
            />
          )}
          <Group justify="space-between">
            <Anchor href={href('custody')} size="sm" onClick={() => setOpened(false)}>
              Custody
            </Anchor>
            <Button
              onClick={() => !running && !verify.isPending && verify.mutate({ case: path })}
              aria-disabled={running !== undefined}
            >
              Verify now
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
