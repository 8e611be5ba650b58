import { app, type BrowserWindow, dialog } from 'electron';
import type { App } from '../app';

/** The question before work is broken off, from what runs; undefined when nothing runs and no question is needed. */
export function leaveQuestion(titles: readonly string[]): { message: string; detail: string } | undefined {
  const [first] = titles;
  if (first === undefined) return undefined;
  const shown = titles.slice(0, 5).join('\n');
  const more = titles.length > 5 ? `\nand ${titles.length - 5} more` : '';
  return {
    message: titles.length === 1 ? `"${first}" is still running.` : `${titles.length} tasks are still running.`,
    detail: `${titles.length === 1 ? '' : `${shown}${more}\n\n`}What arrived so far is kept, hashed and marked partial.`,
  };
}

/**
 * Ends in order, however the end is asked for (window closed, menu, system): asks when work is running, cancels it, waits
 * until what arrived is safe and the cases are given back; only then the program ends.
 */
export function leaveInOrder(window: BrowserWindow, core: App): void {
  let state: 'open' | 'asking' | 'closed' = 'open';
  const leave = async () => {
    if (state !== 'open') return;
    state = 'asking';
    const question = leaveQuestion(core.running().map((task) => task.title));
    if (question) {
      const { response } = await dialog.showMessageBox(window, {
        type: 'warning',
        ...question,
        buttons: ['Cancel the work and quit', 'Keep it running'],
        defaultId: 1,
        cancelId: 1,
        noLink: true,
      });
      if (response !== 0) {
        state = 'open';
        return;
      }
    }
    try {
      await core.close();
    } catch (error) {
      dialog.showErrorBox('Lading could not end in order', error instanceof Error ? error.message : String(error));
    }
    state = 'closed';
    if (!window.isDestroyed()) window.close();
    app.quit();
  };
  window.on('close', (event) => {
    if (state === 'closed') return;
    event.preventDefault();
    void leave();
  });
  app.on('before-quit', (event) => {
    if (state === 'closed') return;
    event.preventDefault();
    void leave();
  });
}
