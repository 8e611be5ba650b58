import { Anchor } from '@mantine/core';
import { visible } from '../../shared/visible';
import { exhibitRoute, href } from '../navigate';

interface Props {
  exhibit: string;
  locator?: string;
  /** The exhibit's title, for the hint. */
  title?: string;
}

/** A citation: one click to the exhibit, at the place. */
export function CiteLink({ exhibit, locator, title }: Props) {
  const place = locator === undefined || locator === 'whole' ? '' : ` ${visible(locator, { max: 120 })}`;
  return (
    <Anchor
      href={href(exhibitRoute(exhibit, locator === 'whole' ? undefined : locator))}
      size="sm"
      ff="monospace"
      style={{ overflowWrap: 'anywhere' }}
      title={title === undefined ? undefined : visible(title)}
    >
      {exhibit}
      {place}
    </Anchor>
  );
}
