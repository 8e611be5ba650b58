import { Skeleton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { spotlight } from '@mantine/spotlight';
import { Suspense, useEffect, useRef } from 'react';
import { useCase } from '../case';
import { TaskDrawer } from '../features/tasks';
import { navigate, useRoute } from '../navigate';
import { screenOf, screens } from '../screens';
import { CaseBanners } from './CaseBanners';
import { ErrorBoundary } from './ErrorBoundary';
import classes from './frame.module.css';
import { Palette } from './Palette';
import { Rail } from './Rail';
import { ShortcutsHelp } from './ShortcutsHelp';
import { StatusBar } from './StatusBar';
import { TopBar } from './TopBar';

/** Everything around a screen while a case is open. A screen may fill the height with `flex: 1; min-height: 0`. */
export function Frame() {
  const { data } = useCase();
  const route = useRoute();
  const screen = screens.find((entry) => entry.id === route.screen);
  const [tasksOpen, tasks] = useDisclosure(false);
  const [helpOpen, help] = useDisclosure(false);
  const main = useRef<HTMLElement>(null);

  useEffect(() => {
    if (!screen) navigate('overview', { replace: true });
  }, [screen]);

  useEffect(() => {
    document.title = screen ? `${screen.title} · ${data.number} · Lading` : 'Lading';
  }, [screen, data.number]);

  // A new screen takes the focus, so that Tab goes on in it and a screen reader says where one is. Not on the first one.
  const before = useRef(screen?.id);
  useEffect(() => {
    if (before.current !== undefined && before.current !== screen?.id) main.current?.focus({ preventScroll: true });
    before.current = screen?.id;
    main.current?.scrollTo(0, 0);
  }, [screen?.id]);

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable]');
      const entry = event.altKey && !event.ctrlKey && !event.metaKey && screenOf(event.code, event.shiftKey);
      if (entry) {
        event.preventDefault();
        navigate(entry.id);
      } else if (event.altKey && event.code === 'KeyT') {
        event.preventDefault();
        tasks.toggle();
      } else if ((event.ctrlKey || event.metaKey) && event.code === 'KeyK') {
        event.preventDefault();
        spotlight.toggle();
      } else if (event.key === '?' && !typing) {
        event.preventDefault();
        help.toggle();
      }
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [tasks, help]);

  const Screen = screen?.component;
  return (
    <div className={classes.frame}>
      <button type="button" className={classes.skip} onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <TopBar onTasks={tasks.open} onHelp={help.open} />
      <Rail current={screen?.id} />
      <main ref={main} id="main" tabIndex={-1} className={classes.main} aria-label={screen?.title}>
        <CaseBanners />
        <ErrorBoundary key={screen?.id}>
          <Suspense fallback={<ScreenSkeleton />}>{Screen && <Screen />}</Suspense>
        </ErrorBoundary>
      </main>
      <StatusBar />
      <TaskDrawer opened={tasksOpen} onClose={tasks.close} />
      <ShortcutsHelp opened={helpOpen} onClose={help.close} />
      <Palette onTasks={tasks.open} onHelp={help.open} />
    </div>
  );
}

function ScreenSkeleton() {
  return (
    <div role="status" aria-label="Loading">
      <Skeleton height={24} width={200} mb="lg" />
      <Skeleton height={120} mb="md" />
      <Skeleton height={240} />
    </div>
  );
}
