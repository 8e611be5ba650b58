import type { Session, WebContents } from 'electron';
import { isOwnPage, isOwnResource } from './address';

/** Nothing leaves or enters by the window but its own files: no request to a network, no permission, no download. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler((_contents, permission, origin) => mayWriteClipboard(permission, origin));
  session.webRequest.onBeforeRequest((details, decide) => decide({ cancel: !isOwnResource(details.url) }));
  // A download would be a file that no ledger knows of: the window saves copies through the core.
  session.on('will-download', (event) => event.preventDefault());
  // Chromium would fetch dictionaries from the network.
  session.setSpellCheckerEnabled(false);
}

/** Copying a hash needs the clipboard; reading it, and everything else, is refused. */
export function mayWriteClipboard(permission: string, origin: string): boolean {
  return permission === 'clipboard-sanitized-write' && isOwnPage(origin);
}

/** Keeps a page where it is: no other address, no second window, no embedded page. */
export function guardContents(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.on('will-navigate', (event, url) => {
    if (!isOwnPage(url)) event.preventDefault();
  });
  contents.on('will-redirect', (event, url) => {
    if (!isOwnPage(url)) event.preventDefault();
  });
}
