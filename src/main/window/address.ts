/** The window's own scheme; its files come from out/renderer by window/protocol.ts. */
export const SCHEME = 'lading';

/** Where the window begins. */
export const HOME = `${SCHEME}://app/`;

/** Whether a URL is a page of the window itself: exactly this scheme and this host, no user, no port. */
export function isOwnPage(url: string): boolean {
  try {
    const { protocol, host, username, password } = new URL(url);
    return protocol === `${SCHEME}:` && host === 'app' && username === '' && password === '';
  } catch {
    return false;
  }
}

/** Whether the window may load a URL at all: its own files, what it made itself, and the developer tools. */
export function isOwnResource(url: string): boolean {
  return isOwnPage(url) || /^(blob:lading:\/\/app\/|data:|devtools:\/\/)/.test(url);
}

/** The case folder among a program's arguments: `--case=PATH`; the last one counts. */
export function caseArgument(argv: readonly string[]): string | undefined {
  return argv
    .filter((word) => word.startsWith('--case=') && word.length > 7)
    .at(-1)
    ?.slice(7);
}
