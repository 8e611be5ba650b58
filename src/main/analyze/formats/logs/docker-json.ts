import { dockerLogReader, type LogEntry } from '../docker-log';
import { jsonLogReader } from '../json-log';
import { lineFormat } from './line-format';
import { faultList, type LogFormat, type LogRecord } from './record';
import { isoTime, type LogPlace } from './time';

/** So much of an entry is kept, in bytes. */
const KEPT = 16 * 1024;

function recordOf({ stream, time, text, whole, offset, length }: LogEntry, place: LogPlace): LogRecord {
  const read = time === undefined ? undefined : isoTime(time, place);
  return {
    time: read,
    desc: 'Logged',
    message: text,
    fields: { stream, ...(!whole && { partial: 'yes' }) },
    offset,
    length,
  };
}

/** Files of the log driver json-file, with their rotations: one object a line. */
export const dockerJson: LogFormat = {
  id: 'docker-json',
  title: 'log of the driver json-file',
  sniff: (head) => (/^\{"log":"(?:[^"\\]|\\.)*","stream":"std(?:out|err)"/.test(head.toString('latin1')) ? 1 : 0),
  reader(take, place) {
    const reader = jsonLogReader((entry) => take(recordOf(entry, place)));
    return { push: (chunk) => reader.push(chunk), end: () => reader.end().faults };
  },
};

/** What `GET /containers/{id}/logs?timestamps=1` answers. Told by its collector. */
export const dockerApi: LogFormat = {
  id: 'docker-api',
  title: 'log as the engine gives it',
  sniff: () => 0,
  reader(take, place) {
    const list = faultList();
    const reader = dockerLogReader((entry) => take(recordOf(entry, place)), { keep: KEPT });
    return {
      push: (chunk) => reader.push(chunk),
      end() {
        for (const { offset, reason } of reader.end().faults) list.add(offset, reason);
        return list.end();
      },
    };
  },
};

const CRI =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([FP])(?:[:\w]*)? (.*)$/s;

/** The CRI log format of containerd, CRI-O and Podman's k8s-file: time stream F|P text. */
export const cri = lineFormat({
  id: 'cri',
  title: 'log of a container (CRI)',
  parse(text, place) {
    const match = CRI.exec(text);
    const time = match?.[1] === undefined ? undefined : isoTime(match[1], place);
    if (!match || !time) return undefined;
    const [, , stream = '', tag, message = ''] = match;
    return { time, desc: 'Logged', message, fields: { stream, ...(tag === 'P' && { partial: 'yes' }) } };
  },
});
