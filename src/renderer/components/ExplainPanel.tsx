import { ActionIcon, Skeleton, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconArrowLeft, IconX } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ExplainItem } from '../../shared/contract/evidence';
import { useCase } from '../case';
import { orpc } from '../client';
import { CiteLink } from './CiteLink';
import { ErrorAlert } from './ErrorAlert';
import classes from './ExplainPanel.module.css';
import { VisibleText } from './VisibleText';

interface Props {
  /** What to explain, as `evidence.explain` takes it. */
  about: string;
  /** Goes to what an item names. */
  onAbout: (about: string) => void;
  onBack?: () => void;
  onClose: () => void;
}

/** Everything that is tied to one thing, each with the place in the evidence that says so. */
export function ExplainPanel({ about, onAbout, onBack, onClose }: Props) {
  const { path } = useCase();
  const { data, error, refetch } = useQuery({
    ...orpc.evidence.explain.queryOptions({ input: { case: path, about } }),
    placeholderData: keepPreviousData,
  });
  return (
    <section className={classes.panel} aria-label="What is tied to it">
      <div className={classes.title}>
        {onBack && (
          <ActionIcon aria-label="Back" onClick={onBack}>
            <IconArrowLeft size={16} />
          </ActionIcon>
        )}
        <Title order={2}>{data ? <VisibleText text={data.title} max={300} /> : 'Reading…'}</Title>
        <ActionIcon aria-label="Close" onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      <ErrorAlert error={error} title="It could not be looked up" onRetry={() => void refetch()} />
      {!data && !error && <Skeleton height={160} />}
      {data?.kind === 'nothing' && (
        <Text size="sm">
          The index knows no process, file, address, digest, exhibit or container of this name. Search for it as words.
        </Text>
      )}
      {data?.sections.map(({ title, items, more }) => (
        <details key={title} open className={classes.section}>
          <summary>
            {title} <span className={classes.count}>{items.length + more}</span>
          </summary>
          <ul>
            {items.map((item, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the items of one answer never change their order
              <Item key={`${data.about} ${at}`} item={item} onAbout={onAbout} />
            ))}
          </ul>
          {more > 0 && (
            <Text size="xs" c="dimmed">
              … and {more} more, which `lading explain` and the exhibits have.
            </Text>
          )}
        </details>
      ))}
    </section>
  );
}

function Item({ item, onAbout }: { item: ExplainItem; onAbout: (about: string) => void }) {
  const { about } = item;
  const text = <VisibleText text={item.text} max={2000} />;
  return (
    <li data-notable={item.notable || undefined}>
      <div className={classes.text}>
        {item.notable && <IconAlertTriangle size={13} aria-label="Notable" className={classes.mark} />}
        {about === undefined ? (
          text
        ) : (
          <button type="button" onClick={() => onAbout(about)} title="Everything that is tied to this">
            {text}
          </button>
        )}
      </div>
      <div className={classes.cites}>
        {item.cites.map(({ exhibit, locator }) => (
          <CiteLink key={`${exhibit} ${locator}`} exhibit={exhibit} locator={locator} />
        ))}
      </div>
    </li>
  );
}
