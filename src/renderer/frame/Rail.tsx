import { href } from '../navigate';
import { keysOf, screens } from '../screens';
import classes from './frame.module.css';

/** The screens. */
export function Rail({ current }: { current: string | undefined }) {
  return (
    <nav className={classes.rail} aria-label="Screens">
      <ul>
        {screens.map(({ id, title, hint, icon: Icon }, index) => (
          <li key={id}>
            <a
              href={href(id)}
              className={classes.railLink}
              aria-current={id === current ? 'page' : undefined}
              aria-keyshortcuts={keysOf(index).join('+')}
              title={`${hint} (${keysOf(index).join('+')})`}
            >
              <Icon size={18} stroke={1.6} aria-hidden />
              <span>{title}</span>
              <kbd aria-hidden>{keysOf(index).slice(1).join('').replace('Shift', '⇧')}</kbd>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
