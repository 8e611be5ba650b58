import { Button, Group, Text } from '@mantine/core';
import { Copyable } from '../../../components/Copyable';
import type { ViewerProps } from './viewer';

/** The chosen place in the exhibit: to be copied, or marked so that a finding can cite it. */
export function PlaceBar({ locator, onPlace }: { locator: string } & Pick<ViewerProps, 'onPlace'>) {
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="xs" c="dimmed">
        Place
      </Text>
      <Copyable value={locator} label="place" />
      <Button variant="default" size="compact-xs" fw={400} onClick={() => onPlace(locator)}>
        Mark this place
      </Button>
    </Group>
  );
}
