import { Badge, Group, Loader, Text } from '@mantine/core';
import type { ImportKind, ImportLook } from '../../../shared/contract/import';
import { Bytes } from '../../components/Bytes';
import { ScrollRegion } from '../../components/ScrollRegion';
import { VisibleText } from '../../components/VisibleText';
import classes from './import.module.css';

export type Kinds = readonly { kind: ImportKind; title: string }[];

/** What each seems to be and what will happen to it; nothing is stored yet. */
export function Looks({ looks, busy, kinds }: { looks: ImportLook[]; busy: boolean; kinds: Kinds }) {
  return (
    <ScrollRegion label="What will happen" aria-busy={busy} className={classes.looks}>
      {busy && (
        <Group gap="xs">
          <Loader size="xs" />
          <Text size="sm">Looking what it is …</Text>
        </Group>
      )}
      {looks.map((look) => (
        <article key={look.path}>
          <Group gap="xs" wrap="nowrap">
            {look.problem === undefined ? (
              <Badge>{kinds.find((one) => one.kind === look.kind)?.title ?? look.kind}</Badge>
            ) : (
              <Badge color="red">cannot be imported</Badge>
            )}
            <Text size="sm" className={classes.path}>
              <VisibleText text={look.path} mono max={300} />
              {look.folder && ', a folder'}
              {look.bytes !== undefined && (
                <>
                  , <Bytes bytes={look.bytes} />
                </>
              )}
            </Text>
          </Group>
          {look.problem !== undefined && (
            <Text size="sm" c="red" role="alert">
              <VisibleText text={look.problem} max={500} />
            </Text>
          )}
          {look.problem === undefined && (
            <>
              {look.why && (
                <Text size="xs" c="dimmed">
                  Recognised: <VisibleText text={look.why} max={400} />.
                </Text>
              )}
              <ul className={classes.plan}>
                {look.plan.map((sentence) => (
                  <li key={sentence}>{sentence}</li>
                ))}
              </ul>
            </>
          )}
        </article>
      ))}
    </ScrollRegion>
  );
}
