import { Anchor } from '@mantine/core';
import Markdown, { type Components } from 'react-markdown';
import { visible } from '../../../shared/visible';
import { citationPlugin } from './citations';
import classes from './notes.module.css';

/**
 * Links inside the window work; an address elsewhere is shown as text, so that a click never tells anybody that the case
 * is being read. Pictures from elsewhere are not loaded for the same reason.
 */
const components: Components = {
  a: ({ href, children }) =>
    href?.startsWith('#/') ? (
      <Anchor href={href} inherit underline="always">
        {children}
      </Anchor>
    ) : (
      <>
        {children} <span className={classes.address}>({visible(href ?? 'no address', { max: 500 })})</span>
      </>
    ),
  img: ({ src, alt }) => (
    <span className={classes.address}>
      [picture not loaded: {visible(alt ?? '', { max: 200 })}{' '}
      {typeof src === 'string' ? visible(src, { max: 500 }) : ''}]
    </span>
  ),
  h1: ({ children }) => <h4>{children}</h4>,
  h2: ({ children }) => <h4>{children}</h4>,
  h3: ({ children }) => <h4>{children}</h4>,
};

/** A note's Markdown. Raw HTML in it is shown as the text it is; control characters are made visible. */
export function NoteText({ text }: { text: string }) {
  return (
    <div className={classes.text}>
      <Markdown remarkPlugins={[citationPlugin]} components={components}>
        {visible(text, { keepLines: true })}
      </Markdown>
    </div>
  );
}
