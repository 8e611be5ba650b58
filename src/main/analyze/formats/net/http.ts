/** The head of an HTTP/1 message, RFC 9112. Texts are latin1 as they stand. */
export interface HttpHead {
  request: boolean;
  method: string;
  /** As it stands in the request line. */
  target: string;
  status: number;
  /** Of each name, in lower case, its first value. */
  fields: Map<string, string>;
}

export interface HttpSink {
  head(head: HttpHead): void;
  body(bytes: Buffer, from: number, to: number): void;
  /** The message ended; `whole` is false where bytes of it are missing. */
  end(whole: boolean): void;
  /** What comes is not HTTP (any more): nothing is parsed from here on. */
  odd(): void;
}

const HEAD_MAX = 32 * 1024;
const METHODS =
  /^(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|REPORT|SEARCH|NOTIFY|SUBSCRIBE|M-SEARCH) /;

/** Whether a direction of a connection begins as HTTP/1 does. */
export function looksHttp(bytes: Buffer, from: number, to: number): boolean {
  const first = bytes[from] as number;
  // 'A' to 'Z'
  if (first < 65 || first > 90) return false;
  const text = bytes.toString('latin1', from, Math.min(to, from + 12));
  return text.startsWith('HTTP/1.') || METHODS.test(text);
}

/**
 * Reads one direction of an HTTP/1 connection, bytes in order. `bodiless` says of a response whether its request or status
 * means that it has no body (RFC 9112 section 6.3).
 */
export function httpReader(sink: HttpSink, bodiless: (head: HttpHead) => boolean) {
  let state: 'head' | 'length' | 'size' | 'chunk' | 'gap' | 'trailer' | 'close' | 'odd' = 'head';
  let left = 0;
  let text = '';
  let whole = true;

  const done = () => {
    state = 'head';
    text = '';
    sink.end(whole);
    whole = true;
  };
  const odd = () => {
    state = 'odd';
    text = '';
    sink.odd();
  };

  function begin(): void {
    const head = parseHead(text);
    text = '';
    if (!head) {
      odd();
      return;
    }
    sink.head(head);
    const length = head.fields.get('content-length');
    if (bodiless(head) || (head.request && head.method === 'CONNECT')) {
      done();
      return;
    }
    if (/chunked/i.test(head.fields.get('transfer-encoding') ?? '')) state = 'size';
    else if (length !== undefined && /^\d{1,15}$/.test(length)) {
      left = Number(length);
      if (left === 0) done();
      else state = 'length';
    } else if (head.request) done();
    else state = 'close';
  }

  /** Adds a line's bytes; gives the place after its line feed, or undefined where the line is not whole. */
  function line(bytes: Buffer, at: number, to: number): number | undefined {
    const end = bytes.indexOf(10, at);
    const stop = end < 0 || end >= to ? to : end + 1;
    text += bytes.toString('latin1', at, stop);
    if (text.length > HEAD_MAX) odd();
    return stop === end + 1 ? stop : undefined;
  }

  return {
    data(bytes: Buffer, from: number, to: number): void {
      let at = from;
      while (at < to && state !== 'odd') {
        if (state === 'head') {
          const next = line(bytes, at, to);
          if (next === undefined) return;
          at = next;
          // line feeds before a message are passed over
          if (text === '\r\n' || text === '\n') text = '';
          else if (!/^(?:HTTP\/1\.|[A-Z][A-Z-]* )/.test(text)) odd();
          else if (/\r?\n\r?\n$/.test(text)) begin();
        } else if (state === 'length' || state === 'chunk') {
          const size = Math.min(left, to - at);
          sink.body(bytes, at, at + size);
          left -= size;
          at += size;
          if (left > 0) continue;
          if (state === 'length') done();
          else state = 'gap';
        } else if (state === 'close') {
          sink.body(bytes, at, to);
          return;
        } else {
          const next = line(bytes, at, to);
          if (next === undefined) return;
          at = next;
          if (state === 'gap') state = 'size';
          else if (state === 'size') {
            const size = /^([0-9a-f]{1,12})\s*(?:;.*)?\r?\n$/i.exec(text)?.[1];
            if (size === undefined) odd();
            else {
              left = Number.parseInt(size, 16);
              state = left === 0 ? 'trailer' : 'chunk';
            }
          } else if (text === '\r\n' || text === '\n') done();
          text = '';
        }
      }
    },
    missing(count: number): void {
      whole = false;
      if (state === 'length' || state === 'chunk') {
        if (count <= left) {
          left -= count;
          if (left === 0) {
            if (state === 'length') done();
            else state = 'gap';
          }
          return;
        }
      }
      if (state !== 'close' && state !== 'odd') odd();
    },
    /** The connection ended. */
    close(): void {
      if (state === 'close') done();
      else if (state !== 'head' && state !== 'odd') {
        whole = false;
        done();
      }
      state = 'odd';
    },
  };
}

function parseHead(text: string): HttpHead | undefined {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const first = lines[0] ?? '';
  const response = /^HTTP\/1\.\d (\d{3})(?: |$)/.exec(first);
  const request = /^([A-Z][A-Z-]{0,30}) (\S.{0,60000}) HTTP\/1\.\d$/.exec(first);
  if (!response && !request) return undefined;
  const fields = new Map<string, string>();
  for (const line of lines.slice(1, 200)) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).trim().toLowerCase();
    if (at > 0 && !fields.has(name)) fields.set(name, line.slice(at + 1).trim());
  }
  return {
    request: request !== null,
    method: request?.[1] ?? '',
    target: request?.[2] ?? '',
    status: Number(response?.[1] ?? 0),
    fields,
  };
}
