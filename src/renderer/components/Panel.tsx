import { Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import classes from './text.module.css';

interface Props {
  title: ReactNode;
  /** Buttons and counts at the right of the title. */
  aside?: ReactNode;
  children: ReactNode;
}

/** A titled part of a screen. */
export function Panel({ title, aside, children }: Props) {
  const id = useId();
  return (
    <section className={classes.panel} aria-labelledby={id}>
      <div className={classes.panelHead}>
        <Title order={2} id={id}>
          {title}
        </Title>
        {aside}
      </div>
      {children}
    </section>
  );
}
