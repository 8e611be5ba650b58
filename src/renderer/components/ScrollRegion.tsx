import type { ComponentPropsWithRef } from 'react';

interface Props extends Omit<ComponentPropsWithRef<'section'>, 'aria-label' | 'tabIndex'> {
  label: string;
}

/** A part that scrolls by itself: it has a name and can be reached with Tab, so that its content can be read without a mouse. */
export function ScrollRegion({ label, ...rest }: Props) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: WCAG 2.1.1, what scrolls must be reachable by keyboard
  return <section {...rest} aria-label={label} tabIndex={0} />;
}
