import { Skeleton, useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { keptCase, useCaseState } from '../case';
import { client, orpc } from '../client';
import { showError } from '../errors';
import Start from '../features/start';
import { ConnectionBanner } from './ConnectionBanner';
import { Frame } from './Frame';
import classes from './frame.module.css';
import { useMenu } from './menu';

/** The start screen, or the frame around the open case. */
export function App() {
  const { open, enter } = useCaseState();
  const { setColorScheme } = useMantineColorScheme();
  const { data: settings } = useQuery(orpc.app.settings.get.queryOptions());
  const [ready, setReady] = useState(false);
  useMenu();

  useEffect(() => {
    if (settings) setColorScheme(settings.theme);
  }, [settings, setColorScheme]);

  // A case given on the command line, or the one that was open before the tab was reloaded.
  useEffect(() => {
    let gone = false;
    const begin = async () => {
      try {
        const info = await client.app.info();
        const path = keptCase() ?? info.openCase;
        if (path !== undefined && !gone) enter(await client.cases.open({ case: path }));
      } catch (error) {
        window.sessionStorage.removeItem('lading.case');
        showError(error, 'The case could not be opened');
      } finally {
        if (!gone) setReady(true);
      }
    };
    void begin();
    return () => {
      gone = true;
    };
  }, [enter]);

  return (
    <div className={classes.app}>
      <ConnectionBanner />
      {open ? <Frame /> : ready ? <Start /> : <Waiting />}
    </div>
  );
}

function Waiting() {
  return (
    <div className={classes.waiting} role="status" aria-label="Opening">
      <Skeleton height={28} width={220} />
      <Skeleton height={180} mt="md" />
    </div>
  );
}
