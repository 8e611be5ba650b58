/** Why somebody who is not let in sees no window; texts are ours alone, so nothing needs escaping. */
const REASONS = {
  'no token': {
    status: 401,
    title: 'This window needs its link',
    text: 'Lading opens with the link that it printed in the terminal. Copy the whole link, with its token, into this browser.',
  },
  'used token': {
    status: 403,
    title: 'This link was used already',
    text: 'Each link opens the window once. If that was not you, end Lading in the terminal (Ctrl-C). For a new link, end it and start it again.',
  },
  'wrong token': {
    status: 403,
    title: 'This is not the link of this window',
    text: 'The token is not the one that Lading printed; perhaps it was started again since. Copy the whole new link.',
  },
  'wrong host': {
    status: 403,
    title: 'Refused',
    text: 'This server answers to 127.0.0.1 and localhost only.',
  },
  'not found': { status: 404, title: 'Not found', text: 'There is nothing here.' },
  'wrong method': { status: 405, title: 'Refused', text: 'Only GET and HEAD are answered here.' },
  fault: { status: 500, title: 'Lading could not read its own files', text: 'Build or install it again.' },
} as const;

export type Reason = keyof typeof REASONS;

/** A plain page that says why, and its status. */
export function refusal(reason: Reason): { status: number; html: string } {
  const { status, title, text } = REASONS[reason];
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Lading: ${title}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:4em auto;padding:0 1em;color-scheme:light dark}</style></head>
<body><h1>${title}</h1><p>${text}</p></body>
</html>
`;
  return { status, html };
}
