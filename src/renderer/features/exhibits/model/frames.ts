/** One read of the host inside framed output; the format is told in docs/evidence-formats.md. */
export interface FrameEntry {
  kind: string;
  pid: number | undefined;
  name: string;
  /** Place of the body in the exhibit, bytes. */
  offset: number;
  length: number;
  limit: number;
  /** Absent where the output ends inside the frame. */
  exit: number | undefined;
  /** What the command said on its standard error. */
  error: string;
}

export interface FrameListing {
  source: string;
  frames: FrameEntry[];
  complete: boolean;
  fault?: string;
}

const HEAD = /^LADING-FRAMES 1 ([0-9a-f]{32}) ([a-z0-9.-]{1,64})\n/;
const FRAME = /^(file|links|output|note|error) (-|\d{1,10}) (\S{1,128}) (\d{1,15})$/;

/** Lists the frames; undefined where the bytes are no framed output. What comes after a fault is not shown. */
export function listFrames(bytes: Uint8Array): FrameListing | undefined {
  // One character a byte, so that offsets in the text are offsets in the exhibit.
  const text = new TextDecoder('latin1').decode(bytes);
  const head = HEAD.exec(text);
  const boundary = head?.[1];
  if (!head || !boundary) return undefined;
  const listing: FrameListing = { source: head[2] ?? '', frames: [], complete: false };
  const marker = `\n${boundary} = `;
  let at = head[0].length;
  while (at < text.length) {
    const lineEnd = text.indexOf('\n', at);
    const line = text.slice(at, lineEnd === -1 ? at + 512 : lineEnd);
    if (line === `${boundary} end`) return { ...listing, complete: true };
    const match = line.startsWith(`${boundary} `) ? FRAME.exec(line.slice(boundary.length + 1)) : null;
    if (!match || lineEnd === -1) return { ...listing, fault: `What stands at byte ${at} is no frame.` };
    const offset = lineEnd + 1;
    const end = text.indexOf(marker, offset);
    const exitEnd = end === -1 ? -1 : text.indexOf('\n', end + marker.length);
    const exit = exitEnd === -1 ? '' : text.slice(end + marker.length, exitEnd);
    const entry: FrameEntry = {
      kind: match[1] ?? '',
      pid: match[2] === '-' ? undefined : Number(match[2]),
      name: match[3] ?? '',
      offset,
      length: (end === -1 ? text.length : end) - offset,
      limit: Number(match[4]),
      exit: /^\d{1,3}$/.test(exit) ? Number(exit) : undefined,
      error: '',
    };
    const last = listing.frames.at(-1);
    if (entry.kind === 'error' && last && last.pid === entry.pid && last.name === entry.name) {
      last.error = new TextDecoder().decode(bytes.subarray(offset, offset + entry.length));
    } else listing.frames.push(entry);
    if (exitEnd === -1) return { ...listing, fault: 'The output ends inside the last frame.' };
    at = exitEnd + 1;
  }
  return { ...listing, fault: 'The output ends before the script did.' };
}
