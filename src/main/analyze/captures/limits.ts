import type { CaptureFacts } from './store';

/** What of a capture was not understood, in sentences; empty where everything was. */
export function limitsOf(facts: CaptureFacts): string[] {
  const n = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
  const { unreadable, fault, unknownLink, malformed, fragmentsLost, streamsGiven, rowsLeft, drops } = facts;
  return [
    unreadable > 0 ? `${n(unreadable, 'byte')} could not be read. ${fault ?? ''}`.trim() : fault,
    unknownLink > 0 ? `${n(unknownLink, 'packet')} of a link type that is not read.` : undefined,
    malformed > 0 ? `${n(malformed, 'header')} that contradict themselves or are cut off.` : undefined,
    fragmentsLost > 0 ? `${n(fragmentsLost, 'datagram')} of which not every piece is there.` : undefined,
    streamsGiven > 0
      ? `${n(streamsGiven, 'connection')} of which only the start was read: too many were open at once.`
      : undefined,
    rowsLeft > 0 ? `${n(rowsLeft, 'row')} that were too many to be listed.` : undefined,
    drops !== undefined && drops > 0 ? `The capturing system lost ${n(drops, 'packet')}.` : undefined,
  ].filter((one) => one !== undefined);
}
