import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './text.module.css';

interface Props {
  title: ReactNode;
  subtitle?: ReactNode;
  /** Buttons at the right. */
  children?: ReactNode;
}

/** The one h1 of a screen, what it is about, and what can be done there. */
export function PageHeader({ title, subtitle, children }: Props) {
  return (
    <header className={classes.header}>
      <div>
        <Title order={1}>{title}</Title>
        {subtitle && (
          <Text component="div" size="sm" c="dimmed">
            {subtitle}
          </Text>
        )}
      </div>
      {children && (
        <Group gap="xs" justify="flex-end">
          {children}
        </Group>
      )}
    </header>
  );
}
