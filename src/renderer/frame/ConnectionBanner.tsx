import { useSyncExternalStore } from 'react';
import { connection, watchConnection } from '../connection';
import classes from './frame.module.css';

/** Says that what is on screen may be old, because the core does not answer. */
export function ConnectionBanner() {
  const state = useSyncExternalStore(watchConnection, connection);
  return (
    <div role="status" aria-live="assertive">
      {state === 'lost' && (
        <div className={classes.banner}>
          The connection to Lading is lost; trying again. What is on screen may be old. If Lading was ended, start it
          again and open the address that it prints. Running collections go on in the core as long as it runs.
        </div>
      )}
    </div>
  );
}
