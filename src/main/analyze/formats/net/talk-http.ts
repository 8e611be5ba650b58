import { basicOf } from './credentials';
import { type HttpHead, httpReader } from './http';
import type { Ends, Exchange, Now, Talk, TalkSink } from './talk-types';

/** Requests that wait for their response, at most. */
const WAITING_MAX = 64;

/** Reads an HTTP/1 connection and pairs requests with responses, in their order (RFC 9112 section 9.3). */
export function httpTalk(sink: TalkSink, ends: Ends, first: 0 | 1, bytes: Buffer, from: number): Talk {
  // 'HTTP' begins a response
  const client: 0 | 1 = bytes.toString('latin1', from, from + 5) === 'HTTP/' ? (first === 0 ? 1 : 0) : first;
  let here: Now = { us: 0, at: 0, length: 0 };
  let over = false;
  /** Requests without a final response; the last may still be coming. */
  const waiting: Exchange[] = [];
  let asking: Exchange | undefined;
  let answering: Exchange | undefined;

  const request = httpReader(
    {
      head(head) {
        if (!head.request) {
          odd();
          return;
        }
        const login = basicOf(head.fields.get('authorization')) ?? basicOf(head.fields.get('proxy-authorization'));
        if (login) sink.login(ends, client, login, here);
        asking = { request: { head, now: here, bytes: 0, whole: false }, way: client };
        waiting.push(asking);
        if (waiting.length > WAITING_MAX) tell(waiting.shift());
      },
      body(data, start, to) {
        if (!asking?.request) return;
        asking.request.bytes += to - start;
        sink.body?.(ends, client, asking, data, start, to);
      },
      end(whole) {
        if (!asking?.request) return;
        asking.request.whole = whole;
        sink.bodyEnd?.(ends, client, asking, whole);
        asking = undefined;
      },
      odd,
    },
    () => false,
  );
  const response = httpReader(
    {
      head(head) {
        if (head.request) {
          odd();
          return;
        }
        // an interim response is not the answer yet; 101 is: another protocol follows
        if (head.status < 200 && head.status !== 101) return;
        answering = waiting.shift() ?? { way: client };
        answering.response = { head, now: here, bytes: 0, whole: false };
        if (head.status === 101) {
          tell(answering);
          answering = undefined;
          odd();
        }
      },
      body(data, start, to) {
        if (!answering?.response) return;
        answering.response.bytes += to - start;
        sink.body?.(ends, client === 0 ? 1 : 0, answering, data, start, to);
      },
      end(whole) {
        if (!answering?.response) return;
        answering.response.whole = whole;
        sink.bodyEnd?.(ends, client === 0 ? 1 : 0, answering, whole);
        tell(answering);
        answering = undefined;
      },
      odd,
    },
    (head: HttpHead) =>
      head.status < 200 ||
      head.status === 204 ||
      head.status === 304 ||
      answering?.request?.head.method === 'HEAD' ||
      (answering?.request?.head.method === 'CONNECT' && head.status < 300),
  );

  function odd(): void {
    over = true;
  }
  function tell(exchange: Exchange | undefined): void {
    if (exchange) sink.http(ends, exchange);
  }
  const end = () => {
    request.close();
    response.close();
    tell(answering);
    answering = undefined;
    for (const one of waiting.splice(0)) tell(one);
  };

  return {
    data(way, data, start, to, now) {
      here = now;
      (way === client ? request : response).data(data, start, to);
    },
    missing(way, count) {
      (way === client ? request : response).missing(count);
    },
    close: end,
    over: () => over,
  };
}
