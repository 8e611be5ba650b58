import { Text, Title } from '@mantine/core';
import type { TablerIcon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './text.module.css';

interface Props {
  title: string;
  /** What to do about it. */
  children?: ReactNode;
  action?: ReactNode;
  icon?: TablerIcon;
}

/** Nothing is here: why, and what to do. */
export function EmptyState({ title, children, action, icon: Icon }: Props) {
  return (
    <div className={classes.empty}>
      {Icon && <Icon size={30} stroke={1.4} aria-hidden />}
      <Title order={2} c="var(--mantine-color-text)">
        {title}
      </Title>
      {children && (
        <Text component="div" size="sm">
          {children}
        </Text>
      )}
      {action}
    </div>
  );
}
