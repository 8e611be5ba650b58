import { ActionIcon, Button, Group, Skeleton, Tabs, Text, Title } from '@mantine/core';
import { IconArrowsDiagonal, IconArrowsDiagonalMinimize2, IconFlag, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ExhibitSummary } from '../../../shared/domain';
import { useCase } from '../../case';
import { orpc } from '../../client';
import { Bytes } from '../../components/Bytes';
import { Copyable } from '../../components/Copyable';
import { ErrorAlert } from '../../components/ErrorAlert';
import { VisibleText } from '../../components/VisibleText';
import { exhibitRoute, navigate, routeTo } from '../../navigate';
import { SaveCopy, useVerify } from './actions';
import { Content } from './Content';
import classes from './exhibits.module.css';
import { HowTaken } from './HowTaken';

interface Props {
  exhibit: ExhibitSummary;
  /** The cited place. */
  at: string | null;
  wide: boolean;
  onWide: (wide: boolean) => void;
  onClose: () => void;
}

/** One exhibit: its bytes, and how they were taken. */
export function Detail({ exhibit, at, wide, onWide, onClose }: Props) {
  const { path, readOnly } = useCase();
  const { data: record, error } = useQuery(orpc.exhibits.get.queryOptions({ input: { case: path, id: exhibit.id } }));
  const verify = useVerify(exhibit);
  return (
    <section className={classes.detail} aria-label={`Exhibit ${exhibit.id}`}>
      <div className={classes.title}>
        <div>
          <Title order={2}>
            <span style={{ fontFamily: 'var(--l-mono)' }}>{exhibit.id}</span>{' '}
            <VisibleText text={exhibit.title} max={300} />
          </Title>
          <Text size="xs" c="dimmed" component="div">
            {exhibit.kind}, <Bytes bytes={exhibit.bytes} />,{' '}
            <VisibleText text={exhibit.target.name || exhibit.target.id} max={120} />
            {exhibit.partial && <span className={classes.partial}> ◐ partial</span>}
          </Text>
        </div>
        <Group gap={4} wrap="nowrap">
          <ActionIcon
            aria-label={wide ? 'Show the list beside' : 'Give the exhibit the whole width'}
            onClick={() => onWide(!wide)}
          >
            {wide ? <IconArrowsDiagonalMinimize2 size={16} /> : <IconArrowsDiagonal size={16} />}
          </ActionIcon>
          <ActionIcon aria-label="Close the exhibit" onClick={onClose}>
            <IconX size={16} />
          </ActionIcon>
        </Group>
      </div>
      <Group gap="xs">
        {verify.button}
        <SaveCopy exhibit={exhibit} />
        <Button
          variant="default"
          leftSection={<IconFlag size={15} aria-hidden />}
          disabled={readOnly !== undefined}
          title={readOnly ?? 'A finding that cites this exhibit, at the marked place'}
          onClick={() =>
            navigate(routeTo('findings', undefined, { new: '1', exhibit: exhibit.id, at: at ?? undefined }))
          }
        >
          Add a finding
        </Button>
        <Copyable value={at === null ? `@${exhibit.id}` : `@${exhibit.id} ${at}`} label="citation" />
        <Copyable value={exhibit.sha256} label="SHA-256" short={16} />
      </Group>
      {verify.result}
      {exhibit.partial && exhibit.reason && (
        <Text size="sm" component="div">
          <span className={classes.partial}>Only a part arrived: </span>
          <VisibleText text={exhibit.reason} />
        </Text>
      )}
      <Tabs defaultValue="content" className={classes.tabs} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="content">Content</Tabs.Tab>
          <Tabs.Tab value="how">How it was taken</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="content" className={classes.panel}>
          <Content
            path={path}
            exhibit={exhibit}
            at={at}
            onPlace={(locator) => navigate(exhibitRoute(exhibit.id, locator), { replace: true })}
          />
        </Tabs.Panel>
        <Tabs.Panel value="how" className={`${classes.panel} ${classes.scrolling}`}>
          <ErrorAlert error={error} title="The record could not be read" />
          {record ? <HowTaken record={record} /> : !error && <Skeleton height={160} />}
        </Tabs.Panel>
      </Tabs>
    </section>
  );
}
