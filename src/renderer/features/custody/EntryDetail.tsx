import { ActionIcon, Title } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { Entry } from '../../../shared/domain';
import { CiteLink } from '../../components/CiteLink';
import { Copyable } from '../../components/Copyable';
import { JsonTree } from '../../components/JsonTree';
import { parseJson } from '../../components/json/parse';
import { Time } from '../../components/Time';
import { VisibleText } from '../../components/VisibleText';
import classes from './custody.module.css';

/** One line of the ledger, whole. */
export function EntryDetail({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  const tree = useMemo(() => parseJson(JSON.stringify(entry.details)), [entry]);
  return (
    <section className={classes.detail} aria-label={`Ledger entry ${entry.seq}`}>
      <div className={classes.title}>
        <Title order={2}>
          {entry.seq} <VisibleText text={entry.action} />
        </Title>
        <ActionIcon aria-label="Close the entry" onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </div>
      <dl className={classes.facts}>
        <dt>Time</dt>
        <dd>
          <Time at={entry.time} precise />
        </dd>
        <dt>Examiner</dt>
        <dd>
          <VisibleText text={entry.examiner} /> on <VisibleText text={entry.workstation} />
        </dd>
        <dt>Subject</dt>
        <dd>
          {/^E\d{4,}$/.test(entry.subject) ? (
            <CiteLink exhibit={entry.subject} />
          ) : (
            <Copyable value={entry.subject} label="subject" short={40} />
          )}
        </dd>
        <dt>Hash</dt>
        <dd>
          <Copyable value={entry.hash} label="hash of the entry" short={24} />
        </dd>
        <dt>Before it</dt>
        <dd>
          <Copyable value={entry.prev} label="hash of the entry before" short={24} />
        </dd>
      </dl>
      <div className={classes.tree}>
        <JsonTree root={tree} label={`Details of entry ${entry.seq}`} depth={3} />
      </div>
    </section>
  );
}
