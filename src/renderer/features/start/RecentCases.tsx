import { ActionIcon, Badge, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconBriefcase, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { RecentCase } from '../../../shared/domain';
import { visible } from '../../../shared/visible';
import { useCaseState } from '../../case';
import { client, orpc } from '../../client';
import { EmptyState } from '../../components/EmptyState';
import { ErrorAlert } from '../../components/ErrorAlert';
import { Time } from '../../components/Time';
import { VisibleText } from '../../components/VisibleText';
import { showError } from '../../errors';
import classes from './start.module.css';

/** The cases opened here before; forgetting one leaves its folder untouched. */
export function RecentCases() {
  const { enter } = useCaseState();
  const queries = useQueryClient();
  const { data, error } = useQuery(orpc.cases.recent.queryOptions());
  const [failed, setFailed] = useState<{ path: string; error: unknown }>();
  const open = useMutation({
    mutationFn: (path: string) => client.cases.open({ case: path }),
    onMutate: () => setFailed(undefined),
    onSuccess: enter,
    onError: (thrown, path) => setFailed({ path, error: thrown }),
  });
  const forget = useMutation({
    mutationFn: (path: string) => client.cases.forget({ case: path }),
    onSuccess: () => queries.invalidateQueries({ queryKey: orpc.cases.recent.key() }),
    onError: (thrown) => showError(thrown, 'It could not be forgotten'),
  });

  return (
    <section className={classes.recent} aria-labelledby="recent">
      <Title order={2} id="recent" mb="xs">
        Recent cases
      </Title>
      <ErrorAlert error={error} />
      {!data && !error && (
        <Stack gap="xs">
          <Skeleton height={64} />
          <Skeleton height={64} />
        </Stack>
      )}
      {data?.length === 0 && (
        <div className={classes.panel}>
          <EmptyState icon={IconBriefcase} title="No case yet">
            Begin a new one, or open the folder of one that somebody handed to you.
          </EmptyState>
        </div>
      )}
      <ul className={classes.list}>
        {data?.map((recent) => (
          <li key={recent.path} className={classes.item}>
            <button
              type="button"
              className={classes.itemButton}
              disabled={!recent.present || open.isPending}
              onClick={() => open.mutate(recent.path)}
            >
              <span className={classes.itemLine}>
                <b>
                  <VisibleText text={recent.number} />
                </b>
                <Intact recent={recent} />
              </span>
              <span className={classes.itemTitle}>
                <VisibleText text={recent.title} max={200} />
              </span>
              <span className={classes.itemSmall}>
                <VisibleText text={recent.examiner} max={80} /> · opened <Time at={recent.opened} />
              </span>
              <span className={classes.itemSmall}>
                <VisibleText text={recent.path} mono />
              </span>
            </button>
            <ActionIcon
              className={classes.forget}
              aria-label={`Forget ${visible(recent.number)}`}
              title="Take it from this list; the case folder stays as it is"
              onClick={() => forget.mutate(recent.path)}
            >
              <IconX size={15} aria-hidden />
            </ActionIcon>
            {failed?.path === recent.path && <ErrorAlert error={failed.error} title="The case could not be opened" />}
          </li>
        ))}
      </ul>
      {open.isPending && <Text role="status">Opening…</Text>}
    </section>
  );
}

function Intact({ recent }: { recent: RecentCase }) {
  if (!recent.present) return <Badge color="orange">folder not there</Badge>;
  if (!recent.verified) return <Badge color="gray">not verified here</Badge>;
  return recent.verified.ok ? (
    <Badge color="teal" title={`Verified ${recent.verified.time}`}>
      intact when last verified
    </Badge>
  ) : (
    <Badge color="red" variant="filled" title={`Verified ${recent.verified.time}`}>
      BROKEN
    </Badge>
  );
}
