/** Somebody logged in, or tried to, in plain text. The secret itself stays in the exhibit. */
export interface Credential {
  protocol: string;
  /** 'USER/PASS', 'AUTH PLAIN', 'Basic' … */
  way: string;
  user: string;
  /** Characters of the secret. */
  secretLength: number;
}

/** RFC 7617: the user and the length of the secret of an Authorization or Proxy-Authorization field. */
export function basicOf(field: string | undefined): Credential | undefined {
  const coded = /^basic\s+([A-Za-z0-9+/=_-]{1,4096})$/i.exec(field ?? '')?.[1];
  return coded === undefined ? undefined : pair(Buffer.from(coded, 'base64').toString('utf8'), 'HTTP', 'Basic');
}

function pair(text: string, protocol: string, way: string): Credential | undefined {
  const at = text.indexOf(':');
  return at < 0 ? undefined : { protocol, way, user: text.slice(0, at), secretLength: [...text.slice(at + 1)].length };
}

/** RFC 4616: identity NUL user NUL secret. */
function plainOf(coded: string, protocol: string): Credential | undefined {
  const parts = Buffer.from(coded, 'base64').toString('utf8').split('\0');
  const [, user, secret] = parts;
  return user === undefined || secret === undefined || parts.length !== 3
    ? undefined
    : { protocol, way: 'AUTH PLAIN', user, secretLength: [...secret].length };
}

const decoded = (coded: string) => Buffer.from(coded, 'base64').toString('utf8');
const BASE64 = /^[A-Za-z0-9+/]{1,4096}={0,2}$/;

/** Reads the lines that a client of FTP, POP3, IMAP or SMTP sends, and gives what it logs in with. */
export function loginReader(protocol: string) {
  let user: string | undefined;
  let step: '' | 'plain' | 'login user' | 'login secret' = '';
  return (line: string): Credential | undefined => {
    if (step !== '') {
      const now = step;
      step = '';
      if (!BASE64.test(line)) return undefined;
      if (now === 'plain') return plainOf(line, protocol);
      if (now === 'login user') {
        user = decoded(line);
        step = 'login secret';
        return undefined;
      }
      return { protocol, way: 'AUTH LOGIN', user: user ?? '', secretLength: [...decoded(line)].length };
    }
    const named = /^USER (.{1,500})$/i.exec(line)?.[1];
    if (named !== undefined) {
      user = named;
      return undefined;
    }
    const secret = /^PASS (.{0,500})$/i.exec(line)?.[1];
    if (secret !== undefined) return { protocol, way: 'USER/PASS', user: user ?? '', secretLength: [...secret].length };
    const auth = /^(?:\S{1,40} AUTHENTICATE|AUTH) (PLAIN|LOGIN)(?: (\S{1,4096}))?$/i.exec(line);
    if (auth) {
      const [, way = '', first] = auth;
      if (/plain/i.test(way)) {
        if (first !== undefined) return plainOf(first, protocol);
        step = 'plain';
      } else if (first !== undefined) {
        user = decoded(first);
        step = 'login secret';
      } else step = 'login user';
      return undefined;
    }
    // IMAP, RFC 9051 section 6.2.3
    const login =
      /^\S{1,40} LOGIN (?:"((?:[^"\\]|\\.){0,500})"|(\S{1,500})) (?:"((?:[^"\\]|\\.){0,500})"|(\S{1,500}))$/i.exec(
        line,
      );
    if (login) {
      return {
        protocol,
        way: 'LOGIN',
        user: login[1] ?? login[2] ?? '',
        secretLength: [...(login[3] ?? login[4] ?? '')].length,
      };
    }
    return undefined;
  };
}

/** Cuts bytes into lines of at most 4096 characters; longer ones are cut there. */
export function lineCutter(each: (line: string) => void) {
  let text = '';
  return (bytes: Buffer, from: number, to: number): void => {
    text += bytes.toString('latin1', from, to);
    for (;;) {
      const end = text.search(/[\r\n]/);
      if (end < 0) break;
      if (end > 0) each(Buffer.from(text.slice(0, Math.min(end, 4096)), 'latin1').toString('utf8'));
      text = text.slice(end + 1);
    }
    if (text.length > 4096) text = text.slice(0, 4096);
  };
}

/** Telnet (RFC 854): what the client types after the server asked for a name and a password. */
export function telnetReader() {
  let asked: 'user' | 'secret' | undefined;
  let typed = '';
  let shown = '';
  let user = '';
  return {
    server(bytes: Buffer, from: number, to: number): void {
      shown = (shown + withoutCommands(bytes, from, to)).slice(-200);
      if (/(?:login|username|user)\s*:\s*$/i.test(shown)) asked = 'user';
      else if (/password\s*:\s*$/i.test(shown)) asked = 'secret';
    },
    client(bytes: Buffer, from: number, to: number): Credential | undefined {
      if (asked === undefined) return undefined;
      typed = (typed + withoutCommands(bytes, from, to)).slice(0, 1000);
      const end = typed.search(/[\r\n]/);
      if (end < 0) return undefined;
      const line = typed.slice(0, end);
      typed = '';
      shown = '';
      const was = asked;
      asked = undefined;
      if (was === 'user') {
        user = line;
        return undefined;
      }
      return { protocol: 'Telnet', way: 'prompt', user, secretLength: line.length };
    },
  };
}

/** Text without IAC commands, and without NULs. */
function withoutCommands(bytes: Buffer, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte === 255) {
      const command = bytes[at + 1] ?? 0;
      if (command === 250) {
        const end = bytes.indexOf(240, at);
        at = end < 0 || end >= to ? to : end;
      } else at += command >= 251 && command <= 254 ? 2 : 1;
    } else if (byte !== 0) text += String.fromCharCode(byte);
  }
  return text;
}
